"""Reads of return requests: what was announced, the reasons and the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select, prefix_range
from orderwerk.orders.visibility import limit_to_orders
from orderwerk.return_requests.reasons import start_list
from orderwerk.return_requests.statuses import ReturnRequestStatus


class ReturnRequestRow(msgspec.Struct, frozen=True):
    """One return request without its lines; the fee in minor units of the order's currency."""

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    shop: str
    customer_name: str
    country: str
    currency: str
    locale: str
    status: str
    outcome: str
    origin: str
    comment: str
    fee_minor: int
    is_favour: bool
    is_kept: bool
    keep_up_to_minor: int | None
    created_at: datetime
    decided_at: datetime | None
    finished_at: datetime | None
    decision_note: str
    version: int
    units: int
    line_count: int
    return_id: UUID | None
    return_number: str | None
    in_box_of: UUID | None
    box: str | None
    is_gift: bool
    receiver_name: str
    receiver_email: str
    receiver_language: str
    way: str
    bring_to: str | None
    bring_to_name: str | None
    bring_to_is_open: bool | None
    photos: int


class ReturnRequestLineRow(msgspec.Struct, frozen=True):
    """So many announced pieces of an order line; `returned` of the line came back in all, `wanted_sku` is asked for instead."""

    id: UUID
    request_id: UUID
    order_line_id: UUID
    sku: str
    name: str
    image_url: str | None
    quantity: int
    reason: str
    reason_names: dict[str, str]
    shipped: int
    returned: int
    wanted_sku: str | None
    wanted_name: str | None
    wanted_quantity: int | None


class ReasonRow(msgspec.Struct, frozen=True):
    """One return reason of the merchant's list."""

    id: UUID
    code: str
    names: dict[str, str]
    is_active: bool
    position: int


class PolicyRow(msgspec.Struct, frozen=True):
    """What one shop takes back; defaults where nothing was set. The fee in minor units of the shop's currency; version 0: nobody has set any."""

    shop_id: UUID
    shop: str
    name: str
    currency: str
    return_window_days: int
    return_portal: bool
    outcomes: list[str]
    countries: list[str]
    excluded_skus: list[str]
    fee_minor: int
    approve_at_once: bool
    colour: str
    exchange_short: str
    store_credit_days: int | None
    keep_up_to_minor: int | None
    gift_returns: bool
    free_reasons: list[str]
    photo_reasons: list[str]
    checked_reasons: list[str]
    ways: list[str]
    drop_locations: list[str]
    version: int
    instructions: dict[str, str]


_COLUMNS = (
    "r.id, r.number, r.order_id, o.number, s.code, o.customer_name, o.country, o.currency, o.locale, r.status, r.outcome, r.origin, "
    "r.comment, r.fee_minor, r.is_favour, r.is_kept, (select p.keep_up_to_minor from return_requests_policy p where p.shop_id = r.shop_id and o.currency = s.currency), r.created_at, r.decided_at, r.finished_at, r.decision_note, r.version, "
    "coalesce(c.units, 0)::int, c.lines::int, b.id, b.number, r.in_box_of_id, x.number, r.is_gift, r.receiver_name, r.receiver_email, r.receiver_language, r.way, g.code, g.name, g.is_active, "
    "(select count(*) from return_requests_photo f where f.request_id = r.id)::int"
)
_SOURCE = (
    "return_requests_request r join orders_order o on o.id = r.order_id join shops_shop s on s.id = r.shop_id "
    "left join returns_return b on b.request_id = r.id left join return_requests_request x on x.id = r.in_box_of_id "
    "left join stock_location g on g.id = r.bring_to_id cross join lateral ("
    "select sum(k.quantity) as units, count(*) as lines from return_requests_line k where k.request_id = r.id) c"
)
_SORT = keyset.sortings(id=(("r.id", "uuid"),))["-id"]
_CONDITIONS = {
    "status": "r.status = %s",
    "order_id": "r.order_id = %s",
    "shop": "r.shop_id = (select id from shops_shop where code = %s)",
    "sku": "r.id in (select k.request_id from return_requests_line k join orders_line l on l.id = k.order_line_id where l.sku = %s)",
    "origin": "r.origin = %s",
    "in_box_of": "r.in_box_of_id = %s",
    "label": "exists (select 1 from return_requests_label b where b.request_id = r.id and b.status = %s)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRequestFilters:
    """What a list of return requests is narrowed to; `q` begins a number of a request or an order, `label`: how its label stands."""

    status: str | None = None
    q: str | None = None
    order_id: UUID | None = None
    shop: str | None = None
    sku: str | None = None
    origin: str | None = None
    in_box_of: UUID | None = None
    label: str | None = None


def _select(actor: Actor) -> Select:
    where = Conditions()
    limit_to_orders(where, actor, order="r.order_id", shop="r.shop_id")
    return Select(_COLUMNS, _SOURCE, where)


def return_request_page(
    actor: Actor, filters: ReturnRequestFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ReturnRequestRow]:
    """Return one page of return requests, newest first; one statement."""
    select = _select(actor)
    select.where.narrow(filters, _CONDITIONS)
    text = (filters.q or "").strip()
    if text:
        number, values = prefix_range("r.number", text.upper())
        order, others = prefix_range("o.number", text)
        select.where.add(f"({number} or {order})", *values, *others)
    rows, more = keyset.fetch_page(select, _SORT, cursor, limit)
    return Page([ReturnRequestRow(*row) for row in rows], more)


def _one(actor: Actor, condition: str, value: UUID | str) -> ReturnRequestRow:
    select = _select(actor)
    select.where.add(condition, value)
    rows, _ = keyset.fetch_page(select, _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no return request {value}.", code="unknown_return_request")
    return ReturnRequestRow(*rows[0])


def return_request_detail(actor: Actor, request_id: UUID) -> ReturnRequestRow:
    """Return one return request; one statement. Refuses with NotFound."""
    return _one(actor, "r.id = %s", request_id)


def return_request_by_number(actor: Actor, number: str) -> ReturnRequestRow:
    """Return the return request of a number; see return_request_detail."""
    return _one(actor, "r.number = %s", number[:60])


_LINES = """
select k.id, k.request_id, k.order_line_id, l.sku, l.name, p.image_url, k.quantity, n.code, n.names, l.shipped, l.returned,
  w.sku, w.name, k.wanted_quantity
from return_requests_line k join orders_line l on l.id = k.order_line_id left join catalog_product p on p.id = l.product_id
join return_requests_reason n on n.id = k.reason_id
left join catalog_product w on w.id = k.wanted_id
where k.request_id = any(%s::uuid[]) order by k.request_id, l.position
"""


def wishes_to_keep(request_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the numbers of those requests in which a customer asks to keep the goods, and nobody has decided."""
    rows = sql.read("select id, number from return_requests_request where id = any(%s) and outcome = 'keep' and status = 'requested'", [list(request_ids)])  # fmt: skip
    return dict(rows)


def return_request_lines(
    request_ids: Sequence[UUID],
) -> dict[UUID, list[ReturnRequestLineRow]]:
    """Return the lines of requests that the caller has read before; one statement."""
    found: dict[UUID, list[ReturnRequestLineRow]] = {key: [] for key in request_ids}
    for row in sql.read(_LINES, (list(request_ids),)):
        found[row[1]].append(ReturnRequestLineRow(*(*row[:8], sql.from_json(row[8]), *row[9:])))
    return found


def return_request_tab_counts(actor: Actor) -> dict[str, int]:
    """Return how many requests stand in each status; one statement."""
    where = Conditions()
    limit_to_orders(where, actor, order="r.order_id", shop="r.shop_id")
    rows = sql.read(
        f"select r.status, count(*) from return_requests_request r where {where.where()} group by r.status",
        where.params,
    )
    return dict.fromkeys(ReturnRequestStatus.values, 0) | dict(rows)


_REASON_SORT = keyset.sortings(position=(("n.position", "int"), ("n.code", "text")))["position"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonFilters:
    """What the list of return reasons is narrowed to."""

    code: str | None = None


def reason_page(
    _actor: Actor, filters: ReasonFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ReasonRow]:
    """Return one page of the merchant's return reasons in their order; our own list where there is none yet."""
    start_list()
    where = Conditions()
    where.narrow(filters, {"code": "n.code = %s"})
    columns = "n.id, n.code, n.names, n.is_active, n.position"
    select = Select(columns, "return_requests_reason n", where)
    rows, more = keyset.fetch_page(select, _REASON_SORT, cursor, limit)
    return Page([ReasonRow(row[0], row[1], sql.from_json(row[2]), *row[3:]) for row in rows], more)


def reason_detail(_actor: Actor, reason_id: UUID) -> ReasonRow:
    """Return one return reason; one statement. Refuses with NotFound."""
    rows = sql.read(
        "select id, code, names, is_active, position from return_requests_reason where id = %s",
        (reason_id,),
    )
    if not rows:
        raise NotFound(f"There is no return reason {reason_id}.", code="unknown_reason")
    return ReasonRow(rows[0][0], rows[0][1], sql.from_json(rows[0][2]), *rows[0][3:])


def all_reasons(actor: Actor) -> list[ReasonRow]:
    """Return all return reasons in their order, two hundred at most; two statements."""
    return reason_page(actor, ReasonFilters(), limit=keyset.MOST_ROWS).items


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFilters:
    """What the list of return policies is narrowed to."""

    shop: str | None = None
    shop_id: UUID | None = None


_POLICY_SORT = keyset.sortings(code=(("s.code", "text"),))["code"]


def policy_page(
    actor: Actor, filters: PolicyFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[PolicyRow]:
    """Return one page of what shops take back, by shop; one statement."""
    where = Conditions()
    if actor.shop_ids is not None:
        where.add("s.id = any(%s::uuid[])", sorted(actor.shop_ids))
    where.narrow(filters, {"shop": "s.code = %s", "shop_id": "s.id = %s"})
    columns = (
        "s.id, s.code, s.name, s.currency, s.return_window_days, s.return_portal, coalesce(p.outcomes, '{refund}'), "
        "coalesce(p.countries, '{}'), coalesce(p.excluded_skus, '{}'), coalesce(p.fee_minor, 0), coalesce(p.approve_at_once, false), "
        "coalesce(p.colour, ''), coalesce(p.exchange_short, 'backorder'), p.store_credit_days, p.keep_up_to_minor, coalesce(p.gift_returns, false), "
        "coalesce(p.free_reasons, '{}'), coalesce(p.photo_reasons, '{}'), coalesce(p.checked_reasons, '{}'), coalesce(p.ways, '{}'), "
        "coalesce(p.drop_locations, '{}'), coalesce(p.version, 0), coalesce(p.instructions, '{}')"
    )
    source = "shops_shop s left join return_requests_policy p on p.shop_id = s.id"
    rows, more = keyset.fetch_page(Select(columns, source, where), _POLICY_SORT, cursor, limit)
    return Page([PolicyRow(*(*row[:-1], sql.from_json(row[-1]))) for row in rows], more)


def policy_detail(actor: Actor, shop_id: UUID) -> PolicyRow:
    """Return what one shop takes back; one statement. Refuses with NotFound."""
    found = policy_page(actor, PolicyFilters(shop_id=shop_id), limit=1).items
    if not found:
        raise NotFound(f"There is no shop {shop_id}.", code="unknown_shop")
    return found[0]


_INSTEAD = """
select l.id, p.sku, p.name from orders_line l join catalog_product o on o.id = l.product_id
join catalog_product p on p.id = o.id or p.sku = any(o.substitutes)
where l.order_id = %s order by l.position, p.id <> o.id, array_position(o.substitutes, p.sku)
"""


def instead_of(order_id: UUID) -> dict[UUID, list[tuple[str, str]]]:
    """Return what a customer may have instead, by line: the same article, then its substitutes; one statement."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    for line_id, sku, name in sql.read(_INSTEAD, (order_id,)):
        found.setdefault(line_id, []).append((sku, name))
    return found
