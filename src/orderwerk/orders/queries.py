"""Reads of orders: lists with search and exact tab counts, one order whole, its history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.hold_queries import NOBODY
from orderwerk.orders.rows import (
    EVENT_COLUMNS,
    EVENT_SOURCE,
    LINE_COLUMNS,
    ORDER_COLUMNS,
    EventRow,
    HoldRow,
    LineRow,
    OrderDetail,
    OrderLinks,
    OrderRow,
    TabCounts,
    event_row,
    order_row,
)
from orderwerk.orders.search import MOST_AT_ALL, MOST_PER_INDEX, Cut, cuts, search
from orderwerk.orders.statuses import OrderStatus
from orderwerk.orders.visibility import limit_to_orders, limit_to_shops, uuid_list

T = TypeVar("T")
# What was asked for in a pipeline; calling it waits for the answer.
Later = Callable[[], T]

ORDER_SORTS = keyset.sortings(
    placed_at=(("o.placed_at", "timestamptz"), ("o.id", "uuid")),
    number=(("o.number", "text"),),
    total=(("o.grand_total_minor", "bigint"), ("o.id", "uuid")),
    # In which stock goes to them: an index has it for those that wait for stock alone.
    turn=(("o.priority * -1", "int"), ("o.placed_at", "timestamptz"), ("o.id", "uuid")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilters:
    """What a list of orders is narrowed to; `q` is the search box, `shop` a code, `sku` any line's.

    `hold_owner` is the login name of who deals with an open hold of it, or - for one that is nobody's.
    """

    status: str | None = None
    q: str | None = None
    shop: str | None = None
    number: str | None = None
    external_id: str | None = None
    placed_after: datetime | None = None
    placed_before: datetime | None = None
    tag: str | None = None
    country: str | None = None
    sku: str | None = None
    location: str | None = None
    hold_owner: str | None = None


# Filter → condition on `o`; a filter that is not asked for adds nothing.
_CONDITIONS = {
    "status": "o.status = %s",
    "shop": "o.shop_id = (select id from shops_shop where code = %s)",
    "number": "o.number = %s",
    "external_id": "o.external_id = %s",
    "placed_after": "o.placed_at >= %s",
    "placed_before": "o.placed_at < %s",
    "tag": "o.tags <> '{}' and o.tags @> array[%s]::text[]",
    "country": "o.country = %s",
    "sku": "o.id in (select order_id from orders_line where sku = %s)",
    "location": "o.id in (select h.order_id from shipments_shipment h join stock_location x on x.id = h.location_id"
    " where x.code = %s)",
    "hold_owner": "o.holds_open > 0 and o.id in (select h.order_id from orders_hold h left join accounts_user u on u.id = h.assigned_to_id"
    f" where h.released_at is null and coalesce(u.username, '{NOBODY}') = %s)",
}
_SOURCE = "orders_order o join shops_shop s on s.id = o.shop_id"


def order_page(
    actor: Actor,
    filters: OrderFilters,
    *,
    sort: str = "-placed_at",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[OrderRow]:
    """Return one page of orders, newest first unless sorted otherwise; one statement.

    A text to search for is one or two statements more: where it has thousands of hits, the newest of an e-mail address,
    number or postal code are looked at first, and of everything else 20,000 hits. Refuses (BadInput) an unknown sort, `turn` for
    others than those that wait for stock, a cursor that is not ours, a limit that is not 1 to 200.
    """
    sorting = keyset.chosen(ORDER_SORTS, sort)
    if sorting.keys is ORDER_SORTS["turn"].keys and filters.status != OrderStatus.AWAITING_STOCK:
        raise BadInput(
            "Only orders that wait for stock have a turn: add status=awaiting_stock.",
            code="unknown_sort",
            pointer="/sort",
        )
    keyset.check_limit(limit)
    where = Conditions()
    limit_to_orders(where, actor, order="o.id", shop="o.shop_id")
    where.narrow(filters, _CONDITIONS)
    text = (filters.q or "").strip()

    def read(most: int) -> Page[OrderRow]:
        select = Select(ORDER_COLUMNS, _SOURCE, where)
        if text:
            select.before, select.before_params = search(
                text, where, sorting, cursor, limit, most=most
            )
            found = [*where.parts, "o.id in (select * from found)"]
            select.where = Conditions(found, list(where.params))
        rows, more = keyset.fetch_page(select, sorting, cursor, limit)
        return Page([order_row(row) for row in rows], more)

    cut = cuts(text) if text else Cut()
    # The newest hits say nothing of the dearest.
    if cut.loose or (sorting.name != "-placed_at" and cut.unseen_until is not None):
        return read(MOST_AT_ALL)
    page = read(MOST_PER_INDEX)
    last = page.items[-1].placed_at if page.next is not None else None
    return read(MOST_AT_ALL) if cut.may_change(last) else page


# The attributes of a row that a sort reads, by the sort's name without its sign.
_SORTED_BY = {
    "placed_at": ("placed_at", "id"),
    "number": ("number",),
    "total": ("grand_total_minor", "id"),
    "turn": ("turn", "placed_at", "id"),
}


def cut_page(page: Page[OrderRow], sort: str, most_lines: int) -> Page[OrderRow]:
    """Return the page up to so many order lines in all (one order at least), so that no page grows without bound."""
    lines = 0
    for index, row in enumerate(page.items):
        lines += row.line_count
        if lines > most_lines and index > 0:
            last = page.items[index - 1]
            values = [getattr(last, name) for name in _SORTED_BY[sort.removeprefix("-")]]
            return Page(
                page.items[:index], keyset.write_cursor(keyset.chosen(ORDER_SORTS, sort), values)
            )
    return page


def order_tab_counts(actor: Actor, shop: str | None = None) -> dict[str, int]:
    """Return how many orders stand in each status, exactly; one statement. Every status is there, also with 0."""
    where = Conditions()
    if actor.location_ids is None:
        limit_to_shops(where, actor, "o.shop_id")
        counted = "sum(n)::bigint from orders_tab_count o"
    else:
        # No summary knows locations; their orders are counted one by one.
        limit_to_orders(where, actor, order="o.id", shop="o.shop_id")
        counted = "count(*) from orders_order o"
    if shop is not None:
        where.add(_CONDITIONS["shop"], shop)
    rows = sql.read(
        f"select o.status, {counted} where {where.where()} group by o.status", where.params
    )
    return dict.fromkeys(OrderStatus.values, 0) | dict(rows)


# What stands at a location counts for those who may see it: who is limited to locations counts no others.
_HEADER = f"""
select {ORDER_COLUMNS},
  (select count(*) from allocations_allocation a where a.order_id = o.id and (%s::uuid[] is null or a.location_id = any(%s::uuid[]))),
  (select count(distinct k.pick_list_id) from picklists_line k join picklists_pick_list w on w.id = k.pick_list_id
    where k.order_id = o.id and (%s::uuid[] is null or w.location_id = any(%s::uuid[]))),
  (select count(*) from shipments_shipment h where h.order_id = o.id and (%s::uuid[] is null or h.location_id = any(%s::uuid[]))),
  (select count(*) from payments_payment y where y.order_id = o.id),
  (select count(*) from memos_memo m where m.order_id = o.id),
  (select count(*) from emails_email x where x.order_id = o.id),
  (select count(*) from core_event e where e.order_id = o.id),
  (select count(*) from invoices_invoice v where v.order_id = o.id),
  (select count(*) from return_requests_request q where q.order_id = o.id),
  (select count(*) from returns_return r where r.order_id = o.id),
  (select count(*) from refunds_refund f where f.order_id = o.id)
from {_SOURCE} where
"""
_LINES = f"""
select {LINE_COLUMNS} from orders_line l left join catalog_product p on p.id = l.product_id
where l.order_id = any(%s::uuid[]) order by l.order_id, l.position
"""
_HOLDS = """
select h.id, h.reason, h.owner_name, h.until, h.created_at, h.released_at, h.released_by, h.rule, u.username, u.name
from orders_hold h left join accounts_user u on u.id = h.assigned_to_id
where h.order_id = %s order by h.created_at desc, h.id desc
"""


def _detail(actor: Actor, condition: str, value: UUID | str, named: str) -> OrderDetail:
    where = Conditions()
    where.add(condition, value)
    limit_to_orders(where, actor, order="o.id", shop="o.shop_id")
    places = None if actor.location_ids is None else uuid_list(actor.location_ids)
    rows = sql.read(f"{_HEADER} {where.where()}", [places] * 6 + where.params)
    if not rows:
        raise NotFound(f"There is no order {named}.", code="unknown_order")
    width = len(OrderRow.__struct_fields__)
    order = order_row(rows[0][:width])
    lines = [LineRow(*row) for row in sql.read(_LINES, ([order.id],))]
    holds = [HoldRow(*row) for row in sql.read(_HOLDS, (order.id,))]
    return OrderDetail(order, lines, holds, TabCounts(order.line_count, *rows[0][width:]))


def order_detail(actor: Actor, order_id: UUID) -> OrderDetail:
    """Return one order with lines, holds and the counts of its tabs; three statements. Refuses with NotFound."""
    return _detail(actor, "o.id = %s", order_id, str(order_id))


def order_detail_by_number(actor: Actor, number: str) -> OrderDetail:
    """Return the order of a number; see order_detail."""
    return _detail(actor, "o.number = %s", number, number[:60])


def order_lines_later(order_ids: Sequence[UUID]) -> Later[dict[UUID, list[LineRow]]]:
    """Ask for the lines of orders that the caller has read before; one statement, for use inside `sql.pipelined`."""
    rows = sql.fetch_later(_LINES, (list(order_ids),))

    def answer() -> dict[UUID, list[LineRow]]:
        found: dict[UUID, list[LineRow]] = {order_id: [] for order_id in order_ids}
        for row in rows():
            found[row[1]].append(LineRow(*row))
        return found

    return answer


def order_lines(order_ids: Sequence[UUID]) -> dict[UUID, list[LineRow]]:
    """Return the lines of orders that the caller has read before; one statement."""
    return order_lines_later(order_ids)()


_LINKS = """
select o.id,
  array(select a.id from allocations_allocation a where a.order_id = o.id order by a.id),
  array(select distinct k.pick_list_id from picklists_line k where k.order_id = o.id order by 1),
  array(select h.id from shipments_shipment h where h.order_id = o.id order by h.id),
  array(select y.id from payments_payment y where y.order_id = o.id order by y.id),
  array(select m.id from memos_memo m where m.order_id = o.id order by m.id),
  array(select x.id from emails_email x where x.order_id = o.id order by x.id),
  array(select v.id from invoices_invoice v where v.order_id = o.id order by v.id),
  array(select f.id from refunds_refund f where f.order_id = o.id order by f.id),
  array(select q.id from return_requests_request q where q.order_id = o.id order by q.id),
  array(select r.id from returns_return r where r.order_id = o.id order by r.id)
from unnest(%s::uuid[]) as o(id)
"""


def order_links_later(order_ids: Sequence[UUID]) -> Later[dict[UUID, OrderLinks]]:
    """Ask for the ids of what belongs to orders; one statement, for use inside `sql.pipelined`."""
    rows = sql.fetch_later(_LINKS, (list(order_ids),))
    return lambda: {row[0]: OrderLinks(*row[1:]) for row in rows()}


def order_links(order_ids: Sequence[UUID]) -> dict[UUID, OrderLinks]:
    """Return the ids of what belongs to orders that the caller has read before; one statement."""
    return order_links_later(order_ids)()


def orders_by_id_later(actor: Actor, order_ids: Sequence[UUID]) -> Later[list[OrderRow]]:
    """Ask for orders by their ids; one statement, for use inside `sql.pipelined`."""
    where = Conditions()
    where.add("o.id = any(%s::uuid[])", list(order_ids))
    limit_to_orders(where, actor, order="o.id", shop="o.shop_id")
    rows = sql.fetch_later(
        f"select {ORDER_COLUMNS} from {_SOURCE} where {where.where()}", where.params
    )

    def answer() -> list[OrderRow]:
        found = {row[0]: order_row(row) for row in rows()}
        return [found[order_id] for order_id in order_ids if order_id in found]

    return answer


def orders_by_id(actor: Actor, order_ids: Sequence[UUID]) -> list[OrderRow]:
    """Return those of the orders that the actor may see, in the order of the ids asked for; one statement."""
    return orders_by_id_later(actor, order_ids)()


_EVENT_SORTS = keyset.sortings(id=(("e.id", "uuid"),))


def order_events(
    actor: Actor,
    order_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 50,
    newest_first: bool = True,
) -> Page[EventRow]:
    """Return a page of an order's history; one statement. An order that is not there, or not for this actor, has none."""
    where = Conditions()
    where.add("e.order_id = %s", order_id)
    limit_to_orders(where, actor, order="e.order_id", shop="e.shop_id")
    select = Select(EVENT_COLUMNS, EVENT_SOURCE, where)
    sorting = _EVENT_SORTS["-id" if newest_first else "id"]
    rows, more = keyset.fetch_page(select, sorting, cursor, limit)
    return Page([event_row(row) for row in rows], more)


# The feed is read in the order of commits. What a transaction that is still open has written may yet appear before
# rows that are there already, so the feed ends before the oldest of those.
_FEED_SORT = keyset.sortings(at=(("e.txid", "bigint"), ("e.id", "uuid")))["at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilters:
    """What a feed of events is narrowed to."""

    order_id: UUID | None = None
    object_id: UUID | None = None
    kind: str | None = None
    shop: str | None = None


_EVENT_CONDITIONS = {
    "order_id": "e.order_id = %s",
    "object_id": "e.aggregate_id = %s",
    "kind": "e.kind = %s",
    "shop": "e.shop_id = (select id from shops_shop where code = %s)",
}


def event_feed(
    actor: Actor,
    filters: EventFilters,
    *,
    cursor: str | None = None,
    limit: int = 50,
    with_people: bool = True,
) -> Page[EventRow]:
    """Return the history of everything in the order of commits; the last page too has a cursor, to go on from later.

    Who is limited to locations sees the events of their orders; events of no shop (products, people) need no limit to shops.
    `with_people`: also the events of people and tokens, for those who may see the settings.
    """
    where = Conditions()
    if not with_people:
        where.add("e.aggregate_type not in ('user', 'token')")
    where.add("e.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    limit_to_orders(where, actor, order="e.order_id", shop="e.shop_id")
    where.narrow(filters, _EVENT_CONDITIONS)
    select = Select(f"{EVENT_COLUMNS}, e.txid", EVENT_SOURCE, where)
    rows, more = keyset.fetch_page(select, _FEED_SORT, cursor, limit)
    if more is None:
        more = keyset.write_cursor(_FEED_SORT, (rows[-1][-1], rows[-1][0])) if rows else cursor
    return Page([event_row(row[:-1]) for row in rows], more)


def event_detail(actor: Actor, event_id: UUID) -> EventRow:
    """Return one event, not those of people and tokens; one statement. Refuses with NotFound."""
    where = Conditions()
    where.add("e.id = %s and e.aggregate_type not in ('user', 'token')", event_id)
    limit_to_orders(where, actor, order="e.order_id", shop="e.shop_id")
    rows = sql.read(
        f"select {EVENT_COLUMNS} from {EVENT_SOURCE} where {where.where()}", where.params
    )
    if not rows:
        raise NotFound(f"There is no event {event_id}.", code="unknown_event")
    return event_row(rows[0])
