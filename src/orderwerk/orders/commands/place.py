"""Writes placed orders: headers, lines and search words, in one statement for any number of orders."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, ids, sql
from orderwerk.core.uow import is_repeat
from orderwerk.orders.document import Address, OrderDocument
from orderwerk.orders.hold_rules import OWNER, NewHold
from orderwerk.orders.normalise import normal_email, normal_phone, normal_postal_code
from orderwerk.orders.pricing import PricedOrder


@dataclass(slots=True)
class NewOrder:
    """An accepted document with its ids and amounts.

    `components` are per line the products of a kit with the pieces in one (empty: no kit); `claimed`, filled in by the
    flow, are the pieces claimed per line and product. `exemptions`: why each line bears no VAT, words and code. `hold` is put on with it, where a rule of the shop says so.
    """

    id: UUID
    shop_id: UUID
    prefix: str
    locale: str
    document: OrderDocument
    sha256: bytes
    priced: PricedOrder
    line_ids: list[UUID]
    product_ids: list[UUID | None]
    components: list[dict[UUID, int]]
    on_account: bool
    captured: int
    authorized: int
    claimed: dict[tuple[UUID, UUID], int]
    exemptions: list[tuple[str, str]]
    collect_location: UUID | None = None
    hold: NewHold | None = None

    @property
    def version(self) -> int:
        """Its version once it is written: it was placed, and perhaps put on hold."""
        return 2 if self.hold else 1

    @property
    def allocated(self) -> list[int]:
        """What each line has claimed: pieces, or whole kits as far as all their components are claimed."""
        return [self._allocated(i) for i in range(len(self.line_ids))]

    def _allocated(self, i: int) -> int:
        parts = self.components[i]
        if not parts:
            product = self.product_ids[i]
            return 0 if product is None else self.claimed.get((self.line_ids[i], product), 0)
        return min(self.claimed.get((self.line_ids[i], key), 0) // n for key, n in parts.items())

    @property
    def payable(self) -> bool:
        """Whether it may be shipped as far as money goes: paid or authorised in full, or on account."""
        return self.on_account or self.captured + self.authorized >= self.priced.grand_total


def fingerprint(document: OrderDocument) -> bytes:
    """Return the hash by which a repeated document is known as the same."""
    return hashlib.sha256(msgspec.json.encode(document, order="deterministic")).digest()


# The sequence's own id is the key: whoever writes numbers of their own shares it.
_GIVING = "select pg_advisory_xact_lock_shared('orders_number'::regclass::oid::int, 0)"
_ALONE = "select pg_advisory_xact_lock('orders_number'::regclass::oid::int, 0)"


def guard_numbers(numbers: Sequence[str | None]) -> None:
    """Keep generated numbers (None) clear of given ones that are not committed yet; before any other lock.

    A generated number steps over what is committed. It can still meet one that is being written at that moment; the
    second try then waits for all who write given numbers and keeps them out, so it meets none. At most one statement.
    """
    if is_repeat() and None in numbers:
        sql.fetch(_ALONE)
    elif any(numbers):
        sql.fetch(_GIVING)


def insert_orders(orders: Sequence[NewOrder]) -> Callable[[], dict[UUID, tuple[str, str]]]:
    """Write orders with lines and search words; returns a function that waits for number and status per order id."""
    moment = clock.now()
    headers = [_header(order) | {"received_at": moment} for order in orders]
    lines = [row for order in orders for row in _lines(order)]
    parts = [row for order in orders for row in _components(order)]
    given = [order.document.number for order in orders if order.document.number]
    rows = sql.fetch_later(
        _INSERT, (given, sql.to_json(headers), sql.to_json(lines), sql.to_json(parts))
    )
    settle_holds = _insert_holds(orders)

    def answer() -> dict[UUID, tuple[str, str]]:
        placed = {row[0]: (row[1], row[2]) for row in rows()}
        settle_holds()
        return placed

    return answer


_HEADER = (
    "id uuid, shop_id uuid, external_id text, document_sha256 bytea, placed_at timestamptz, received_at timestamptz, currency text, "
    "locale text, prices_include_tax boolean, customer_external_id text, customer_email text, customer_name text, "
    "customer_phone text, customer_company text, customer_vat_number text, billing_address jsonb, delivery_address jsonb, "
    "country text, postal_code text, comment text, tags text[], metadata jsonb, shipping_method text, shipping_name text, "
    "shipping_tax_rate numeric, shipping_net_minor bigint, shipping_tax_minor bigint, discount_code text, items_minor bigint, "
    "discount_minor bigint, shipping_minor bigint, tax_minor bigint, grand_total_minor bigint, captured_minor bigint, "
    "authorized_minor bigint, on_account boolean, collect_location_id uuid, units_ordered bigint, units_allocated bigint, "
    "holds_open int, version int"
)
_LINE = (
    "id uuid, shop_id uuid, order_id uuid, position int, external_id text, sku text, name text, product_id uuid, quantity int, "
    "unit_price_minor bigint, discount_minor bigint, order_discount_minor bigint, tax_rate numeric, vat_exemption text, vat_exemption_code text, net_minor bigint, "
    "tax_minor bigint, gross_minor bigint, allocated int"
)
_COMPONENT = (
    "id uuid, shop_id uuid, order_id uuid, order_line_id uuid, product_id uuid, per_kit int, needed int, "
    "allocated int"
)


_HOLDS = """
insert into orders_hold (id, shop_id, order_id, reason, owner_name, until, created_at, rule, assigned_to_id)
select t.id, t.shop_id, t.order_id, t.reason, %s, t.until, %s, t.rule, u.id
from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::text[], %s::text[])
  as t(id, shop_id, order_id, reason, until, rule, owner)
left join accounts_user u on u.username = t.owner and u.is_active
  and (u.all_shops or exists (select 1 from accounts_user_shop x where x.user_id = u.id and x.shop_id = t.shop_id))
returning order_id, assigned_to_id is null
"""


def _insert_holds(orders: Sequence[NewOrder]) -> Callable[[], None]:
    """Write the holds of new orders; no statement where there is none.

    Returns a function that waits, and takes from each hold an owner who has left meanwhile or may not see the shop any more.
    """
    held = [(order, order.hold) for order in orders if order.hold is not None]
    if not held:
        return lambda: None
    rows = sql.fetch_later(
        _HOLDS,
        (
            OWNER, clock.now(), ids.new_ids(len(held)), [o.shop_id for o, _ in held], [o.id for o, _ in held],
            [h.reason for _, h in held], [h.until for _, h in held], [h.rule for _, h in held], [h.owner for _, h in held],
        ),
    )  # fmt: skip

    def settle() -> None:
        nobodys = {order_id for order_id, is_nobodys in rows() if is_nobodys}
        for order, hold in held:
            if order.id in nobodys:
                order.hold = replace(hold, owner=None)

    return settle


def _names(columns: str) -> str:
    return ", ".join(column.split()[0] for column in columns.split(", "))


_INSERT = f"""
with placed as (
  insert into orders_order ({_names(_HEADER)}, number, cancelled_minor, invoiced_minor, credited_minor, refunded_minor,
    priority, units_cancelled, units_picked, units_shipped)
  select {_names(_HEADER)}, coalesce(given_number, orders_free_number(prefix, %s::text[])), 0, 0, 0, 0, 0, 0, 0, 0
  from jsonb_to_recordset(%s::jsonb) as t({_HEADER}, given_number text, prefix text)
  returning id, number, status, shop_id, placed_at, customer_name, customer_company, customer_email, billing_address, delivery_address
), lines as (
  insert into orders_line ({_names(_LINE)}, cancelled, picked, shipped, returned, credited)
  select {_names(_LINE)}, 0, 0, 0, 0, 0 from jsonb_to_recordset(%s::jsonb) as t({_LINE})
), parts as (
  insert into orders_component ({_names(_COMPONENT)}, picked, shipped)
  select {_names(_COMPONENT)}, 0, 0 from jsonb_to_recordset(%s::jsonb) as t({_COMPONENT})
), words as (
  insert into orders_search (order_id, shop_id, placed_at, doc)
  select id, shop_id, placed_at, to_tsvector('simple', concat_ws(' ', customer_name, customer_company,
    billing_address ->> 'name', delivery_address ->> 'name', delivery_address ->> 'company', delivery_address ->> 'city'))
  from placed
)
select id, number, status from placed
"""


def _header(order: NewOrder) -> dict[str, Any]:
    document, priced = order.document, order.priced
    delivery = document.delivery_address or document.billing_address
    customer = document.customer
    return {
        "id": order.id, "shop_id": order.shop_id, "external_id": document.external_id,
        "document_sha256": "\\x" + order.sha256.hex(), "placed_at": document.placed_at, "currency": document.currency,
        "locale": order.locale, "prices_include_tax": document.prices_include_tax,
        "customer_external_id": customer.external_id, "customer_email": normal_email(customer.email),
        "customer_name": customer.name, "customer_phone": normal_phone(customer.phone, delivery.country),
        "customer_company": customer.company, "customer_vat_number": customer.vat_number,
        "billing_address": address_json(document.billing_address), "delivery_address": address_json(delivery),
        "country": delivery.country, "postal_code": normal_postal_code(delivery.postal_code),
        "comment": document.comment or "", "tags": "{" + ",".join(_quote(tag) for tag in dict.fromkeys(document.tags)) + "}",
        "metadata": document.metadata, "shipping_method": document.shipping.method, "shipping_name": document.shipping.name,
        "shipping_tax_rate": str(priced.shipping.rate), "shipping_net_minor": priced.shipping.net,
        "shipping_tax_minor": priced.shipping.tax, "discount_code": document.discount.code or "", "items_minor": priced.items,
        "discount_minor": priced.discount, "shipping_minor": priced.shipping_price, "tax_minor": priced.tax,
        "grand_total_minor": priced.grand_total, "captured_minor": order.captured, "authorized_minor": order.authorized,
        "on_account": order.on_account, "collect_location_id": order.collect_location, "units_ordered": sum(line.quantity for line in document.lines),
        "units_allocated": sum(order.allocated), "holds_open": 1 if order.hold else 0, "version": order.version, "given_number": document.number, "prefix": order.prefix,
    }  # fmt: skip


def _quote(tag: str) -> str:
    return '"' + tag.replace("\\", "\\\\").replace('"', '\\"') + '"'


def address_json(address: Address) -> dict[str, Any]:
    """Return an address as it is stored and shown."""
    stored: dict[str, Any] = msgspec.to_builtins(address)
    return stored


def _components(order: NewOrder) -> list[dict[str, Any]]:
    return [
        {
            "id": ids.new_id(), "shop_id": order.shop_id, "order_id": order.id, "order_line_id": line_id, "product_id": product,
            "per_kit": n, "needed": n * line.quantity, "allocated": order.claimed.get((line_id, product), 0),
        }
        for line_id, line, parts in zip(order.line_ids, order.document.lines, order.components, strict=True)
        for product, n in parts.items()
    ]  # fmt: skip


def _lines(order: NewOrder) -> list[dict[str, Any]]:
    allocated = order.allocated
    return [
        {
            "id": order.line_ids[i], "shop_id": order.shop_id, "order_id": order.id, "position": i + 1,
            "external_id": line.external_id, "sku": line.sku, "name": line.name, "product_id": order.product_ids[i],
            "quantity": line.quantity, "unit_price_minor": priced.unit_price, "discount_minor": priced.discount,
            "order_discount_minor": priced.order_discount, "tax_rate": str(priced.rate),
            "vat_exemption": order.exemptions[i][0], "vat_exemption_code": order.exemptions[i][1], "net_minor": priced.net,
            "tax_minor": priced.tax, "gross_minor": priced.gross, "allocated": allocated[i],
        }
        for i, (line, priced) in enumerate(zip(order.document.lines, order.priced.lines, strict=True))
    ]  # fmt: skip
