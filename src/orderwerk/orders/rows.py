"""Orders as they are read: header, lines, holds, counts and history; the same rows for console, API and exports."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import sql


class OrderRow(msgspec.Struct, frozen=True, kw_only=False):
    """One order without its lines; amounts in minor units of `currency`."""

    id: UUID
    shop: str
    shop_name: str
    shop_id: UUID
    number: str
    external_id: str
    status: str
    version: int
    placed_at: datetime
    received_at: datetime
    currency: str
    locale: str
    prices_include_tax: bool
    customer_external_id: str | None
    customer_email: str | None
    customer_name: str
    customer_phone: str | None
    customer_company: str | None
    customer_vat_number: str | None
    billing_address: dict[str, Any]
    delivery_address: dict[str, Any]
    comment: str
    tags: list[str]
    metadata: dict[str, str]
    shipping_method: str
    shipping_name: str
    shipping_tax_rate: Decimal
    shipping_minor: int
    discount_code: str
    discount_minor: int
    items_minor: int
    tax_minor: int
    grand_total_minor: int
    cancelled_minor: int
    retained_minor: int
    captured_minor: int
    authorized_minor: int
    invoiced_minor: int
    credited_minor: int
    refundable_minor: int
    refund_reserved_minor: int
    refunded_minor: int
    on_account: bool
    collect_at: str | None
    collect_name: str | None
    priority: int
    holds_open: int
    units_ordered: int
    units_cancelled: int
    units_allocated: int
    units_picked: int
    units_shipped: int
    erased_at: datetime | None
    line_count: int

    @property
    def units_open(self) -> int:
        """Pieces that wait for stock: neither claimed, shipped nor cancelled."""
        return self.units_ordered - self.units_cancelled - self.units_allocated - self.units_shipped

    @property
    def turn(self) -> int:
        """What its turn is sorted by first: what has more priority comes before."""
        return -self.priority

    @property
    def kept_minor(self) -> int:
        """What the order costs without what was cancelled of it; what is kept for that all the same is in it."""
        return self.grand_total_minor - self.cancelled_minor

    @property
    def due_minor(self) -> int:
        """What the customer still has to pay; negative: paid too much."""
        return self.kept_minor - self.captured_minor - self.authorized_minor


_OTHERS = {
    "shop": "s.code",
    "shop_name": "s.name",
    "collect_at": "(select c.code from stock_location c where c.id = o.collect_location_id)",
    "collect_name": "(select c.name from stock_location c where c.id = o.collect_location_id)",
    "line_count": "(select count(*) from orders_line l where l.order_id = o.id)",
}
ORDER_COLUMNS = ", ".join(_OTHERS.get(name, f"o.{name}") for name in OrderRow.__struct_fields__)
_BILLING = OrderRow.__struct_fields__.index("billing_address")
_METADATA = OrderRow.__struct_fields__.index("metadata")


def order_row(row: sql.Row) -> OrderRow:
    """Make an order of what ORDER_COLUMNS selected."""
    values = list(row)
    for index in (_BILLING, _BILLING + 1, _METADATA):
        values[index] = sql.from_json(values[index])
    return OrderRow(*values)


class LineRow(msgspec.Struct, frozen=True):
    """One line of an order with its counters; `product_id` is None while the catalogue does not know the sku."""

    id: UUID
    order_id: UUID
    position: int
    external_id: str | None
    sku: str
    name: str
    product_id: UUID | None
    image_url: str | None
    quantity: int
    unit_price_minor: int
    discount_minor: int
    order_discount_minor: int
    tax_rate: Decimal
    vat_exemption: str
    vat_exemption_code: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    cancelled: int
    expired: int
    cancel_requested: int
    allocated: int
    picked: int
    shipped: int
    returned: int
    claimed: int
    credited: int

    @property
    def waiting(self) -> int:
        """Pieces that wait for stock (the backorder)."""
        return self.quantity - self.cancelled - self.allocated - self.shipped


LINE_COLUMNS = ", ".join(
    "p.image_url" if name == "image_url" else f"l.{name}" for name in LineRow.__struct_fields__
)


class HoldRow(msgspec.Struct, frozen=True):
    """A stop sign on an order; open while `released_at` is None. `owner` deals with it, `owner_name` put it on."""

    id: UUID
    reason: str
    owner_name: str
    until: datetime | None
    created_at: datetime
    released_at: datetime | None
    released_by: str | None
    rule: str
    owner: str | None
    owner_called: str | None


class TabCounts(msgspec.Struct, frozen=True):
    """How much stands on each tab of the order page; rooms that do not exist yet have nothing."""

    articles: int
    allocations: int
    pick_lists: int
    shipments: int
    payments: int
    memo: int
    emails: int
    events: int
    invoices: int = 0
    return_requests: int = 0
    returns: int = 0
    refunds: int = 0


class OrderDetail(msgspec.Struct, frozen=True):
    """Everything that the order page's frame and its first two tabs show."""

    order: OrderRow
    lines: list[LineRow]
    holds: list[HoldRow]
    counts: TabCounts


class OrderLinks(msgspec.Struct, frozen=True):
    """The ids of what belongs to an order, oldest first."""

    allocations: list[UUID]
    pick_lists: list[UUID]
    shipments: list[UUID]
    payments: list[UUID]
    memos: list[UUID]
    emails: list[UUID]
    invoices: list[UUID]
    refunds: list[UUID]
    return_requests: list[UUID]
    returns: list[UUID]


class EventRow(msgspec.Struct, frozen=True):
    """One line of history: what changed, who did it, when."""

    id: UUID
    at: datetime
    kind: str
    object_type: str
    object_id: UUID
    order_id: UUID | None
    shop: str | None
    from_status: str | None
    to_status: str | None
    actor_kind: str
    actor_name: str
    currency: str | None
    payload: dict[str, Any]


EVENT_COLUMNS = (
    "e.id, e.at, e.kind, e.aggregate_type, e.aggregate_id, e.order_id, s.code, e.from_status, e.to_status, "
    "e.actor_kind, e.actor_name, o.currency, e.payload"
)
EVENT_SOURCE = "core_event e left join shops_shop s on s.id = e.shop_id left join orders_order o on o.id = e.order_id"


def event_row(row: sql.Row) -> EventRow:
    """Make an event of what EVENT_COLUMNS selected."""
    return EventRow(*(*row[:-1], sql.from_json(row[-1])))
