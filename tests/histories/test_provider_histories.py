"""Random histories of refunds at a provider that misbehaves: the money that moved there is what our books say, to the cent."""

import os
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orderwerk.checks import money, refunds
from orderwerk.checks.invariant import Severity
from orderwerk.core import sql
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.payments.looks import ask_for_looks
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.refunds.sending import send_due
from tests import build
from tests.doubles.mollie import MOVES as MOLLIE_MOVES
from tests.doubles.mollie import MollieDouble
from tests.doubles.shop import Connected, connect, hurry
from tests.doubles.stripe import MOVES as STRIPE_MOVES
from tests.doubles.stripe import StripeDouble
from tests.doubles.wire import serving

# Few: what they mean is walked by the histories of the whole life; these walk it through each provider's own client.
EXAMPLES = int(os.environ.get("ORDERWERK_PROVIDER_HISTORIES", "4"))
# Without those that only cost time: a hang is to us what a cut is.
FAULTS = ["500_before", "500_after", "cut_before", "cut_after", "garbage_before", "garbage_after", "429"]  # fmt: skip
DEEDS = ["credit", "approve", "reject", "retry", "by_hand", "settle", "send", "look", "fault", "move", "dashboard", "forget", "late"]  # fmt: skip
SOUND = [x for x in (*money.INVARIANTS, *refunds.INVARIANTS) if x.severity is Severity.VIOLATION]


@dataclass
class History:
    """One shop, one order of 100.00 that was paid at the double, and what is done with it."""

    shop: Connected
    moves: dict[str, set[str]]
    order: UUID
    dashboard: int = 0
    log: list[str] = field(default_factory=list)

    def refunds(self, *statuses: str) -> list[Any]:
        return sql.fetch(
            "select id, status, via, provider_reference from refunds_refund where order_id = %s and status = any(%s) order by number",
            (self.order, list(statuses)),
        )

    def credit(self, n: int) -> None:
        debit = build.invoices(self.order)[0]["id"]
        item = CreditItem(invoice_id=debit, reason="x", amount=f"{1 + n % 30}.00")
        made = credit_invoices([item], actor=build.TESTER)[0]
        if made.ok:
            create_refunds([CreateRefundItem(invoice_id=made.id)], actor=build.TESTER)[0].require()  # type: ignore[arg-type]

    def each(self, statuses: tuple[str, ...], n: int, act: Any) -> None:
        found = self.refunds(*statuses)
        if found:
            act(found[n % len(found)])

    def approve(self, n: int) -> None:
        def act(row: Any) -> None:
            approve_refunds([ApproveRefundItem(refund_id=row[0])], actor=build.TESTER)[0].require()
            if n % 3:
                submit_refunds([SubmitRefundItem(refund_id=row[0])], actor=build.TESTER)

        self.each(("awaiting_approval",), n, act)

    def reject(self, n: int) -> None:
        self.each(("awaiting_approval", "approved"), n, lambda row: reject_refunds([RejectRefundItem(refund_id=row[0], reason="x")], actor=build.TESTER))  # fmt: skip

    def retry(self, n: int, *, by_hand: bool = False) -> None:
        self.each(("failed",), n, lambda row: retry_refunds([RetryRefundItem(refund_id=row[0], by_hand=by_hand)], actor=build.TESTER))  # fmt: skip

    def by_hand(self, n: int) -> None:
        self.retry(n, by_hand=True)

    def settle(self, n: int) -> None:
        self.each(("submitted",), n, lambda row: settle_refunds([SettleRefundItem(refund_id=row[0], status="succeeded")], actor=build.TESTER))  # fmt: skip

    def send(self, n: int) -> None:
        approved = [row[0] for row in self.refunds("approved")]
        submit_refunds([SubmitRefundItem(refund_id=key) for key in approved], actor=build.TESTER)
        send_due(PROVIDERS)

    def look(self, n: int) -> None:
        rows = sql.fetch("select reference from payments_payment where order_id = %s", (self.order,))  # fmt: skip
        ask_for_looks([(self.shop.account_id, row[0]) for row in rows])
        look_at_payments(PROVIDERS)

    def fault(self, n: int) -> None:
        on = ("create_refunds", "get_refunds", "get_payment")[n % 3]
        self.shop.double.fail(FAULTS[n % len(FAULTS)], on=on)

    def move(self, n: int) -> None:
        found = [r for r in self.shop.double.refunds.values() if self.moves.get(r.status)]
        if found:
            chosen = found[n % len(found)]
            self.shop.double.move(chosen.id, sorted(self.moves[chosen.status])[n % len(self.moves[chosen.status])])  # fmt: skip

    def dashboard_refund(self, n: int) -> None:
        [(reference,)] = sql.fetch("select reference from payments_payment where order_id = %s", (self.order,))  # fmt: skip
        amount = 100 * (1 + n % 30)
        if self.shop.double.money_out(reference) + amount <= 10_000:
            self.shop.double.refund_by_hand(reference, amount)

    def forget(self, n: int) -> None:
        self.shop.double.forget_keys()

    def late(self, n: int) -> None:
        hurry()

    def do(self, deed: str, n: int) -> None:
        self.log.append(f"{deed} {n}")
        (self.dashboard_refund if deed == "dashboard" else getattr(self, deed))(n)

    def rest(self) -> None:
        """Everybody comes to an end: no more faults, and time goes by."""
        self.shop.double.calm()
        for _ in range(4):
            hurry()
            self.send(0)
            self.look(0)

    def check(self) -> None:
        with connection.cursor() as cursor:
            for invariant in SOUND:
                cursor.execute(invariant.sql)
                assert cursor.fetchall() == [], (invariant.id, self.log)
        [(reserved, refundable)] = sql.fetch("select refund_reserved_minor, refundable_minor from orders_order where id = %s", (self.order,))  # fmt: skip
        assert reserved <= refundable

    def compare(self) -> None:
        """What moved at the double is what our books say went there, and what is shown as a difference; nothing moved twice."""
        rows = sql.fetch(
            "select r.amount_minor, r.provider_reference from refunds_refund r where r.order_id = %s and r.via not in ('', 'manual') "
            "and r.status in ('submitted', 'succeeded') and not exists (select 1 from refunds_reversal x where x.refund_id = r.id)",
            (self.order,),
        )
        open_ones = sql.fetch(
            "select d.theirs_minor, d.reference from refunds_difference d join payments_payment p on p.id = d.payment_id "
            "where p.order_id = %s and d.kind = 'unknown_refund' and d.status = 'open'",
            (self.order,),
        )
        double = self.shop.double
        moved = {key: r.amount for key, r in double.refunds.items() if double.has_moved(r)}
        ours = {row[1]: row[0] for row in rows}
        shown = {row[1]: row[0] for row in open_ones if row[1] in moved}
        assert "" not in ours, self.log
        assert moved == ours | shown, self.log
        assert not set(ours) & set(shown), self.log
        carried = [r.metadata["orderwerk_refund"] for r in double.refunds.values() if r.metadata and double.has_moved(r)]  # fmt: skip
        assert len(carried) == len(set(carried)), ("paid twice", self.log)


STEPS = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 60)), min_size=5, max_size=40)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("provider", ["mollie", "stripe"])
# A failure names its whole history; to make it shorter would take longer than to read it.
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(steps=STEPS)
def test_what_moved_at_the_provider_is_what_our_books_say(provider: str, steps: list[tuple[str, int]]) -> None:  # fmt: skip
    django_settings.ORDERWERK_PROVIDER_PATIENCE = 5.0
    made, moves = {"mollie": (MollieDouble, MOLLIE_MOVES), "stripe": (StripeDouble, STRIPE_MOVES)}[provider]  # fmt: skip
    with serving(made()) as double:
        double.next_status = "pending"  # type: ignore[attr-defined]
        shop = connect(provider, double)  # type: ignore[arg-type]
        history = History(shop, moves, shop.order(10))
        history.credit(9)
        for deed, n in steps:
            history.do(deed, n)
            history.check()
        history.rest()
        history.check()
        history.compare()
        sql.execute("update payments_account set is_active = false where id = %s", (shop.account_id,))  # fmt: skip
