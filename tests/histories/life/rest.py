"""The end of histories: no more faults, time goes by, everybody comes to an end; then provider and books are compared."""

from collections.abc import Sequence

from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.send_captures import send_captures
from orderwerk.payments.looks import ask_for_looks
from orderwerk.refunds.sending import send_due
from tests.histories.life.money import providers, wait
from tests.histories.life.reads import Payment
from tests.histories.life.story import Story

_ROUNDS = 2


def come_to_rest(stories: Sequence[Story]) -> None:
    """Let what is under way end; what that changes of orders is taken over, not foretold."""
    if not stories:
        return
    known = providers(stories[0])
    for double in stories[0].doubles.values():
        double.calm()
    wanted = [(s.account, p.reference) for s in stories for p in s.snap.all("payments") if _is_news(s, p)]  # fmt: skip
    for _ in range(_ROUNDS):
        wait(stories)
        send_due(known, most=10_000)
        send_captures(known, most=10_000)
        asked = ask_for_looks([(account, ref) for account, ref in wanted if account is not None])
        look_at_payments(known, [look.id for look in asked], most=10_000)
        for double in stories[0].doubles.values():
            double.calm()
    for story in stories:
        for order in story.orders.values():
            story.pending.append(lambda s=story, o=order: s.sync_cancelled(o))  # type: ignore[misc]


def _is_news(story: Story, payment: Payment) -> bool:
    """Whether the provider has anything to tell of a payment that may not be known yet."""
    held = story.double.held.get(payment.reference)
    if held is None:
        return False
    known = (payment.status, payment.captured, payment.charged_back)
    return bool(held.refunds or held.captures) or known != (held.status, held.captured, held.charged_back)  # fmt: skip


def compare_with_provider(story: Story) -> None:
    """What the provider has and what our books say is the same, to the cent; what it did alone is shown as a difference."""
    shown = {d.status for d in story.snap.all("differences")}
    ours = {
        r.reference: r.amount
        for r in story.snap.all("refunds")
        if r.via not in {"", "manual", "exchange", "store_credit"} and r.status in {"submitted", "succeeded"} and not r.is_reversed
    }  # fmt: skip
    assert "" not in ours, "a refund at the provider without its reference"
    carried = []
    for payment in story.snap.all("payments"):
        held = story.double.held.get(payment.reference)
        if held is None:
            continue
        assert payment.captured == held.captured, f"received {payment.captured}, at the provider {held.captured}"  # fmt: skip
        assert payment.charged_back == held.charged_back, "charged back"
        assert not held.twice, "taken twice under one key"
        for key, refund in held.refunds.items():
            if refund.status == "failed":
                assert key not in ours, "a failed refund counts"
            elif key in ours:
                assert ours[key] == refund.amount, "a refund with another amount"
                carried.append(refund.refund_id)
            else:
                assert refund.refund_id is None, "money went back for us that our books do not know"
    named = [key for key in carried if key is not None]
    assert len(named) == len(set(named)), "paid back twice"
    moved = {k for h in story.held() for k, r in h.refunds.items() if r.status != "failed"}
    assert set(ours) <= moved, "books say more went back than did"
    assert not set(ours) & shown, "a known refund is shown as unknown"
