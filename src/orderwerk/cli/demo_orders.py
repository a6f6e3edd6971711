"""The demo's orders: articles and prices of real invoices, everything else made up and recognisably so."""

import csv
import gzip
import io
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from orderwerk.cli.demo_places import SHOP_NL, SHOP_UK, STORE, Article
from orderwerk.core.decode import convert
from orderwerk.core.money import format_amount
from orderwerk.orders.document import OrderDocument
from orderwerk.orders.pricing import price_order

# Days of the past that are worked off, and the share of the orders that came in since yesterday.
DAYS = 9
_FRESH = 0.36
_NL = (
    ("1011 AC", "Amsterdam"), ("3511 AD", "Utrecht"), ("3011 AE", "Rotterdam"), ("2511 AG", "Den Haag"),
    ("5611 AH", "Eindhoven"), ("9711 AJ", "Groningen"), ("6511 AK", "Nijmegen"), ("4811 AL", "Breda"),
)  # fmt: skip
_NEAR = (("BE", "2000", "Antwerpen"), ("BE", "9000", "Gent"), ("DE", "50667", "Köln"))
_UK = (
    ("LS1 1AA", "Leeds"), ("M1 1AE", "Manchester"), ("BS1 1AA", "Bristol"), ("EH1 1BB", "Edinburgh"),
    ("CF10 1AA", "Cardiff"), ("NE1 1AA", "Newcastle"), ("SE1 0AA", "London"),
)  # fmt: skip
_COMMENTS = {
    SHOP_NL: ("Graag bij de buren afgeven.", "Het is een cadeau: geen bon in de doos, alsjeblieft.", "Bel is stuk, graag kloppen."),
    SHOP_UK: ("Please leave it with the neighbours.", "It is a present: no price on the slip, please.", "Ring the top bell."),
}  # fmt: skip

Line = dict[str, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """An order of the demo and how many days ago it belongs to (0: since yesterday)."""

    document: OrderDocument
    day: int


def read_invoices() -> list[list[Line]]:
    """Return the sample's invoices, each a list of its lines."""
    packed = resources.files("orderwerk.cli").joinpath("demo_data/invoice_lines.csv.gz")
    text = gzip.decompress(packed.read_bytes()).decode()
    invoices: dict[str, list[Line]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        invoices.setdefault(row["InvoiceNo"], []).append(row)
    return list(invoices.values())


def articles(invoices: Sequence[Sequence[Line]]) -> list[Article]:
    """Return what the sample sells, with how many pieces of each."""
    wanted: Counter[str] = Counter()
    names: dict[str, str] = {}
    for line in (line for invoice in invoices for line in invoice):
        wanted[line["StockCode"]] += int(line["Quantity"])
        names[line["StockCode"]] = _name(line)
    return [Article(sku, names[sku], wanted[sku]) for sku in sorted(wanted)]


def _name(line: Line) -> str:
    return string.capwords(line["Description"])


def documents(invoices: Sequence[Sequence[Line]], now: datetime) -> list[Placed]:
    """Return the sample as orders of the last days, the oldest first; the newest were placed minutes ago."""
    fresh = round(len(invoices) * _FRESH)
    past = len(invoices) - fresh
    placed = []
    for index, invoice in enumerate(invoices):
        if index < past:
            day = DAYS - index * DAYS // past
            start, share = index * DAYS / past % 1, timedelta(hours=16)
            at = now - timedelta(days=day) - timedelta(hours=17) + share * start
        else:
            day = 0
            at = now - timedelta(hours=19) * (1 - (index - past + 1) / fresh) - timedelta(minutes=4)
        placed.append(
            Placed(_document(index + 1, invoice, at, collects=day == 0 and index % 10 == 3), day)
        )
    return placed


def _document(
    number: int, invoice: Sequence[Line], at: datetime, *, collects: bool
) -> OrderDocument:
    shop = SHOP_UK if number % 5 in {1, 3} else SHOP_NL
    rate = "20.00" if shop == SHOP_UK else "21.00"
    lines = [
        {
            "external_id": str(position), "sku": line["StockCode"], "name": _name(line), "quantity": int(line["Quantity"]),
            "unit_price": f"{float(line['UnitPrice']):.2f}", "tax_rate": rate,
        }
        for position, line in enumerate(invoice, start=1)
    ]  # fmt: skip
    worth = sum(int(line["Quantity"]) * float(line["UnitPrice"]) for line in invoice)
    address, name = _address(number, shop), f"Demo Customer {number}"
    value: dict[str, Any] = {
        "shop": shop,
        "external_id": f"DEMO-{number:04}",
        "placed_at": at.isoformat(),
        "currency": "GBP" if shop == SHOP_UK else "EUR",
        "locale": "en" if shop == SHOP_UK or number % 12 == 4 else "nl",
        "prices_include_tax": True,
        "customer": {"external_id": f"D-{number}", "email": f"customer{number}@example.com", "name": name},
        "billing_address": address,
        "lines": lines,
        "shipping": _collecting(rate) if collects else _shipping(worth, rate),
        "tags": [tag for tag, every in (("gift", 11), ("vip", 23), ("first order", 7)) if number % every == 0],
        "metadata": {"source": "demo"},
    }  # fmt: skip
    if shop == SHOP_UK and number % 2:
        value["customer"]["phone"] = f"+44 7700 900{number:03}"
    if number % 13 == 0:
        value["discount"] = {"code": "WELCOME", "amount": f"{worth / 10:.2f}"}
    if number % 8 == 2:
        value["comment"] = _COMMENTS[shop][number // 8 % 3]
    if number % 29 == 0:
        value["delivery_address"] = {
            **address,
            "company": "Demo Pickup Point",
            "house_number": "99",
        }
    value["payments"] = _payments(number, shop, value)
    return convert(value, OrderDocument)


def _shipping(worth: float, rate: str) -> dict[str, str]:
    price = "0.00" if worth >= 50 else "4.95"
    return {"method": "standard", "name": "Standard delivery", "price": price, "tax_rate": rate}


def _collecting(rate: str) -> dict[str, str]:
    """Some customers of the Dutch shop come to the store."""
    return {"method": "collect", "name": "Collect in store", "tax_rate": rate, "collect_at": STORE}


def _address(number: int, shop: str) -> dict[str, Any]:
    name = f"Demo Customer {number}"
    if shop == SHOP_UK:
        code, city = _UK[number % len(_UK)]
        return {
            "name": name, "street": "Example Street", "house_number": str(number), "postal_code": code, "city": city, "country": "GB",
        }  # fmt: skip
    country, code, city = _NEAR[number % 3] if number % 9 == 0 else ("NL", *_NL[number % len(_NL)])
    return {
        "name": name, "street": "Voorbeeldstraat", "house_number": str(number), "postal_code": code, "city": city, "country": country,
    }  # fmt: skip


def _payments(number: int, shop: str, value: dict[str, Any]) -> list[dict[str, str]]:
    total = price_order(convert(value, OrderDocument)).grand_total
    payment = {
        "provider": "demo-pay",
        "method": "card" if shop == SHOP_UK else "ideal",
        "reference": f"demo-{number:04}",
        "status": "paid",
        "amount": format_amount(total, value["currency"]),
    }
    if number % 19 == 5:
        payment |= {"method": "banktransfer", "status": "pending"}
    elif number % 14 == 6:
        payment |= {"method": "pay-later", "status": "authorized"}
    elif number % 31 == 12 and shop == SHOP_NL:
        payment |= {"method": "on-account", "status": "pending"}
    return [payment]
