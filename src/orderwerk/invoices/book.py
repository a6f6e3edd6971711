"""The book of an order as finance sees it: what was ordered, invoiced and credited, read under the order's lock."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from orderwerk.core import sql
from orderwerk.invoices.rules import Rate, RateTotals
from orderwerk.orders.pricing import cancelled_value


@dataclass(slots=True)
class OrderFacts:
    """What a document says of an order and its shop, and the order's own counters; amounts in minor units.

    `collect_address`: of the place where the customer collects it; None where it is sent.
    """

    id: UUID
    shop_id: UUID
    number: str
    external_id: str
    placed_at: datetime
    currency: str
    locale: str
    prices_include_tax: bool
    customer: dict[str, Any]
    billing_address: dict[str, Any]
    delivery_address: dict[str, Any]
    shipping_name: str
    shipping_rate: Decimal
    shipping_price: int
    shipping_net: int
    shipping_tax: int
    grand_total: int
    cancelled_minor: int
    captured: int
    on_account: bool
    units_ordered: int
    units_cancelled: int
    invoiced: int
    credited: int
    refundable: int
    shop: dict[str, Any]
    shipping_invoiced: int
    shipping_retained: int
    charged_back: int
    collect_address: dict[str, Any] | None

    @property
    def received(self) -> int:
        """What came in and the payers' banks have not taken back, here or where an exchange brought it from."""
        return self.captured - self.charged_back

    @property
    def handed_over_at(self) -> dict[str, Any]:
        """The address at which the customer gets the goods: that of the counter, or their own."""
        return self.delivery_address if self.collect_address is None else self.collect_address

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing of it is left."""
        return self.units_cancelled == self.units_ordered

    @property
    def is_erased(self) -> bool:
        """Whether its personal data is gone: nobody is left to whom a document could be made out."""
        return not self.billing_address.get("name")

    @property
    def shipping_gross(self) -> int:
        """What delivery costs, VAT and all."""
        return self.shipping_net + self.shipping_tax

    @property
    def shipping_open(self) -> bool:
        """Whether delivery has still to be invoiced."""
        return self.shipping_gross > 0 and self.shipping_invoiced == 0


@dataclass(slots=True)
class BookLine:
    """One order line: pieces ordered, cancelled, shipped, invoiced, and credited by cause; `invoiced_gross` is net of undone.

    What was cancelled and is paid for all the same counts as undone too: it is neither wanted nor to be credited.
    """

    id: UUID
    order_id: UUID
    position: int
    sku: str
    name: str
    quantity: int
    cancelled: int
    shipped: int
    unit_price: int
    net: int
    tax: int
    gross: int
    rate: Decimal
    exemption_words: str
    exemption_code: str
    invoiced: int
    undone_cancelled: int
    undone_unshipped: int
    credited_by_hand: int
    credited: int
    invoiced_gross: int
    retained: int

    @property
    def exemption(self) -> tuple[str, str]:
        """Why it bears no VAT, words and code; both empty where nobody says that it is exempt."""
        return self.exemption_words, self.exemption_code

    @property
    def standing(self) -> int:
        """Pieces on invoices that were neither cancelled nor unshipped afterwards."""
        return self.invoiced - self.undone_cancelled - self.undone_unshipped

    @property
    def to_invoice(self) -> int:
        """Pieces that are wanted and on no invoice yet."""
        return max(0, self.quantity - self.cancelled - self.standing)

    @property
    def gone_uninvoiced(self) -> int:
        """Cancelled pieces that never came on an invoice."""
        uninvoiced = self.quantity - (self.invoiced - self.undone_unshipped)
        return max(0, uninvoiced - self.to_invoice)

    @property
    def to_credit(self) -> int:
        """Invoiced pieces that were cancelled since.

        What finance credited by hand beyond the pieces that were shipped, and those that were kept, is taken for pieces that
        would never come.
        """
        by_hand = max(0, self.credited_by_hand - self.shipped - self.retained)
        over = self.standing - (self.quantity - self.cancelled) - by_hand
        return max(0, min(over, self.invoiced - self.credited))

    @property
    def wanted_value(self) -> int:
        """What the pieces are worth that were not cancelled, VAT and all."""
        return self.gross - cancelled_value(self.gross, self.quantity, self.cancelled)

    def open_value(self) -> int:
        """Return what the pieces to invoice are worth, VAT and all; the last ones take the rest of the line."""
        return max(0, self.wanted_value - self.invoiced_gross) if self.to_invoice else 0


@dataclass(slots=True)
class ShippedGoods:
    """A shipment that has left and is on no invoice: pieces per order line."""

    id: UUID
    shipped_at: datetime
    pieces: dict[UUID, int] = field(default_factory=dict)


@dataclass(slots=True)
class DebitLine:
    """A line of a debit invoice with its counters; no order line: the shipping."""

    id: UUID
    invoice_id: UUID
    position: int
    order_line_id: UUID | None
    quantity: int
    rate: Rate
    base: int
    credited: int
    credited_base: int
    sku: str
    name: str
    unit_price: int

    @property
    def rest(self) -> int:
        """What of it is left to credit, in the invoice's price mode."""
        return self.base - self.credited_base


@dataclass(slots=True)
class Debit:
    """A debit invoice with its lines and rates; `one_stop`, `exemption`, `supply_date`: see Draft.

    `buyer_vat`, `delivery_address`: the buyer's VAT number that it names, and where it says that the goods went.
    """

    id: UUID
    order_id: UUID
    number: str
    issue_date: Any
    prices_include_tax: bool
    gross: int
    paid: int
    credited: int
    refundable: int
    version: int
    shipment_status: str | None
    shipment_id: UUID | None
    one_stop: str
    buyer_vat: str
    supply_date: date | None
    exemption: tuple[str, str]
    delivery_address: dict[str, Any]
    lines: list[DebitLine] = field(default_factory=list)
    rates: dict[Rate, RateTotals] = field(default_factory=dict)

    @property
    def rest(self) -> int:
        """What is left to credit, VAT and all."""
        return self.gross - self.credited


@dataclass(slots=True)
class Book:
    """All of one order."""

    order: OrderFacts
    lines: list[BookLine] = field(default_factory=list)
    shipped: list[ShippedGoods] = field(default_factory=list)
    debits: list[Debit] = field(default_factory=list)

    def open_value(self) -> int:
        """Return what is still to be invoiced, VAT and all."""
        goods = sum(line.open_value() for line in self.lines)
        order = self.order
        return goods + (
            order.shipping_gross if order.shipping_open and not order.is_cancelled else 0
        )

    @property
    def owed(self) -> int:
        """What the customer has to pay altogether, whether or not it came in."""
        return self.order.invoiced - self.order.credited + self.open_value()


_ORDERS = """
select o.id, o.shop_id, o.number, o.external_id, o.placed_at, o.currency, o.locale, o.prices_include_tax,
  jsonb_build_object('name', o.customer_name, 'company', o.customer_company, 'email', o.customer_email,
    'vat_number', o.customer_vat_number, 'external_id', o.customer_external_id),
  o.billing_address, o.delivery_address, o.shipping_name, o.shipping_tax_rate, o.shipping_minor, o.shipping_net_minor,
  o.shipping_tax_minor, o.grand_total_minor, o.cancelled_minor, o.captured_minor, o.on_account, o.units_ordered,
  o.units_cancelled, o.invoiced_minor, o.credited_minor, o.refundable_minor,
  jsonb_build_object('code', s.code, 'name', s.name, 'email', s.sender_email, 'legal', s.legal, 'timezone', s.timezone,
    'prefix', s.number_prefix, 'invoice_when', s.invoice_when),
  coalesce((select sum(case when v.kind = 'debit' then i.gross_minor else -i.gross_minor end)
    from invoices_line i join invoices_invoice v on v.id = i.invoice_id
    where i.order_id = o.id and i.order_line_id is null
      and (v.kind = 'debit' or v.cause in ('cancellation', 'unshipped'))), 0)::bigint, o.shipping_retained_minor,
  coalesce((select sum(case when p.is_contested and p.provider = 'orderwerk' then p.captured_minor else p.charged_back_minor end)
    from payments_payment p where p.order_id = o.id), 0)::bigint,
  case when k.id is not null then jsonb_build_object('company', k.name) || case jsonb_typeof(k.address) when 'object' then jsonb_strip_nulls(k.address) else '{}' end
    || jsonb_strip_nulls(jsonb_build_object('country', coalesce(nullif(k.country, ''), nullif(k.address ->> 'country', ''), s.legal ->> 'country'))) end
from orders_order o join shops_shop s on s.id = o.shop_id left join stock_location k on k.id = o.collect_location_id where o.id = any(%s)
"""
_LINES = """
select l.id, l.order_id, l.position, l.sku, l.name, l.quantity, l.cancelled, l.shipped, l.unit_price_minor, l.net_minor,
  l.tax_minor, l.gross_minor, l.tax_rate, l.vat_exemption, l.vat_exemption_code, coalesce(i.invoiced, 0)::int, (coalesce(i.cancelled, 0) + l.retained)::int,
  coalesce(i.unshipped, 0)::int, coalesce(i.by_hand, 0)::int, coalesce(i.credited, 0)::int, (coalesce(i.gross, 0) - l.retained_minor)::bigint,
  l.retained
from orders_line l left join (
  select i.order_line_id, sum(i.quantity) filter (where v.kind = 'debit') as invoiced,
    sum(i.quantity) filter (where v.cause = 'cancellation') as cancelled,
    sum(i.quantity) filter (where v.cause = 'unshipped') as unshipped,
    sum(i.quantity) filter (where v.cause = 'request') as by_hand,
    sum(i.quantity) filter (where v.kind = 'credit') as credited,
    sum(case when v.kind = 'debit' then i.gross_minor when v.cause in ('cancellation', 'unshipped') then -i.gross_minor else 0 end) as gross
  from invoices_line i join invoices_invoice v on v.id = i.invoice_id
  where i.order_id = any(%s) and i.order_line_id is not null group by i.order_line_id) i on i.order_line_id = l.id
where l.order_id = any(%s) order by l.order_id, l.position
"""
# Of a kit several products stand for one piece of the line: the largest number is that of the pieces, or more.
_SHIPPED = """
select order_id, id, shipped_at, order_line_id, max(n)::int from (
  select h.order_id, h.id, h.shipped_at, k.order_line_id, k.product_id, sum(k.quantity) as n
  from shipments_shipment h join shipments_line k on k.shipment_id = h.id and k.is_live
  where h.order_id = any(%s) and h.status in ('shipped', 'delivered')
    and not exists (select 1 from invoices_invoice v where v.shipment_id = h.id)
  group by h.order_id, h.id, h.shipped_at, k.order_line_id, k.product_id) t
group by order_id, id, shipped_at, order_line_id order by shipped_at, id
"""
# Documents of version 1 state a day of supply also where nothing had left yet: of those, only that of a shipment is one.
_DEBITS = """
select v.id, v.order_id, v.number, v.issue_date, v.prices_include_tax, v.gross_minor, v.paid_minor, v.credited_minor,
  v.refundable_minor, v.version, h.status, v.shipment_id, coalesce(v.content::json ->> 'one_stop', ''),
  coalesce(v.content::json #>> '{buyer,vat_number}', ''),
  case when v.shipment_id is not null or v.content::json ->> 'version' <> '1' then (v.content::json ->> 'supply_date')::date end,
  coalesce(v.content::json ->> 'vat_exemption', ''), coalesce(v.content::json ->> 'vat_exemption_code', ''),
  coalesce(v.content::json ->> 'delivery_address', '{}')
from invoices_invoice v left join shipments_shipment h on h.id = v.shipment_id
where v.order_id = any(%s) and v.kind = 'debit' order by v.order_id, v.id
"""
_DEBIT_LINES = """
select i.id, i.invoice_id, i.position, i.order_line_id, i.quantity, i.tax_category, i.tax_rate, i.base_minor, i.credited,
  i.credited_base_minor, coalesce(l.sku, ''), coalesce(l.name, o.shipping_name), coalesce(l.unit_price_minor, i.base_minor)
from invoices_line i join orders_order o on o.id = i.order_id left join orders_line l on l.id = i.order_line_id
where i.order_id = any(%s) and i.debit_line_id is null order by i.invoice_id, i.position
"""
_DEBIT_RATES = """
select t.invoice_id, t.tax_category, t.tax_rate, t.net_minor, t.tax_minor, t.credited_net_minor, t.credited_tax_minor
from invoices_tax t where t.order_id = any(%s) order by t.invoice_id, t.tax_category, t.tax_rate
"""


def read_books(order_ids: Iterable[UUID]) -> dict[UUID, Book]:
    """Read the books of locked orders; six statements, however many there are."""
    wanted = sorted(set(order_ids))
    books = {row[0]: Book(_facts(row)) for row in sql.fetch(_ORDERS, (wanted,))}
    for row in sql.fetch(_LINES, (wanted, wanted)):
        books[row[1]].lines.append(BookLine(*row))
    goods: dict[UUID, ShippedGoods] = {}
    for order_id, shipment, at, line, pieces in sql.fetch(_SHIPPED, (wanted,)):
        if shipment not in goods:
            goods[shipment] = ShippedGoods(shipment, at)
            books[order_id].shipped.append(goods[shipment])
        goods[shipment].pieces[line] = pieces
    _read_debits(books, wanted)
    return books


def _facts(row: sql.Row) -> OrderFacts:
    values = list(row)
    for index in (8, 9, 10, 25):
        values[index] = sql.from_json(values[index])
    values[-1] = sql.from_json(values[-1]) if values[-1] else None
    return OrderFacts(*values)


def _read_debits(books: dict[UUID, Book], order_ids: Sequence[UUID]) -> None:
    debits: dict[UUID, Debit] = {}
    for row in sql.fetch(_DEBITS, (order_ids,)):
        values: sql.Row = (*row[:-3], row[-3:-1], sql.from_json(row[-1]))
        debits[row[0]] = Debit(*values)
    for debit in debits.values():
        books[debit.order_id].debits.append(debit)
    for row in sql.fetch(_DEBIT_LINES, (order_ids,)):
        values = (*row[:5], (row[5], row[6]), *row[7:])
        debits[row[1]].lines.append(DebitLine(*values))
    for invoice, category, rate, *amounts in sql.fetch(_DEBIT_RATES, (order_ids,)):
        if invoice in debits:
            debits[invoice].rates[(category, rate)] = RateTotals(*amounts)


def by_rate(lines: Iterable[DebitLine]) -> dict[Rate, list[DebitLine]]:
    """Group lines by their rate."""
    found: dict[Rate, list[DebitLine]] = defaultdict(list)
    for line in lines:
        found[line.rate].append(line)
    return found
