"""Random histories of captures at a provider that misbehaves: what was taken there is what has left, never more, never twice."""

import os
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orderwerk.checks import captures, money, refunds
from orderwerk.checks.invariant import Severity
from orderwerk.core import decode, sql
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.capture_payments import CaptureItem, capture_payments
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.send_captures import send_captures
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.commands.retry_captures import RetryCaptureItem, retry_captures
from orderwerk.payments.looks import ask_for_looks
from tests import build
from tests.doubles.mollie import MollieDouble
from tests.doubles.shop import Connected, connect, hurry
from tests.doubles.stripe import StripeDouble
from tests.doubles.wire import serving

# Few: what they mean is walked by the histories of the whole life; these walk it through each provider's own client.
EXAMPLES = int(os.environ.get("ORDERWERK_PROVIDER_HISTORIES", "4"))
FAULTS = ["500_before", "500_after", "cut_before", "cut_after", "garbage_before", "garbage_after", "429"]  # fmt: skip
ASKED = ("create_captures", "create_release-authorization", "get_payment", "get_captures")
DEEDS = ["ship", "ship", "cancel", "decide", "send", "look", "fault", "retry", "forget", "late", "pending", "end"]  # fmt: skip
SOUND = [
    x
    for x in (*money.INVARIANTS, *refunds.INVARIANTS, *captures.INVARIANTS)
    if x.severity is Severity.VIOLATION
]
PIECES, PIECE, DELIVERY = 8, 1000, 500


@dataclass
class History:
    """One order of 8 pieces of 10.00 and 5.00 of delivery that was authorised at the double, and what is done with it."""

    shop: Connected
    reference: str
    order: UUID
    log: list[str] = field(default_factory=list)

    def counts(self) -> tuple[int, int]:
        [(shipped, cancelled)] = sql.fetch("select units_shipped, units_cancelled from orders_order where id = %s", (self.order,))  # fmt: skip
        return shipped, cancelled

    def ship(self, n: int) -> None:
        open_ones = build.shipments(self.order, "open")
        if not open_ones:
            return
        [(line, quantity)] = sql.fetch("select id, quantity from shipments_line where shipment_id = %s and is_live", (open_ones[0],))  # fmt: skip
        item = {
            "shipment_id": str(open_ones[0]),
            "lines": [{"shipment_line_id": str(line), "quantity": 1 + n % quantity}],
        }
        ship_shipments([decode.convert(item, ShipItem)], actor=build.TESTER)

    def cancel(self, n: int) -> None:
        [line] = build.order_lines(self.order)
        lines = [{"order_line_id": str(line), "quantity": 1 + n % 3}]
        item = {"order_id": str(self.order), "reason": "x", "lines": lines}
        cancel_orders([decode.convert(item, CancelItem)], actor=build.TESTER)

    def decide(self, n: int) -> None:
        capture_payments([CaptureItem(order_id=self.order)], actor=build.TESTER)[0].require()

    def send(self, n: int) -> None:
        send_captures(PROVIDERS)

    def look(self, n: int) -> None:
        ask_for_looks([(self.shop.account_id, self.reference)])
        look_at_payments(PROVIDERS)

    def fault(self, n: int) -> None:
        self.shop.double.fail(FAULTS[n % len(FAULTS)], on=ASKED[n % len(ASKED)])

    def retry(self, n: int) -> None:
        rows = sql.fetch("select id from payments_capture where order_id = %s and status = 'failed'", (self.order,))  # fmt: skip
        retry_captures([RetryCaptureItem(capture_id=row[0]) for row in rows], actor=build.TESTER)

    def forget(self, n: int) -> None:
        self.shop.double.forget_keys()

    def late(self, n: int) -> None:
        hurry()

    def pending(self, n: int) -> None:
        """Mollie works on the captures from now on, or does them at once."""
        self.shop.double.next_capture = ("pending", "succeeded")[n % 2]

    def end(self, n: int) -> None:
        if isinstance(self.shop.double, MollieDouble):
            waiting = [c.id for c in self.shop.double.captures.values() if c.status == "pending"]
            for key in waiting[: 1 + n % 2]:
                self.shop.double.end_capture(key, ("succeeded", "failed")[n % 3 == 0])

    def do(self, deed: str, n: int) -> None:
        self.log.append(f"{deed} {n}")
        getattr(self, deed)(n)

    def rest(self) -> None:
        """Everybody comes to an end: no more faults, and time goes by."""
        self.shop.double.calm()
        self.shop.double.next_capture = "succeeded"
        for _ in range(5):
            for deed in ("late", "look", "retry", "decide", "send"):
                getattr(self, deed)(0)
            self.end(1)
            self.end(1)

    def check(self) -> None:
        with connection.cursor() as cursor:
            for invariant in SOUND:
                cursor.execute(invariant.sql)
                assert cursor.fetchall() == [], (invariant.id, self.log)
        shipped, _ = self.counts()
        worth = shipped * PIECE + (DELIVERY if shipped else 0)
        assert self.shop.double.taken(self.reference) <= worth, self.log

    def compare(self) -> None:
        """What was taken is exactly what has left; once nothing is open the rest is let go."""
        shipped, cancelled = self.counts()
        is_finished = shipped + cancelled == PIECES
        waits = self.shop.provider == "stripe" and not is_finished
        worth = 0 if waits or not shipped else shipped * PIECE + DELIVERY
        taken = self.shop.double.taken(self.reference)
        [(status, captured)] = sql.fetch("select status, captured_minor from payments_payment where order_id = %s", (self.order,))  # fmt: skip
        assert (taken, captured) == (worth, worth), self.log
        assert (status == "authorized") is not is_finished, self.log


STEPS = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 60)), min_size=5, max_size=30)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("provider", ["mollie", "stripe"])
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(steps=STEPS)
def test_what_was_taken_at_the_provider_is_what_has_left(provider: str, steps: list[tuple[str, int]]) -> None:  # fmt: skip
    django_settings.ORDERWERK_PROVIDER_PATIENCE = 5.0
    double_of: dict[str, Any] = {"mollie": MollieDouble, "stripe": StripeDouble}
    word = {"mollie": "authorized", "stripe": "requires_capture"}[provider]
    with serving(double_of[provider]()) as double:
        shop = connect(provider, double)  # type: ignore[arg-type]
        total = PIECES * PIECE + DELIVERY
        reference = shop.double.pay(total, status=word)
        order = shop.world.place(
            (shop.world.skus[0], PIECES),
            payments=[shop.payment(reference, f"{total / 100:.2f}", "authorized")],
            shipping={"name": "Post", "price": "5.00", "tax_rate": "21.00"},
        )
        history = History(shop, reference, order)
        for deed, n in steps:
            history.do(deed, n)
            history.check()
        history.rest()
        history.check()
        history.compare()
        sql.execute("update payments_account set is_active = false where id = %s", (shop.account_id,))  # fmt: skip
