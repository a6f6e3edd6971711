"""Reads the invoice lines of a shop in the columns of the public "Online Retail" data set (UCI 352) as orders.

Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate (local UK time), UnitPrice (GBP without VAT),
CustomerID, Country. One invoice number is one order with that external id; its lines keep the order of the file, and
exact duplicates stay two lines. Every line of the file is either in an order or refused with a reason:

- `C` invoices (cancellations and returns, quantity below zero) and `A` invoices (bad debt) are no orders: refused
  (`cancellation`, `bad_debt`). The file does not say which sale they undo.
- A quantity of zero or less elsewhere is a stock write-off: refused (`quantity_not_positive`). A price below zero is
  refused (`negative_price`). Price 0 with a customer is a gift and goes in; without a customer it is a stock
  correction and is refused (`no_price_and_no_customer`).
- `POST`, `DOT` and `C2` are what delivery cost: they go in as the order's shipping price. Of an invoice that has
  nothing else they are refused (`only_shipping`). The other service codes (`M`, `D`, `S`, `B`, `CRUK`, bank and
  marketplace fees, gift vouchers) are no goods: refused (`service_code`), the invoice's goods go in. `PADS` and
  `DCGS…` are goods.
- A price with more decimals than GBP has is refused (`too_many_decimals`); nothing is rounded.
- An invoice of more than 2,000 lines is refused whole (`too_many_lines`).
- An unreadable number or date refuses its line (`invalid_value`).
- An empty description becomes the stock code.

Not in the data, so plainly invented here: names ("Customer 17850", "Unknown customer"), e-mail addresses at
example.com, streets and cities ("Unknown"), VAT (the United Kingdom's standard rate of the day: 17.5 %, from
2011-01-04 20 %; 0 % elsewhere), and one payment per order, paid in full at the provider `invented`. A country that
is none ("Unspecified", "European Community") becomes ZZ or EU.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.money import format_amount
from orderwerk.integrations.document_lines import csv_rows
from orderwerk.integrations.incoming import Incoming, Rejected
from orderwerk.orders.document import MAX_LINES, OrderDocument
from orderwerk.orders.pricing import price_order

COLUMNS = (
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country",
)  # fmt: skip
_SHIPPING = frozenset({"POST", "DOT", "C2"})
_SERVICES = frozenset({"M", "D", "S", "B", "CRUK", "BANK CHARGES", "AMAZONFEE"})
_LONDON = ZoneInfo("Europe/London")
_VAT_TWENTY_SINCE = date(2011, 1, 4)
# Lines of one invoice stand together but for a few; an invoice is complete when so many lines went by without it.
_PATIENCE = 5_000
_CODES = {
    "United Kingdom": "GB", "Germany": "DE", "France": "FR", "EIRE": "IE", "Spain": "ES", "Netherlands": "NL",
    "Belgium": "BE", "Switzerland": "CH", "Portugal": "PT", "Australia": "AU", "Norway": "NO", "Italy": "IT",
    "Channel Islands": "GG", "Finland": "FI", "Cyprus": "CY", "Sweden": "SE", "Unspecified": "ZZ", "Austria": "AT",
    "Denmark": "DK", "Japan": "JP", "Poland": "PL", "Israel": "IL", "USA": "US", "Hong Kong": "HK", "Singapore": "SG",
    "Iceland": "IS", "Canada": "CA", "Greece": "GR", "Malta": "MT", "United Arab Emirates": "AE",
    "European Community": "EU", "RSA": "ZA", "Lebanon": "LB", "Lithuania": "LT", "Brazil": "BR",
    "Czech Republic": "CZ", "Bahrain": "BH", "Saudi Arabia": "SA",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    """One line that goes in."""

    number: int
    position: int
    sku: str
    name: str
    quantity: int
    price: Decimal
    at: datetime


@dataclass(slots=True)
class _Invoice:
    """The lines of one invoice number as they come."""

    number: str
    customer: str
    country: str
    seen: int = 0
    last: int = 0
    goods: list[_Line] = field(default_factory=list)
    shipping: list[_Line] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def read_online_retail(lines: Iterable[str], shop: str) -> Iterator[Incoming[OrderDocument]]:
    """Read a file of invoice lines as orders of a shop; refuses with Malformed a file with other columns."""
    waiting: OrderedDict[str, _Invoice] = OrderedDict()
    for count, (number, row) in enumerate(csv_rows(lines, COLUMNS)):
        if isinstance(row, Refusal):
            yield Incoming(None, rejected=[Rejected.by(row, number)])
            continue
        key = row["InvoiceNo"].strip()
        invoice = waiting.setdefault(key, _Invoice(key, row["CustomerID"].strip(), row["Country"]))
        waiting.move_to_end(key)
        invoice.seen += 1
        invoice.last = count
        _sort_in(invoice, number, row)
        first = next(iter(waiting.values()))
        while first.last + _PATIENCE < count:
            yield _finished(waiting.pop(first.number), shop)
            first = next(iter(waiting.values()))
    for invoice in waiting.values():
        yield _finished(invoice, shop)


def _sort_in(invoice: _Invoice, number: int, row: Mapping[str, str]) -> None:
    try:
        line = _line(invoice, number, row)
    except Refusal as refusal:
        invoice.rejected.append(Rejected.by(refusal, number, invoice.number))
        return
    (invoice.shipping if line.sku in _SHIPPING else invoice.goods).append(line)


def _line(invoice: _Invoice, number: int, row: Mapping[str, str]) -> _Line:
    _refuse_no_order(invoice)
    sku = row["StockCode"].strip()
    line = _Line(
        number=number,
        position=invoice.seen,
        sku=sku,
        name=" ".join(row["Description"].split()) or sku,
        quantity=_quantity(row["Quantity"]),
        price=_price(row["UnitPrice"]),
        at=_instant(row["InvoiceDate"]),
    )
    if sku.upper() in _SERVICES or sku.startswith("gift_"):
        raise BadInput(f"{sku} is a service or a voucher, not goods.", code="service_code")
    if line.price == 0 and not invoice.customer:
        raise BadInput(
            "Neither a price nor a customer: a stock correction.", code="no_price_and_no_customer"
        )
    return line


def _refuse_no_order(invoice: _Invoice) -> None:
    if not invoice.number:
        raise BadInput("The line has no invoice number.", code="invalid_value")
    if invoice.number.startswith("C"):
        raise BadInput(
            "A cancellation or return; it does not say of which order.", code="cancellation"
        )
    if invoice.number.startswith("A"):
        raise BadInput("An adjustment of bad debt is no order.", code="bad_debt")


def _quantity(text: str) -> int:
    if re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII) is None:
        raise BadInput(f"{text[:40]!r} is not a quantity.", code="invalid_value")
    quantity = int(text)
    if quantity <= 0:
        raise BadInput(
            f"The quantity {quantity} is a stock write-off, not a sale.",
            code="quantity_not_positive",
        )
    return quantity


def _price(text: str) -> Decimal:
    if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", text, re.ASCII) is None:
        raise BadInput(f"{text[:40]!r} is not a price.", code="invalid_value")
    price = Decimal(text)
    if price < 0:
        raise BadInput(f"The price {text} is negative.", code="negative_price")
    if price != price.quantize(Decimal("0.01")):
        raise BadInput(f"The price {text} has more decimals than GBP.", code="too_many_decimals")
    return price


def _instant(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_LONDON)
    except ValueError as error:
        raise BadInput(f"{text[:40]!r} is not a date and time.", code="invalid_value") from error


def _finished(invoice: _Invoice, shop: str) -> Incoming[OrderDocument]:
    taken = [*invoice.goods, *invoice.shipping]
    if not taken:
        return Incoming(None, rejected=invoice.rejected, reference=invoice.number)
    try:
        document = _document(invoice, shop)
    except Refusal as refusal:
        refused = [Rejected.by(refusal, line.number, invoice.number) for line in taken]
        return Incoming(None, rejected=invoice.rejected + refused, reference=invoice.number)
    lines = sorted(line.number for line in taken)
    return Incoming(document, lines, invoice.rejected, invoice.number)


def _document(invoice: _Invoice, shop: str) -> OrderDocument:
    if not invoice.goods:
        raise BadInput("The invoice has delivery cost but no goods.", code="only_shipping")
    if len(invoice.goods) > MAX_LINES:
        raise BadInput(
            f"The invoice has {len(invoice.goods)} lines; an order has at most {MAX_LINES}.",
            code="too_many_lines",
        )
    value = _json(invoice, shop)
    total = price_order(convert(value, OrderDocument)).grand_total
    if total:
        value["payments"] = [
            {
                "provider": "invented",
                "method": "banktransfer",
                "reference": f"invented-{invoice.number}",
                "status": "paid",
                "amount": format_amount(total, "GBP"),
            }
        ]
    return convert(value, OrderDocument)


def _json(invoice: _Invoice, shop: str) -> dict[str, Any]:
    at = min(line.at for line in invoice.goods)
    country = _CODES.get(invoice.country.strip())
    if country is None:
        raise BadInput(f"The country {invoice.country[:40]!r} is not known.", code="invalid_value")
    rate = "0.00" if country != "GB" else "20.00" if at.date() >= _VAT_TWENTY_SINCE else "17.50"
    name = f"Customer {invoice.customer}" if invoice.customer else "Unknown customer"
    customer = {"name": name}
    if invoice.customer:
        customer |= {
            "external_id": invoice.customer,
            "email": f"customer-{invoice.customer}@example.com",
        }
    carriage = sum((line.price * line.quantity for line in invoice.shipping), Decimal(0))
    return {
        "shop": shop,
        "external_id": invoice.number,
        "placed_at": at.astimezone(UTC).isoformat(),
        "currency": "GBP",
        "locale": "en",
        "prices_include_tax": False,
        "customer": customer,
        "billing_address": {
            "name": name, "street": "Unknown", "city": "Unknown", "country": country,
        },
        "lines": [
            {
                "external_id": str(line.position),
                "sku": line.sku,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price": f"{line.price:.2f}",
                "tax_rate": rate,
            }
            for line in sorted(invoice.goods, key=lambda line: line.position)
        ],
        "shipping": {"method": "standard", "price": f"{carriage:.2f}", "tax_rate": rate},
        "metadata": {"country": invoice.country, "source": "online-retail"},
    }  # fmt: skip
