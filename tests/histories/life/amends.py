"""Deeds that make good: goods are claimed without coming back, what came back is exchanged for a new order, or refunded as
store credit, which pays for other orders, or is ended early."""

from random import Random
from typing import Any
from uuid import UUID

from orderwerk.core import decode
from orderwerk.core.outcome import Outcome
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from orderwerk.flows.receive_repairs import ReceiveRepairItem, receive_repairs
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.stop_credits import StopCreditItem, stop_store_credits
from orderwerk.returns.commands.create_claims import ClaimItem, create_claims
from tests.histories.life.deeds import Deed, by
from tests.histories.life.orders import money_came
from tests.histories.life.returns import OF_MONEY, shipped_line
from tests.histories.life.story import ModelLine, ModelOrder, Story, Wish

_STILL_HERE = {"awaiting_approval", "approved", "failed"}


def _claim(story: Story, dice: Random) -> Wish | None:
    found = shipped_line(story, dice)
    if found is None:
        return None
    order, line = found
    quantity = dice.randint(1, max(1, line.with_customer) + (dice.random() < 0.2))
    item = {
        "order_id": str(order.id),
        "kind": dice.choice(["damaged", "lost", "missing"]),
        "lines": [{"order_line_id": str(line.id), "quantity": quantity}],
    }
    fits = quantity <= line.with_customer and not order.is_erased
    return Wish(decode.convert(item, ClaimItem), {"fits": fits, "line": line})


def _claimed(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]
    if outcome.ok:
        wish.facts["line"].claimed += wish.item.lines[0].quantity


def _decide(story: Story, dice: Random) -> Wish | None:
    found = story.snap.all("open_claims")
    if not found:
        return None
    claim = dice.choice(found)
    [line] = [x for x in story.orders[claim.order].lines if str(x.id) == claim.status.split(":")[0]]
    how: Any = dice.choice(["refunded", "refunded", "replaced", "rejected", "repaired"])
    item = DecideClaimItem(claim_id=claim.id, outcome=how, note="x")
    _, pieces, kind = claim.status.split(":")
    return Wish(item, {"line": line, "pieces": int(pieces), "kind": kind, "order": claim.order})


def _decided(story: Story, wish: Wish, outcome: Outcome) -> None:
    if wish.item.outcome == "repaired":
        assert outcome.ok is (wish.facts["kind"] == "repair")
        if outcome.ok:
            wish.facts["line"].claimed -= wish.facts["pieces"]
        return
    if outcome.error is not None:
        # Only money that is not there (any more) keeps a claim open.
        assert wish.item.outcome == "refunded"
        assert outcome.error.code in OF_MONEY, outcome.error.code
        return
    if wish.item.outcome == "rejected":
        wish.facts["line"].claimed -= wish.facts["pieces"]
    if wish.item.outcome == "replaced":
        _take_in(story, outcome.data["order_id"], wish.facts["order"], free=True)


def _for_repair(story: Story, dice: Random) -> Wish | None:
    found = story.snap.all("for_repair")
    if not found:
        return None
    request = dice.choice(found)
    key, pieces = request.status.split(":")
    [line] = [x for x in story.orders[request.order].lines if str(x.id) == key]
    fits = int(pieces) <= line.with_customer and not story.orders[request.order].is_erased
    facts = {"line": line, "pieces": int(pieces), "fits": fits}
    return Wish(ReceiveRepairItem(return_request_id=request.id), facts)


def _received(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]
    if outcome.ok:
        wish.facts["line"].claimed += wish.facts["pieces"]


def _take_in(story: Story, order_id: UUID, came_of: UUID, *, free: bool) -> None:
    def look() -> None:
        row = story.snap.orders[order_id]
        lines = [ModelLine(x.id, x.sku, x.quantity, x.gross) for x in story.snap.of("lines", order_id)]  # fmt: skip
        assert not free or row.total == 0, "a replacement that costs something"
        story.orders[order_id] = ModelOrder(
            order_id, lines, row.total, row.shipping, came_of=came_of
        )

    story.pending.append(look)


def _exchange(story: Story, dice: Random) -> Wish | None:
    found = story.snap.all("open_exchanges")
    if not found:
        return None
    asked = dice.choice(found)
    return Wish(ExchangeItem(exchange_id=asked.id), {"order": asked.order})


def _exchanged(story: Story, wish: Wish, outcome: Outcome) -> None:
    done = outcome.require()
    assert done.data["status"] in {"placed", "declined"}
    if done.data["status"] == "placed":
        _take_in(story, done.data["order_id"], wish.facts["order"], free=False)


def _redirect(story: Story, dice: Random) -> Wish | None:
    found = story.snap.all("refunds")
    if not found:
        return None
    refund = dice.choice([r for r in found if r.status in _STILL_HERE] or found)
    stored = {p.id for p in story.snap.all("payments") if p.provider == "store_credit"}
    to: Any = dice.choice(["store_credit", "store_credit", "store_credit", "money"])
    # What a store credit paid goes back to it; what whoever got a gift sent back is theirs, and no money of the buyer's.
    rightly = to == "store_credit" if refund.is_gift else refund.payment not in stored
    fits = refund.status in _STILL_HERE and rightly
    return Wish(RedirectRefundItem(refund_id=refund.id, to=to), {"fits": fits})


def _redirected(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]


def _spend(story: Story, dice: Random) -> Wish | None:
    rows = {key: row for key, row in story.snap.orders.items() if not row.erased}
    due = {key: row.total - row.cancelled - row.captured - row.authorized for key, row in rows.items()}  # fmt: skip
    waiting = [key for key, open_minor in due.items() if open_minor > 0]
    found = story.snap.all("store_credits")
    if not found or not waiting:
        return None
    credit, key = dice.choice(found), dice.choice(waiting)
    if key in credit.paid:
        return None
    most = max(1, min(credit.left, due[key]))
    amount = dice.choice([most, most, dice.randint(1, most), credit.left + 1, due[key] + 1])
    item = PaymentItem(order_id=key, provider="store_credit", reference=credit.code, status="paid", amount=story.amount(amount))  # fmt: skip
    fits = amount <= min(credit.left, due[key]) and not credit.contested
    return Wish(item, {"fits": fits, "order": story.orders[key]})


def _spent(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"], outcome.error
    if outcome.ok:
        money_came(story, wish.facts["order"])


def _stop(story: Story, dice: Random) -> Wish | None:
    found = story.snap.all("store_credits")
    if not found:
        return None
    credit = dice.choice(found)
    return Wish(StopCreditItem(store_credit_id=credit.id, reason="x"), {"fits": credit.left > 0})


def _stopped(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]


DEEDS = (
    Deed("claim", 6, _claim, by(create_claims), _claimed),
    Deed("receive repair", 4, _for_repair, by(receive_repairs), _received),
    Deed("decide claim", 10, _decide, by(decide_claims), _decided),
    Deed("redirect refund", 5, _redirect, by(redirect_refunds), _redirected),
    Deed("spend store credit", 8, _spend, by(record_payments), _spent),
    Deed("end store credit", 1, _stop, by(stop_store_credits), _stopped),
    Deed("exchange", 15, _exchange, by(place_exchanges), _exchanged),
)
