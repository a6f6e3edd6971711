"""What a file of invoice lines says came back, and the sales that it can be of, placed, shipped and invoiced."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.integrations.online_retail import read_online_retail
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from orderwerk.orders.document import OrderDocument
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops

SHOP = "uk"
_ACTOR = Actor.system("replay")
_LONDON = ZoneInfo("Europe/London")
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Back:
    """One line of a C invoice: so many pieces came back, or so much was given back, at a price without VAT."""

    line: int
    invoice: str
    sku: str
    pieces: int
    price: Decimal
    at: datetime
    customer: str


@dataclass(slots=True)
class Sale:
    """One line of a sale, and how many of its pieces have not come back yet."""

    order: str
    position: str
    sku: str
    price: Decimal
    at: datetime
    left: int
    order_line_id: str = ""


@dataclass
class Year:
    """The file: what came back, and the sales of those customers."""

    backs: list[Back] = field(default_factory=list)
    documents: list[OrderDocument] = field(default_factory=list)
    sales: dict[tuple[str, str], list[Sale]] = field(default_factory=lambda: defaultdict(list))
    order_ids: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Year:
    """Read the file twice: first what came back, then the sales that hold one of those articles, or delivery, of the same customer."""
    year = Year()
    with _opened(path) as file:
        year.backs = list(_backs(file))
    wanted = {(back.customer, back.sku) for back in year.backs if back.customer}
    customers = {back.customer for back in year.backs if back.customer and back.sku in MONEY}
    with _opened(path) as file:
        for part in read_online_retail(file, SHOP):
            document = part.item
            if document is None or document.customer.external_id is None:
                continue
            customer = document.customer.external_id
            if customer in customers or any((customer, line.sku) in wanted for line in document.lines):  # fmt: skip
                year.documents.append(document)
                _note(year, customer, document)
    return year


# What is given back without goods: delivery, discounts, corrections by hand.
MONEY = frozenset({"POST", "DOT", "C2", "M", "D"})


def _opened(path: Path) -> Any:
    opener = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding="utf-8", newline="")


def _backs(file: Any) -> Iterator[Back]:
    for number, row in enumerate(csv.DictReader(file), start=2):
        if row["InvoiceNo"].startswith("C"):
            at = datetime.strptime(row["InvoiceDate"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=_LONDON)
            yield Back(
                number, row["InvoiceNo"], row["StockCode"].strip(), -int(row["Quantity"]), Decimal(row["UnitPrice"]),
                at.astimezone(UTC), row["CustomerID"].strip(),
            )  # fmt: skip


def _note(year: Year, customer: str, document: OrderDocument) -> None:
    for line in document.lines:
        year.sales[customer, line.sku].append(
            Sale(
                document.external_id, str(line.external_id), line.sku, Decimal(line.unit_price), document.placed_at,
                line.quantity,
            )
        )  # fmt: skip


def load(year: Year) -> int:
    """Place, ship and invoice the sales, from one location that has enough of everything; returns how many there are."""
    shop = ShopItem(code=SHOP, name="The year", currency="GBP", locale="en", timezone="Europe/London")  # fmt: skip
    upsert_shops([shop], actor=_ACTOR)[0].require()
    place = LocationItem(code="MAIN", name="MAIN", priority=1, shops=[SHOP])
    set_up_locations([place], actor=_ACTOR)[0].require()
    names: dict[str, str] = {}
    pieces: dict[str, int] = defaultdict(int)
    for document in year.documents:
        for line in document.lines:
            names.setdefault(line.sku, line.name)
            pieces[line.sku] += line.quantity
    products = [ProductItem(sku=sku, name=name[:200]) for sku, name in names.items()]
    for batch in _batches(products, 1000):
        _done(upsert_products(batch, actor=_ACTOR))
    counts = [CountItem(sku=sku, location="MAIN", quantity=n) for sku, n in pieces.items()]
    for batch in _batches(counts, 1000):
        _done(count_stock_levels(batch, actor=_ACTOR))
    for batch in _batches(year.documents, _BATCH):
        keys = [outcome.id for outcome in _done(place_orders(batch, actor=_ACTOR))]
        rows = sql.fetch("select id from shipments_shipment where order_id = any(%s)", (keys,))
        _done(ship_shipments([ShipItem(shipment_id=row[0]) for row in rows], actor=_ACTOR))
        _done(issue_invoices([IssueItem(order_id=key) for key in keys], actor=_ACTOR))
    _find_ids(year)
    return len(year.documents)


def _find_ids(year: Year) -> None:
    rows = sql.fetch("select o.external_id, o.id::text, l.external_id, l.id::text from orders_order o join orders_line l on l.order_id = o.id")  # fmt: skip
    year.order_ids = {row[0]: row[1] for row in rows}
    lines = {(row[0], row[2]): row[3] for row in rows}
    for sales in year.sales.values():
        for sale in sales:
            sale.order_line_id = lines[sale.order, sale.position]


def _done(outcomes: list[Any]) -> list[Any]:
    return [outcome.require() for outcome in outcomes]


def _batches(items: list[Any], size: int) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
