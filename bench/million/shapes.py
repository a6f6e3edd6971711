"""Orders of a year with the skew, days and hours of a real one: which articles, when, how many."""

import csv
import gzip
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

_NAMES = ("Jansen", "de Vries", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos", "Peters")  # fmt: skip
_FILE = "online-retail/online_retail_2010-12-01_2011-12-09.csv.gz"
# Consumers buy one article, seldom more: 1.15 lines an order.
_MORE_LINES = 0.13


@dataclass
class Shape:
    """What a real year tells: how often each article is sold, at which times of a week, how many lines an order has."""

    skus: Counter[str] = field(default_factory=Counter)
    times: Counter[int] = field(default_factory=Counter)
    lines: Counter[int] = field(default_factory=Counter)
    source: str = ""


def read_shape() -> Shape:
    """Count the real year where it is to be had, else the sample that comes with the demo."""
    folder = os.environ.get("ORDERWERK_SHARED_DATA")
    shape = Shape(source="the whole year" if folder else "the demo's sample")
    orders: Counter[str] = Counter()
    for row in _rows(Path(folder) / _FILE if folder else None):
        if row["InvoiceNo"].startswith("C") or int(row["Quantity"]) <= 0:
            continue
        shape.skus[row["StockCode"]] += 1
        if not orders[row["InvoiceNo"]]:
            shape.times[_minute_of_week(row["InvoiceDate"])] += 1
        orders[row["InvoiceNo"]] += 1
    shape.lines.update(orders.values())
    return shape


def _rows(path: Path | None) -> Iterator[dict[str, str]]:
    packed = resources.files("orderwerk.cli").joinpath("demo_data/invoice_lines.csv.gz")
    opened = path.open("rb") if path else packed.open("rb")
    with opened as raw, gzip.open(raw, "rt", encoding="utf-8", errors="replace") as file:
        yield from csv.DictReader(file)


def _minute_of_week(text: str) -> int:
    at = datetime.fromisoformat(text)
    return at.weekday() * 1440 + at.hour * 60 + at.minute


class Shopper:
    """Draws orders of the shape; the same seed draws the same ones."""

    def __init__(self, shape: Shape, *, articles: int, retail: bool, seed: int = 7) -> None:
        self._dice = random.Random(seed)
        best = shape.skus.most_common(articles)
        self.skus = [sku for sku, _ in best]
        self._weights = [n for _, n in best]
        self._times = (list(shape.times), list(shape.times.values()))
        self._lines = (list(shape.lines), list(shape.lines.values())) if retail else None
        self._number = 0

    def lines(self) -> list[tuple[str, int]]:
        """Which articles an order wants, and how many of each."""
        dice = self._dice
        if self._lines:
            count = min(dice.choices(*self._lines)[0], len(self.skus))
        else:
            count = 1 if dice.random() > _MORE_LINES else 2
        chosen: set[str] = set()
        while len(chosen) < count:
            chosen.update(dice.choices(self.skus, self._weights, k=count - len(chosen)))
        return [(sku, dice.choice((1, 1, 1, 1, 2, 3))) for sku in sorted(chosen)]

    def moment(self, week: datetime) -> datetime:
        """When in the week that begins then an order is placed."""
        [minute] = self._dice.choices(*self._times)
        return week + timedelta(minutes=minute, seconds=self._dice.randrange(60))

    def order(self, shop: str, at: datetime) -> dict[str, Any]:
        """An order document, plainly made up but for its articles."""
        dice, self._number = self._dice, self._number + 1
        number, rate = self._number, "21.00"
        name = f"Demo{dice.randrange(1000)} {dice.choice(_NAMES)}"
        lines = [
            {"sku": sku, "name": f"Article {sku}", "quantity": quantity, "unit_price": f"{_euros(sku)}.95", "tax_rate": rate}
            for sku, quantity in self.lines()
        ]  # fmt: skip
        total = sum(line["quantity"] * (_euros(line["sku"]) * 100 + 95) for line in lines)
        address = {
            "name": name, "street": "Voorbeeldstraat", "house_number": str(1 + number % 200),
            "postal_code": f"{1000 + dice.randrange(8999)} {dice.choice('ABCDEGHJ')}{dice.choice('ABCDEGHJ')}",
            "city": "Voorbeeld", "country": "NL",
        }  # fmt: skip
        return {
            "shop": shop, "external_id": f"WEB-{number}", "placed_at": at.isoformat(), "currency": "EUR", "prices_include_tax": True,
            "customer": {
                "name": name, "email": f"{name.split(maxsplit=1)[0].lower()}.{number}@example.com", "phone": f"06{dice.randrange(10**8):08d}",
            },
            "billing_address": address, "lines": lines, "tags": ["vip"] if number % 40 == 0 else [],
            "payments": [
                {"provider": "bench", "reference": f"pay-{number}", "status": "pending" if number % 33 == 0 else "paid", "amount": f"{total / 100:.2f}"}
            ],
        }  # fmt: skip


def _euros(sku: str) -> int:
    # The same from run to run, unlike `hash`.
    return 3 + sum(ord(c) * (i + 7) for i, c in enumerate(sku)) % 40
