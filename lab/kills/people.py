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
    """What the other side was told: the client's own book. `owed`: what has to go back of each payment, in cents."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    wanted: set[str] = field(default_factory=set)
    placed: dict[str, str] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    shipped: set[str] = field(default_factory=set)
    notified: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    returned: dict[str, int] = field(default_factory=dict)
    owed: dict[str, int] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Order:
    """What somebody bought, and the payment for it."""

    id: str
    payment: str
    amount: int


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

    def _buy(self, name: str) -> Order | None:
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
        return Order(str(answer["id"]), reference, pieces * _PRICE)

    def _send(self, order: Order) -> None:
        status, found = self._caller.insist("GET", f"shipments?order_id={order.id}")
        open_ones = (
            [s["id"] for s in found["items"] if s["status"] == "open"] if status == 200 else []
        )
        for shipment in open_ones:
            item = {"shipment_id": shipment, "tracking_code": f"3S{shipment[-12:]}", "notify": True}
            if self._done("shipments/ship", item):
                with self._book.lock:
                    self._book.shipped.add(order.id)
                    self._book.notified.add(shipment)

    def _give_back(self, order: Order) -> None:
        status, found = self._caller.insist("GET", f"orders/{order.id}")
        lines = [x for x in found["lines"] if x["shipped"]] if status == 200 else []
        if not lines:
            return
        item = {"order_id": order.id, "lines": [{"order_line_id": lines[0]["id"], "quantity": 1, "reason": "damaged", "restock": True}]}  # fmt: skip
        if self._done("returns/create", item):
            with self._book.lock:
                self._book.returned[order.id] = self._book.returned.get(order.id, 0) + 1
                self._book.owed[order.payment] = self._book.owed.get(order.payment, 0) + _PRICE

    def _cancel(self, order: Order) -> None:
        if self._done("orders/cancel", {"order_id": order.id, "reason": "Changed"}):
            with self._book.lock:
                self._book.cancelled.add(order.id)
                self._book.owed[order.payment] = order.amount

    def _done(self, path: str, item: dict[str, Any]) -> bool:
        """Whether it was done and answered; anything else is noted."""
        results = self._caller.do(path, [item], str(uuid4()))
        if not (results and results[0]["ok"]):
            self._note(f"{path}: {results or 'no answer'}")
            return False
        return True

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
