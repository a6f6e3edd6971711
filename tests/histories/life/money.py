"""Deeds with money: invoiced, credited, paid back, taken on shipment; by people, by jobs, and by what providers do."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from orderwerk.core import clock, effects, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.capture_payments import CaptureItem, capture_payments
from orderwerk.flows.hold_charged_back import hold_charged_back_orders
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.send_captures import send_captures
from orderwerk.invoices.commands.credit import CreditItem, CreditLine, credit_invoices
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from orderwerk.payments.commands.retry_captures import RetryCaptureItem, retry_captures
from orderwerk.payments.looks import ask_for_looks
from orderwerk.payments.ports import Providers
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.create_batches import BankTransferItem, create_transfer_batches
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.resolve_differences import (
    ResolveDifferenceItem,
    resolve_differences,
)
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.set_accounts import RefundAccountItem, set_refund_accounts
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.refunds.sending import send_due
from tests.build import TESTER
from tests.histories.life.deeds import Deed, anything, by
from tests.histories.life.orders import money_came
from tests.histories.life.reads import Invoice, Payment, Refund
from tests.histories.life.story import ModelOrder, Story, Wish

IBAN = "NL91ABNA0417164300"


def providers(story: Story) -> Providers:
    """The two doubles under the names that payments carry."""
    return {name: story.doubles[name] for name in ("mollie", "stripe")}


# -- documents ---------------------------------------------------------------------------------------------------------


def _invoice(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    return order and Wish(IssueItem(order_id=order.id), {"order": order})


def _run_invoice(parts: list[tuple[Story, Wish]]) -> Sequence[Outcome]:
    items = [wish.item for _, wish in parts]
    issue_invoices(items, actor=TESTER)
    return issue_invoices(items, actor=TESTER)


def _issued(story: Story, wish: Wish, again: Outcome) -> None:
    assert again.require().data["invoices"] == [], "it was not up to date at once"
    order: ModelOrder = wish.facts["order"]

    def look() -> None:
        row = story.snap.orders[order.id]
        if row.status == "cancelled" and not order.is_erased:
            # Whatever came in, and the bank has left, goes back in full, as far as it paid for this order; what was paid beyond it may.
            away = sum(_away(p) for p in story.snap.of("payments", order.id))
            assert min(row.captured - away, row.total) <= row.refundable <= row.captured, "money of a cancelled order"  # fmt: skip

    story.pending.append(look)


def _away(payment: Payment) -> int:
    is_contested = payment.is_contested and payment.provider == "orderwerk"
    return payment.captured if is_contested else payment.charged_back


def _some_invoice(story: Story, dice: Random, kind: str) -> Invoice | None:
    found = [v for v in story.snap.all("invoices") if v.kind == kind]
    return dice.choice(found) if found else None


def _credit_amount(story: Story, dice: Random) -> Wish | None:
    debit = _some_invoice(story, dice, "debit")
    if debit is None:
        return None
    rest = debit.gross - debit.credited
    amount = dice.choice([max(1, rest), rest + 1, dice.randint(1, max(1, rest))])
    item = CreditItem(invoice_id=debit.id, reason="x", amount=story.amount(amount))
    fits = amount <= rest and not story.orders[debit.order].is_erased
    return Wish(item, {"fits": fits})


def _credited_amount(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]


def _credit_lines(story: Story, dice: Random) -> Wish | None:
    debit = _some_invoice(story, dice, "debit")
    if debit is None:
        return None
    rows = [x for x in story.snap.of("invoiced", debit.order) if x.invoice == debit.id]
    chosen = dice.sample(rows, dice.randint(1, len(rows)))
    lines = [(x.line, dice.randint(1, x.left + 1), x.left) for x in chosen if x.line is not None]
    named = [CreditLine(order_line_id=key, quantity=n) for key, n, _ in lines]
    shipping = any(x.line is None for x in chosen)
    item = CreditItem(invoice_id=debit.id, reason="x", lines=named or None, shipping=shipping)
    return Wish(item, {"fits": all(n <= left for _, n, left in lines)})


def _credited_lines(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert wish.facts["fits"] or not outcome.ok


# -- refunds -----------------------------------------------------------------------------------------------------------


def _pay_back(story: Story, dice: Random) -> Wish | None:
    credit = _some_invoice(story, dice, "credit")
    return credit and Wish(CreateRefundItem(invoice_id=credit.id))


def _required(story: Story, wish: Wish, outcome: Outcome) -> None:
    outcome.require()


def _some_refund(story: Story, dice: Random, *likely: str) -> Refund | None:
    found = story.snap.all("refunds")
    fitting = [r for r in found if r.status in likely]
    # Mostly what makes sense; now and then anything, which is refused.
    chosen = fitting if fitting and dice.random() < 0.9 else found
    return dice.choice(chosen) if chosen else None


def _decide(make: Callable[[UUID], Any], *statuses: str) -> Callable[[Story, Random], Wish | None]:
    def draw(story: Story, dice: Random) -> Wish | None:
        refund = _some_refund(story, dice, *statuses)
        return refund and Wish(make(refund.id), {"refund": refund, "fits": refund.status in statuses})  # fmt: skip

    return draw


def _decided(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]


def _settled(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is (wish.facts["fits"] and wish.facts["refund"].via == "manual")


def _at_most(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert wish.facts["fits"] or not outcome.ok


def _bank(story: Story, dice: Random) -> Wish | None:
    refund = _some_refund(story, dice, "approved", "awaiting_approval")
    return refund and Wish((RefundAccountItem(refund_id=refund.id, holder="Test Persoon", iban=IBAN), BankTransferItem(refund_id=refund.id)))  # fmt: skip


def _run_bank(parts: list[tuple[Story, Wish]]) -> Sequence[Outcome]:
    set_refund_accounts([wish.item[0] for _, wish in parts], actor=TESTER)
    return create_transfer_batches([wish.item[1] for _, wish in parts], actor=TESTER)


# -- at the provider ---------------------------------------------------------------------------------------------------


def _send(story: Story, dice: Random) -> Wish | None:
    refunds = [r for r in story.snap.all("refunds") if r.status == "submitted" and r.via == story.policy.provider]  # fmt: skip
    captures = [c for c in story.snap.all("captures") if c.status == "submitted"]
    if not refunds and not captures:
        return None
    if dice.random() < 0.5:
        payment = dice.choice([*refunds, *captures]).payment
        story.double.unlucky(story.held_as(payment), dice)
    return Wish(([r.id for r in refunds], [c.id for c in captures]))


def _run_send(parts: list[tuple[Story, Wish]]) -> Sequence[None]:
    refunds = [key for _, wish in parts for key in wish.item[0]]
    captures = [key for _, wish in parts for key in wish.item[1]]
    known = providers(parts[0][0])
    send_due(known, refunds, most=10_000)
    send_captures(known, captures, most=10_000)
    return [None] * len(parts)


def _look(story: Story, dice: Random) -> Wish | None:
    found = [p for p in story.snap.all("payments") if p.provider in story.doubles]
    if not found:
        return None
    payment = dice.choice(found)
    return Wish((story.account, payment.reference), {"order": story.orders[payment.order]})


def _run_look(parts: list[tuple[Story, Wish]]) -> Sequence[None]:
    since = clock.now()
    asked = ask_for_looks([wish.item for _, wish in parts])
    look_at_payments(providers(parts[0][0]), [look.id for look in asked], most=10_000)
    # The job of the table of reactions: goods of a payment that was charged back stay here.
    rows = sql.fetch("select id from core_event where kind = 'payment.charged_back' and at >= %s", (since,))  # fmt: skip
    hold_charged_back_orders([row[0] for row in rows])
    return [None] * len(parts)


def _reached(story: Story, start: UUID) -> set[UUID]:
    """The orders that the money of an order may have gone on to, and itself: by store credits, exchanges and claims."""
    found, fresh = set[UUID](), {start}
    while fresh:
        found |= fresh
        gave = [c for c in story.snap.all("store_credits") if c.order in fresh]
        paid = {key for credit in gave for key in credit.paid}
        followed = {o.id for o in story.orders.values() if o.came_of in fresh}
        fresh = (paid | followed) - found
    return found


def looked(story: Story, wish: Wish, outcome: object) -> None:
    """Money may have come, and a hold may have been set: on the order, and on those that its money went on to."""
    order: ModelOrder = wish.facts["order"]
    before = {key: row.holds for key, row in story.snap.orders.items()}

    def hold() -> None:
        back = any(p.charged_back for p in story.snap.of("payments", order.id))
        for key in _reached(story, order.id):
            holds = story.snap.orders[key].holds
            assert holds in ({before[key], before[key] + 1} if back else {before[key]}), "holds"
            story.orders[key].holds = holds

    # The claim comes with the money, the hold afterwards.
    money_came(story, order)
    story.pending.append(hold)


def _stir(story: Story, dice: Random) -> Wish | None:
    found = story.held()
    if not found:
        return None
    payment = dice.choice(found)
    return Wish(story.double.stir(payment, dice))


def _nothing(parts: list[tuple[Story, Wish]]) -> Sequence[None]:
    return [None] * len(parts)


def _wait(story: Story, dice: Random) -> Wish | None:
    return Wish(None) if story.held() else None


def wait(stories: Sequence[Story]) -> None:
    """Let the time pass that effects and looks of these histories wait for."""
    shops, accounts = [s.shop_id for s in stories], [s.account for s in stories]
    sql.execute("update core_effect set next_attempt_at = null where status in ('intended', 'in_doubt') and shop_id = any(%s)", (shops,))  # fmt: skip
    sql.execute("update payments_look set due_at = %s where due_at is not null and account_id = any(%s)", (clock.now() - timedelta(seconds=1), accounts))  # fmt: skip


def _run_wait(parts: list[tuple[Story, Wish]]) -> Sequence[None]:
    wait([story for story, _ in parts])
    return [None] * len(parts)


def _killed(story: Story, dice: Random) -> Wish | None:
    """A worker is killed between its intent and its call, or after it; nobody knows."""
    found = [r.id for r in story.snap.all("refunds") if r.status == "submitted" and r.via == story.policy.provider]  # fmt: skip
    return Wish(dice.choice(found)) if found else None


def _run_killed(parts: list[tuple[Story, Wish]]) -> Sequence[None]:
    keys = [wish.item for _, wish in parts]
    rows = sql.fetch("select effect_id from refunds_refund where id = any(%s)", (keys,))
    for row in rows:
        effects.begin_call(row[0])
        effects.doubt(row[0], note="killed")
    return [None] * len(parts)


# -- taken on shipment -------------------------------------------------------------------------------------------------


def _capture(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    return order and Wish(CaptureItem(order_id=order.id))


def _retry_capture(story: Story, dice: Random) -> Wish | None:
    found = [c for c in story.snap.all("captures") if c.status == "failed"]
    return Wish(RetryCaptureItem(capture_id=dice.choice(found).id)) if found else None


def _explain(story: Story, dice: Random) -> Wish | None:
    found = story.snap.all("differences")
    return Wish(ResolveDifferenceItem(difference_id=dice.choice(found).id, note="x")) if found else None  # fmt: skip


_by_hand = partial(RetryRefundItem, by_hand=True)
DEEDS = (
    Deed("invoice", 8, _invoice, _run_invoice, _issued),
    Deed("credit amount", 6, _credit_amount, by(credit_invoices), _credited_amount),
    Deed("credit lines", 3, _credit_lines, by(credit_invoices), _credited_lines),
    Deed("pay back", 8, _pay_back, by(create_refunds), _required),
    Deed("approve refund", 20, _decide(lambda k: ApproveRefundItem(refund_id=k), "awaiting_approval"), by(approve_refunds), _decided),
    Deed("reject refund", 1, _decide(lambda k: RejectRefundItem(refund_id=k, reason="x"), "awaiting_approval", "approved"), by(reject_refunds), _decided),
    Deed("submit refund", 25, _decide(lambda k: SubmitRefundItem(refund_id=k), "approved"), by(submit_refunds), _decided),
    Deed("transfer noted", 3, _decide(lambda k: SettleRefundItem(refund_id=k, status="succeeded"), "submitted"), by(settle_refunds), _settled),
    Deed("transfer failed", 2, _decide(lambda k: SettleRefundItem(refund_id=k, status="failed"), "submitted"), by(settle_refunds), _settled),
    Deed("retry refund", 15, _decide(lambda k: RetryRefundItem(refund_id=k), "failed"), by(retry_refunds), _at_most),
    Deed("retry by hand", 1, _decide(lambda k: _by_hand(refund_id=k), "failed"), by(retry_refunds), _at_most),
    Deed("bank file", 1, _bank, _run_bank, anything),
    Deed("send", 40, _send, _run_send, anything),
    Deed("look", 6, _look, _run_look, looked),
    Deed("stir provider", 6, _stir, _nothing, anything),
    Deed("wait", 3, _wait, _run_wait, anything),
    Deed("worker killed", 1, _killed, _run_killed, anything),
    Deed("capture", 9, _capture, by(capture_payments), _required),
    Deed("retry capture", 8, _retry_capture, by(retry_captures), anything),
    Deed("explain difference", 1, _explain, by(resolve_differences), anything),
)  # fmt: skip
