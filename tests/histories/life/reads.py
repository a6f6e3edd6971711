"""What stands in the database of many histories, read with a fixed number of statements and dealt out by shop."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from orderwerk.core import sql


class Order(NamedTuple):
    id: UUID
    status: str
    holds: int
    total: int
    shipping: int
    cancelled: int
    captured: int
    authorized: int
    invoiced: int
    credited: int
    refundable: int
    reserved: int
    refunded: int
    erased: bool


class Line(NamedTuple):
    order: UUID
    id: UUID
    sku: str
    quantity: int
    cancelled: int
    shipped: int
    returned: int
    claimed: int
    allocated: int
    requested: int
    expired: int
    gross: int


class Claim(NamedTuple):
    order: UUID
    id: UUID
    status: str
    quantity: int
    place: str
    sku: str


class Parcel(NamedTuple):
    order: UUID
    id: UUID
    status: str
    place: str
    part: int
    customer: str
    # The one in whose parcel it lies, while that waits; and how many of its packages have arrived.
    within: UUID | None
    arrived: int


class Package(NamedTuple):
    order: UUID
    id: UUID
    parcel: UUID
    code: str
    arrived: bool
    box: str
    weight: int | None
    holds: list[str]


class Travelling(NamedTuple):
    order: UUID
    sku: str
    place: str
    pieces: int


class Packed(NamedTuple):
    order: UUID
    id: UUID
    parcel: UUID
    quantity: int
    line: UUID
    sku: str
    place: str
    status: str
    picked: int


class ToPick(NamedTuple):
    order: UUID
    id: UUID
    list: UUID
    left: int
    sku: str
    place: str
    lies: int


class Payment(NamedTuple):
    order: UUID
    id: UUID
    provider: str
    reference: str
    status: str
    amount: int
    captured: int
    charged_back: int
    is_contested: bool
    reserved: int
    refunded: int


class Capture(NamedTuple):
    order: UUID
    id: UUID
    payment: UUID
    status: str
    amount: int
    is_release: bool


class Invoice(NamedTuple):
    order: UUID
    id: UUID
    kind: str
    gross: int
    credited: int
    refundable: int
    debit: UUID | None
    reserved: int


class Invoiced(NamedTuple):
    order: UUID
    invoice: UUID
    line: UUID | None
    left: int


class Refund(NamedTuple):
    order: UUID
    id: UUID
    status: str
    via: str
    amount: int
    payment: UUID
    credit: UUID
    is_reversed: bool
    reference: str
    is_gift: bool


class Asked(NamedTuple):
    order: UUID
    id: UUID
    status: str


class Announced(NamedTuple):
    order: UUID
    id: UUID
    line: UUID
    pieces: int
    outcome: str
    is_gift: bool


class Message(NamedTuple):
    order: UUID
    id: UUID
    status: str
    message_id: str


class Stored(NamedTuple):
    order: UUID
    id: UUID
    code: str
    left: int
    contested: bool
    paid: list[UUID]


class Expected(NamedTuple):
    id: UUID
    number: str
    place: str
    sku: str
    left: int
    origin: str | None


# name → (row, statement); the shop comes first and is taken off.
_TABLES: dict[str, tuple[Any, str]] = {
    "orders": (Order, """
select o.shop_id, o.id, o.status, o.holds_open, o.grand_total_minor, o.shipping_net_minor + o.shipping_tax_minor, o.cancelled_minor,
  o.captured_minor, o.authorized_minor, o.invoiced_minor, o.credited_minor, o.refundable_minor, o.refund_reserved_minor,
  o.refunded_minor, o.erased_at is not null from orders_order o where o.shop_id = any(%s) order by o.id"""),
    "lines": (Line, """
select l.shop_id, l.order_id, l.id, l.sku, l.quantity, l.cancelled, l.shipped, l.returned, l.claimed, l.allocated, l.cancel_requested, l.expired,
  l.gross_minor from orders_line l where l.shop_id = any(%s) order by l.order_id, l.position"""),
    "claims": (Claim, """
select a.shop_id, a.order_id, a.id, a.status, a.quantity, c.code, p.sku from allocations_allocation a
join stock_location c on c.id = a.location_id join catalog_product p on p.id = a.product_id
where a.shop_id = any(%s) and a.status <> 'released' order by a.id"""),
    "parcels": (Parcel, """
select s.shop_id, s.order_id, s.id, s.status, c.code, s.part, coalesce(o.customer_email, ''), b.id, (
  select count(*) from shipments_package g where g.shipment_id = s.id and g.delivered_at is not null)
from shipments_shipment s join orders_order o on o.id = s.order_id join stock_location c on c.id = s.location_id
left join shipments_shipment b on b.id = s.combined_into_id and b.status in ('open', 'announced')
where s.shop_id = any(%s) order by s.id"""),
    "packages": (Package, """
select h.shop_id, h.order_id, g.id, g.shipment_id, g.tracking_code, g.delivered_at is not null, g.box, g.weight_grams,
  array(select c.shipment_line_id || ':' || c.quantity from shipments_package_line c where c.package_id = g.id order by c.shipment_line_id)
from shipments_package g join shipments_shipment h on h.id = g.shipment_id where h.shop_id = any(%s) order by g.shipment_id, g.position"""),
    "travelling": (Travelling, """
select t.shop_id, t.order_id, p.sku, c.code, t.quantity - t.arrived - t.dropped from allocations_transfer_peg t
join stock_location c on c.id = t.location_id join catalog_product p on p.id = t.product_id
where t.shop_id = any(%s) and t.quantity > t.arrived + t.dropped order by t.id"""),
    "packed": (Packed, """
select l.shop_id, h.order_id, l.id, l.shipment_id, l.quantity, l.order_line_id, p.sku, c.code, a.status, a.picked
from shipments_line l join shipments_shipment h on h.id = l.shipment_id join allocations_allocation a on a.id = l.allocation_id
join stock_location c on c.id = l.location_id join catalog_product p on p.id = a.product_id
where l.shop_id = any(%s) and l.is_live order by l.id"""),
    "to_pick": (ToPick, """
select o.shop_id, l.order_id, l.id, l.pick_list_id, l.quantity - l.picked - l.short - l.cancelled, p.sku, c.code, b.quantity
from picklists_line l join orders_order o on o.id = l.order_id join catalog_product p on p.id = l.product_id
join stock_location c on c.id = l.location_id join stock_bin_stock b
  on (b.product_id, b.location_id, b.bin_id, b.lot) = (l.product_id, l.location_id, l.bin_id, l.lot)
where o.shop_id = any(%s) and l.is_open order by l.id"""),
    "payments": (Payment, """
select p.shop_id, p.order_id, p.id, p.provider, p.reference, p.status, p.amount_minor, p.captured_minor, p.charged_back_minor,
  p.is_contested, p.refunded_reserved_minor, p.refunded_minor from payments_payment p where p.shop_id = any(%s) order by p.id"""),
    "captures": (Capture, """
select c.shop_id, c.order_id, c.id, c.payment_id, c.status, c.amount_minor, c.is_release from payments_capture c
where c.shop_id = any(%s) order by c.id"""),
    "invoices": (Invoice, """
select v.shop_id, v.order_id, v.id, v.kind, v.gross_minor, v.credited_minor, v.refundable_minor, v.debit_id, v.refund_reserved_minor
from invoices_invoice v where v.shop_id = any(%s) order by v.id"""),
    "invoiced": (Invoiced, """
select v.shop_id, v.order_id, l.invoice_id, l.order_line_id, l.quantity - l.credited from invoices_line l
join invoices_invoice v on v.id = l.invoice_id where v.shop_id = any(%s) and v.kind = 'debit' order by l.invoice_id, l.position"""),
    "refunds": (Refund, """
select r.shop_id, r.order_id, r.id, r.status, r.via, r.amount_minor, r.payment_id, r.credit_id,
  exists (select 1 from refunds_reversal x where x.refund_id = r.id), r.provider_reference,
  exists (select 1 from invoices_invoice v join returns_return b on b.id = v.return_id join return_requests_request q on q.id = b.request_id
    where v.id = r.credit_id and q.is_gift)
from refunds_refund r where r.shop_id = any(%s) order by r.id"""),
    "announced": (Asked, """
select r.shop_id, r.order_id, r.id, r.status from return_requests_request r where r.shop_id = any(%s)
and r.status in ('requested', 'approved') order by r.id"""),
    "for_repair": (Asked, """
select r.shop_id, r.order_id, r.id, k.order_line_id || ':' || k.quantity from return_requests_request r
join return_requests_line k on k.request_id = r.id where r.shop_id = any(%s) and r.outcome = 'repair'
and r.status in ('requested', 'approved') order by r.id"""),
    "coming": (Announced, """
select r.shop_id, r.order_id, r.id, k.order_line_id, k.quantity, r.outcome, r.is_gift from return_requests_request r
join return_requests_line k on k.request_id = r.id where r.shop_id = any(%s) and r.status in ('requested', 'approved')
order by r.id, k.id"""),
    "asked": (Asked, """
select r.shop_id, r.order_id, r.id, r.status from orders_cancel_request r where r.shop_id = any(%s) and r.status = 'requested'
order by r.id"""),
    "to_inspect": (Asked, """
select k.shop_id, k.order_id, k.id, l.sku || ':' || k.quantity from returns_line k join orders_line l on l.id = k.order_line_id
where k.shop_id = any(%s) and k.disposition is null order by k.id"""),
    "open_claims": (Asked, """
select c.shop_id, c.order_id, c.id, k.order_line_id || ':' || k.quantity || ':' || c.kind from returns_claim c join returns_claim_line k on k.claim_id = c.id
where c.shop_id = any(%s) and c.status = 'open' order by c.id"""),
    "open_exchanges": (Asked, """
select x.shop_id, x.order_id, x.id, x.status from returns_exchange x where x.shop_id = any(%s) and x.status = 'open' order by x.id"""),
    "store_credits": (Stored, """
select c.shop_id, c.order_id, c.id, c.code, c.remaining_minor, c.is_contested, array(
  select m.order_id from refunds_credit_movement m where m.store_credit_id = c.id and m.kind = 'used')
from refunds_store_credit c where c.shop_id = any(%s) order by c.id"""),
    "problems": (Asked, """
select x.shop_id, x.order_id, x.id, x.status from shipments_exception x where x.shop_id = any(%s) and x.status = 'open' order by x.id"""),
    "emails": (Message, """
select e.shop_id, e.order_id, e.id, e.status, e.message_id from emails_email e where e.shop_id = any(%s) order by e.id"""),
    "differences": (Asked, """
select d.shop_id, p.order_id, d.id, d.reference from refunds_difference d join payments_payment p on p.id = d.payment_id
where d.shop_id = any(%s) and d.kind = 'unknown_refund' and d.status = 'open' order by d.id"""),
}  # fmt: skip
_LEVELS = """
select s.location_id, p.sku, c.code, s.on_hand, s.allocated, (
  select coalesce(sum(k.quantity), 0) from stock_bin_stock k join stock_bin b on b.id = k.bin_id
  where b.kind = 'staging' and k.product_id = s.product_id and k.location_id = s.location_id),
  s.safety_stock + channel_withheld(s.product_id, s.location_id, l.shop_id)
from stock_level s join catalog_product p on p.id = s.product_id join stock_location c on c.id = s.location_id
join shops_shop_location l on l.location_id = s.location_id
where s.location_id = any(%s)
"""
_BINS = """
select k.location_id, p.sku, c.code, b.code, sum(k.quantity)::int, sum(k.planned)::int
from stock_bin_stock k join stock_bin b on b.id = k.bin_id join catalog_product p on p.id = k.product_id
join stock_location c on c.id = k.location_id
where k.location_id = any(%s) and b.kind <> 'staging' group by 1, 2, 3, 4
"""
_EXPECTED = """
select i.location_id, i.id, i.number, c.code, p.sku, greatest(0, l.expected - l.received - l.closed), f.code from stock_inbound i join stock_inbound_line l on l.inbound_id = i.id
join catalog_product p on p.id = l.product_id join stock_location c on c.id = i.location_id
left join stock_location f on f.id = i.origin_id
where i.location_id = any(%s) and i.status = 'open' order by i.id
"""
_LISTS = """
select location_id, id from picklists_pick_list where location_id = any(%s) and status in ('open', 'picking') order by id
"""


@dataclass
class Snap:
    """One history's rows, as they stand between two steps."""

    orders: dict[UUID, Order] = field(default_factory=dict)
    rows: dict[str, dict[UUID, list[Any]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    # (article, place) → on hand, claimed, staged, kept back
    levels: dict[tuple[str, str], tuple[int, int, int, int]] = field(default_factory=dict)
    # (article, place, bin) → what lies there, and what of it pick lists ask for
    bins: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)
    lists: list[UUID] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)

    def of(self, name: str, order: UUID) -> list[Any]:
        """Return an order's rows of a table."""
        return self.rows[name][order]

    def all(self, name: str) -> list[Any]:
        """Return all rows of a table."""
        return [row for rows in self.rows[name].values() for row in rows]

    def free(self, sku: str, place: str) -> int:
        """Return what may still be claimed of an article at a place."""
        on_hand, allocated, _, withheld = self.levels.get((sku, place), (0, 0, 0, 0))
        return max(0, on_hand - allocated - withheld)


def read(shops: Sequence[UUID], places: dict[UUID, UUID]) -> dict[UUID, Snap]:
    """Return what stands of these shops; `places`: the shop of each location."""
    snaps = {shop: Snap() for shop in shops}
    for name, (kind, statement) in _TABLES.items():
        for shop, *row in sql.fetch(statement, (list(shops),)):
            made = kind(*row)
            if name == "orders":
                snaps[shop].orders[made.id] = made
            else:
                snaps[shop].rows[name][made.order].append(made)
    for place, sku, code, *level in sql.fetch(_LEVELS, (list(places),)):
        snaps[places[place]].levels[(sku, code)] = tuple(level)
    for place, sku, code, name, lies, planned in sql.fetch(_BINS, (list(places),)):
        snaps[places[place]].bins[(sku, code, name)] = (lies, planned)
    for place, *row in sql.fetch(_EXPECTED, (list(places),)):
        snaps[places[place]].expected.append(Expected(*row))
    for place, key in sql.fetch(_LISTS, (list(places),)):
        snaps[places[place]].lists.append(key)
    return snaps
