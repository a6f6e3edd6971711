"""The public shape of an order: the document as it came in, with what has become of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.allocations.pegging import Promise
from orderwerk.allocations.promises import promises
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.money import format_amount
from orderwerk.orders.document import Address, Customer
from orderwerk.orders.queries import order_lines_later, order_links_later, orders_by_id_later
from orderwerk.orders.rows import LineRow, OrderLinks, OrderRow
from orderwerk.payments.queries import PaymentRow, payments_of_orders_later


class PromisePeg(msgspec.Struct, frozen=True):
    """So many pieces that come with a purchase order or a transfer."""

    inbound_id: UUID
    inbound: str
    quantity: int
    expected_on: date | None


class LinePromise(msgspec.Struct, frozen=True):
    """What a line that waits may expect: `date` when the last of it comes, null while something of it has no day.

    Of kits the pieces of their components count. It follows what is on its way and who waits before, at every reading.
    """

    date: date | None
    waiting: int
    pegged: int
    pegs: list[PromisePeg]


class Line(msgspec.Struct, frozen=True):
    """One article. `discount` is the whole line's; `quantity` and `ordered` are the same number.

    `promise` is null where nothing waits in turn, and in the answer to placing the order.

    `net`, `tax` and `gross` are after the line's discount and its share of the order's. `product_id` is null while
    the catalogue does not know the sku.
    """

    id: UUID
    external_id: str | None
    sku: str
    name: str
    product_id: UUID | None
    quantity: int
    unit_price: str
    discount: str
    tax_rate: str
    vat_exemption: str
    vat_exemption_code: str
    net: str
    tax: str
    gross: str
    ordered: int
    cancelled: int
    expired: int
    cancel_requested: int
    allocated: int
    picked: int
    shipped: int
    returned: int
    claimed: int
    credited: int
    promise: LinePromise | None


class OrderPayment(msgspec.Struct, frozen=True):
    """A payment of the order, as its provider reported it."""

    id: UUID
    provider: str
    method: str
    reference: str
    status: str
    amount: str


class OrderShipping(msgspec.Struct, frozen=True):
    """What delivery costs the shopper; `collect_at` is the stock location where the order is collected, null where it is sent."""

    method: str
    name: str
    price: str
    tax_rate: str
    collect_at: str | None = None


class OrderDiscount(msgspec.Struct, frozen=True):
    """The discount on the whole order."""

    code: str | None
    amount: str


class Totals(msgspec.Struct, frozen=True):
    """Sums of the order in its currency; `items`, `discount` and `shipping` with or without tax, as its prices are.

    `cancelled` is the value of what was cancelled; it lowers what the customer has to pay, not `grand_total`. `retained` is what the
    customer pays for cancelled pieces all the same, beside that.
    """

    items: str
    discount: str
    shipping: str
    tax: str
    grand_total: str
    cancelled: str
    retained: str
    authorized: str
    paid: str
    invoiced: str
    credited: str
    refunded: str


class Links(msgspec.Struct, frozen=True):
    """The ids of what belongs to the order, oldest first; `events` is the address of its history."""

    allocations: list[UUID]
    pick_lists: list[UUID]
    shipments: list[UUID]
    payments: list[UUID]
    memos: list[UUID]
    emails: list[UUID]
    events: str
    invoices: list[UUID] = []
    return_requests: list[UUID] = []
    returns: list[UUID] = []
    refunds: list[UUID] = []


class Order(msgspec.Struct, frozen=True):
    """One order with its lines, amounts, quantities and links."""

    id: UUID
    number: str
    status: str
    version: int
    shop: str
    external_id: str
    placed_at: datetime
    received_at: datetime
    currency: str
    locale: str
    prices_include_tax: bool
    customer: Customer
    billing_address: Address
    delivery_address: Address
    lines: list[Line]
    shipping: OrderShipping
    discount: OrderDiscount
    payments: list[OrderPayment]
    comment: str | None
    tags: list[str]
    priority: int
    metadata: dict[str, str]
    on_hold: bool
    on_account: bool
    totals: Totals
    links: Links
    erased_at: datetime | None


def rate(value: Decimal) -> str:
    """Write a tax rate in percent with at least two decimals: 21.00, 5.5 becomes 5.50, 7.125 stays."""
    text = f"{value:.3f}"
    return text.removesuffix("0")


def _promise(found: Promise | None) -> LinePromise | None:
    if found is None:
        return None
    pegs = [PromisePeg(x.inbound_id, x.number, x.quantity, x.expected_on) for x in found.pegs]
    return LinePromise(found.day, found.waiting, found.pegged, pegs)


def line(row: LineRow, currency: str, promise: Promise | None = None) -> Line:
    """Return the public shape of an order line."""
    return Line(
        id=row.id,
        external_id=row.external_id,
        sku=row.sku,
        name=row.name,
        product_id=row.product_id,
        quantity=row.quantity,
        unit_price=format_amount(row.unit_price_minor, currency),
        discount=format_amount(row.discount_minor, currency),
        tax_rate=rate(row.tax_rate),
        vat_exemption=row.vat_exemption,
        vat_exemption_code=row.vat_exemption_code,
        net=format_amount(row.net_minor, currency),
        tax=format_amount(row.tax_minor, currency),
        gross=format_amount(row.gross_minor, currency),
        ordered=row.quantity,
        cancelled=row.cancelled,
        expired=row.expired,
        cancel_requested=row.cancel_requested,
        allocated=row.allocated,
        picked=row.picked,
        shipped=row.shipped,
        returned=row.returned,
        claimed=row.claimed,
        credited=row.credited,
        promise=_promise(promise),
    )


_TOTALS = {
    "items": "items_minor", "discount": "discount_minor", "shipping": "shipping_minor", "tax": "tax_minor",
    "grand_total": "grand_total_minor", "cancelled": "cancelled_minor", "retained": "retained_minor", "authorized": "authorized_minor",
    "paid": "captured_minor", "invoiced": "invoiced_minor", "credited": "credited_minor", "refunded": "refunded_minor",
}  # fmt: skip


def totals(row: OrderRow) -> Totals:
    """Return the sums of an order."""
    return Totals(
        **{name: format_amount(getattr(row, column), row.currency) for name, column in _TOTALS.items()}
    )  # fmt: skip


def _payment(row: PaymentRow) -> OrderPayment:
    amount = format_amount(row.amount_minor, row.currency)
    return OrderPayment(row.id, row.provider, row.method, row.reference, row.status, amount)


def _customer(row: OrderRow) -> Customer:
    return Customer(
        external_id=row.customer_external_id,
        email=row.customer_email,
        name=row.customer_name,
        phone=row.customer_phone,
        company=row.customer_company,
        vat_number=row.customer_vat_number,
    )


def address(stored: Mapping[str, Any]) -> Address:
    """Return a stored address in its public shape."""
    return Address(**stored)


def _links(order_id: UUID, found: OrderLinks) -> Links:
    return Links(
        allocations=found.allocations,
        pick_lists=found.pick_lists,
        shipments=found.shipments,
        payments=found.payments,
        memos=found.memos,
        emails=found.emails,
        invoices=found.invoices,
        refunds=found.refunds,
        return_requests=found.return_requests,
        returns=found.returns,
        events=f"/api/v1/orders/{order_id}/events",
    )


_NO_PROMISES: Mapping[UUID, Promise] = {}


def promised(lines: Mapping[UUID, Sequence[LineRow]]) -> dict[UUID, Promise]:
    """Return what waiting lines of orders may expect; no statement where nothing waits."""
    waiting = [key for key, found in lines.items() if any(x.waiting > 0 for x in found)]
    return promises(waiting) if waiting else {}


def order(
    row: OrderRow,
    lines: Sequence[LineRow],
    payments: Sequence[PaymentRow],
    links: OrderLinks,
    pegged: Mapping[UUID, Promise] = _NO_PROMISES,
) -> Order:
    """Return the public shape of an order."""
    return Order(
        id=row.id,
        number=row.number,
        status=row.status,
        version=row.version,
        shop=row.shop,
        external_id=row.external_id,
        placed_at=row.placed_at,
        received_at=row.received_at,
        erased_at=row.erased_at,
        currency=row.currency,
        locale=row.locale,
        prices_include_tax=row.prices_include_tax,
        customer=_customer(row),
        billing_address=address(row.billing_address),
        delivery_address=address(row.delivery_address),
        lines=[line(each, row.currency, pegged.get(each.id)) for each in lines],
        shipping=OrderShipping(
            row.shipping_method,
            row.shipping_name,
            format_amount(row.shipping_minor, row.currency),
            rate(row.shipping_tax_rate),
            row.collect_at,
        ),
        discount=OrderDiscount(
            row.discount_code or None, format_amount(row.discount_minor, row.currency)
        ),
        payments=[_payment(each) for each in payments],
        comment=row.comment or None,
        tags=row.tags,
        priority=row.priority,
        metadata=row.metadata,
        on_hold=row.holds_open > 0,
        on_account=row.on_account,
        totals=totals(row),
        links=_links(row.id, links),
    )


def orders(rows: Sequence[OrderRow]) -> list[Order]:
    """Return the public shape of orders; three statements in one round trip, and four more where something waits."""
    ids = [row.id for row in rows]
    with sql.pipelined():
        asked = order_lines_later(ids), payments_of_orders_later(ids), order_links_later(ids)
        lines, payments, links = asked[0](), asked[1](), asked[2]()
    pegged = promised(lines)
    return [order(row, lines[row.id], payments[row.id], links[row.id], pegged) for row in rows]


def stored_orders(actor: Actor, order_ids: Sequence[UUID]) -> dict[UUID, Order]:
    """Return the public shape of orders that are there for this actor; four statements in one round trip."""
    ids = list(order_ids)
    if not ids:
        return {}
    with sql.pipelined():
        asked = orders_by_id_later(actor, ids)
        parts = order_lines_later(ids), payments_of_orders_later(ids), order_links_later(ids)
        rows = asked()
        lines, payments, links = parts[0](), parts[1](), parts[2]()
    return {row.id: order(row, lines[row.id], payments[row.id], links[row.id]) for row in rows}
