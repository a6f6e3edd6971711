"""Who works while processes are killed: shoppers who pay, a warehouse that sends, and customers who send back."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from lab.kills.installation import Caller
from tests.doubles.mollie import MollieDouble

SCOPES = [f"{room}:{way}" for room in ("orders", "stock", "shipping", "billing", "returns", "refunds", "settings") for way in ("read", "write")]  # fmt: skip
SHOP, PLACE, SKUS = "demo", "MAIN", [f"DEMO-{n}" for n in range(1, 21)]
_PRICE = 1000


@dataclass
class History:
    """What the other side was told: the client's own book."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    wanted: set[str] = field(default_factory=set)
    placed: dict[str, str] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    shipped: set[str] = field(default_factory=set)
    returned: dict[str, int] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)


def set_up(caller: Caller, mollie: MollieDouble) -> None:
    """Make the shop, its stock and its account at the payment provider."""
    steps: tuple[tuple[str, list[dict[str, Any]]], ...] = (
        ("shops/upsert", [{"code": SHOP, "name": "Demo", "currency": "EUR", "locale": "en", "refund_mode": "automatic"}]),
        ("stock-locations/upsert", [{"code": PLACE, "name": "Main", "priority": 1, "country": "NL", "shops": [SHOP]}]),
        ("products/upsert", [{"sku": sku, "name": f"Article {sku}"} for sku in SKUS]),
        ("stock-levels/count", [{"sku": sku, "location": PLACE, "quantity": 1_000_000} for sku in SKUS]),
        ("payment-accounts/upsert", [{"shop": SHOP, "provider": "mollie", "key": mollie.key}]),
    )  # fmt: skip
    for path, items in steps:
        results = caller.do(path, items, str(uuid4()))
        if not results or not all(result["ok"] for result in results):
            raise SystemExit(f"{path}: {results}")


class Person(threading.Thread):
    """Buys, has it sent and sends some of it back, again and again, until it is told to stop."""

    def __init__(
        self,
        number: int,
        caller: Caller,
        mollie: MollieDouble,
        book: History,
        stop: threading.Event,
    ) -> None:
        super().__init__()
        self._number, self._caller, self._mollie, self._book, self._stop_event = (
            number,
            caller,
            mollie,
            book,
            stop,
        )
        self._dice = random.Random(number)
        self._count = 0

    def run(self) -> None:
        """Live."""
        while not self._stop_event.is_set():
            self._count += 1
            order = self._buy(f"P{self._number}-{self._count}")
            if order is None:
                continue
            fate = self._dice.random()
            if fate < 0.6:
                self._send(order)
            if fate < 0.35:
                self._give_back(order)
            elif fate > 0.9:
                self._cancel(order)
            time.sleep(0.01)

    def _buy(self, name: str) -> str | None:
        pieces = self._dice.randint(1, 4)
        reference = self._mollie.pay(pieces * _PRICE)
        document = {
            "shop": SHOP, "external_id": name, "placed_at": "2026-01-05T10:00:00+00:00", "currency": "EUR", "prices_include_tax": True,
            "customer": {"name": "Demo Person", "email": f"{name.lower()}@example.com"},
            "billing_address": {"name": "Demo Person", "street": "Street", "house_number": "1", "postal_code": "1234 AB", "city": "Town", "country": "NL"},
            "lines": [{"sku": self._dice.choice(SKUS), "name": "Article", "quantity": pieces, "unit_price": "10.00", "tax_rate": "21.00"}],
            "payments": [{"provider": "mollie", "reference": reference, "status": "paid", "amount": f"{pieces * _PRICE / 100:.2f}"}],
        }  # fmt: skip
        with self._book.lock:
            self._book.wanted.add(name)
            self._book.paid[reference] = pieces * _PRICE
        status, answer = self._caller.insist("POST", "orders", document, str(uuid4()))
        if status not in (200, 201):
            self._note(f"orders answered {status}: {answer}")
            return None
        with self._book.lock:
            self._book.placed[name] = answer["id"]
        return str(answer["id"])

    def _send(self, order: str) -> None:
        status, found = self._caller.insist("GET", f"shipments?order_id={order}")
        open_ones = (
            [s["id"] for s in found["items"] if s["status"] == "open"] if status == 200 else []
        )
        for shipment in open_ones:
            item = {"shipment_id": shipment, "tracking_code": f"3S{shipment[-12:]}", "notify": True}
            for result in self._caller.do("shipments/ship", [item], str(uuid4())):
                if result["ok"]:
                    with self._book.lock:
                        self._book.shipped.add(order)

    def _give_back(self, order: str) -> None:
        status, found = self._caller.insist("GET", f"orders/{order}")
        lines = [x for x in found["lines"] if x["shipped"]] if status == 200 else []
        if not lines:
            return
        item = {"order_id": order, "lines": [{"order_line_id": lines[0]["id"], "quantity": 1, "reason": "damaged", "restock": True}]}  # fmt: skip
        for result in self._caller.do("returns/create", [item], str(uuid4())):
            if result["ok"]:
                with self._book.lock:
                    self._book.returned[order] = self._book.returned.get(order, 0) + 1
            else:
                self._note(f"returns/create: {result}")

    def _cancel(self, order: str) -> None:
        for result in self._caller.do("orders/cancel", [{"order_id": order, "reason": "Changed"}], str(uuid4())):  # fmt: skip
            if not result["ok"]:
                self._note(f"orders/cancel: {result}")

    def _note(self, what: str) -> None:
        with self._book.lock:
            self._book.odd.append(what[:300])


@contextmanager
def at_work(number: int, caller: Caller, mollie: MollieDouble, book: History) -> Iterator[None]:
    """Let so many people live for the length of the block."""
    stop = threading.Event()
    people = [Person(n, caller, mollie, book, stop) for n in range(number)]
    for person in people:
        person.start()
    try:
        yield
    finally:
        stop.set()
        for person in people:
            person.join()
