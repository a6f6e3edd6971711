"""Deeds with goods that come back: announced, decided, booked in any shape, looked at later."""

from random import Random
from typing import Any

from orderwerk.core import decode
from orderwerk.core.outcome import Outcome
from orderwerk.flows.keep_returns import KeepItem, keep_returns
from orderwerk.flows.withdraw import StatedLine, WithdrawalItem, state_withdrawals
from orderwerk.return_requests.commands.box import BoxItem, box_return_requests
from orderwerk.return_requests.commands.create import ReturnRequestItem, create_return_requests
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    CancelRequestItem,
    RejectRequestItem,
    approve_return_requests,
    cancel_return_requests,
    reject_return_requests,
)
from orderwerk.returns.commands.create import ReturnItem, create_returns
from orderwerk.returns.commands.inspect import InspectItem, inspect_returns
from tests.histories.life.deeds import Deed, anything, by
from tests.histories.life.story import ModelLine, ModelOrder, Story, Wish

# Never is what came refused for another reason than that its money is not there (any more).
OF_MONEY = {"too_many_to_credit", "correction_out_of_range", "no_shipping_to_credit", "erased", "nothing_to_credit"}  # fmt: skip


def shipped_line(story: Story, dice: Random) -> tuple[ModelOrder, ModelLine] | None:
    """A line of which something is with the customer, mostly; now and then any, which is refused."""
    found = [(o, x) for o in story.orders.values() for x in o.lines]
    likely = [(o, x) for o, x in found if x.with_customer > 0]
    chosen = likely if dice.random() < 0.9 else found
    return dice.choice(chosen) if chosen else None


def _announce(story: Story, dice: Random) -> Wish | None:
    found = shipped_line(story, dice)
    if found is None:
        return None
    order, line = found
    quantity = dice.randint(1, max(1, line.with_customer) + (dice.random() < 0.2))
    named: dict[str, Any] = {"order_line_id": str(line.id), "quantity": quantity, "reason": "damaged"}  # fmt: skip
    outcome = dice.choice(["refund", "refund", "store_credit", "exchange", "repair", "keep"])
    item = {"order_id": str(order.id), "lines": [named], "outcome": outcome}
    takes = story.policy.returns
    fits = quantity <= line.with_customer and not order.is_erased
    if outcome == "exchange" and dice.random() < 0.8:
        named["wanted"] = {"sku": dice.choice(story.world.skus)}
    if outcome == "store_credit" and dice.random() < 0.6:
        item["gift"] = {"name": "Test Ontvanger", "email": "ontvanger@example.com", "language": "nl"}  # fmt: skip
        fits = fits and takes.gifts
    if dice.random() < 0.4:
        item |= {"way": "own"} if dice.random() < 0.5 else {"way": "location", "bring_to": story.world.locations[0]}  # fmt: skip
        fits = fits and item["way"] in takes.ways
    if outcome not in {"repair", "keep"}:
        # What costs as much as it was sold for would give nothing back.
        fits = fits and not 0 < takes.fee >= _worth(line, quantity)
    if outcome == "keep":
        # How much of the order is asked for already is the command's to know: more than the limit is never taken.
        fits = fits and _worth(line, quantity) + order.kept <= (takes.keep_up_to or -1)
    return Wish(decode.convert(item, ReturnRequestItem), {"fits": fits, "keep": outcome == "keep"})


def _worth(line: ModelLine, pieces: int) -> int:
    """What pieces were sold for, half a unit rounded up."""
    return (2 * line.gross * pieces + line.quantity) // (2 * line.quantity)


def _announced(story: Story, wish: Wish, outcome: Outcome) -> None:
    if wish.facts["keep"] and outcome.error is not None and wish.facts["fits"]:
        assert outcome.error.code == "too_dear_to_keep"
        return
    assert outcome.ok is wish.facts["fits"]


def _keep(story: Story, dice: Random) -> Wish | None:
    coming = story.snap.all("coming")
    found = [x for x in coming if x.outcome == "keep"] or coming
    if not found:
        return None
    key = dice.choice(found).id
    lines = [x for x in coming if x.id == key]
    order, pieces = story.orders[lines[0].order], {x.line: x.pieces for x in lines}
    ours = [x for x in order.lines if x.id in pieces]
    worth = sum(_worth(x, pieces[x.id]) for x in ours)
    most = story.policy.returns.keep_up_to
    fits = (
        not lines[0].is_gift
        and lines[0].outcome != "exchange"
        and most is not None
        and order.kept + worth <= most
        and all(pieces[x.id] <= x.with_customer for x in ours)
        and not order.is_erased
    )
    facts = {"fits": fits, "order": order, "pieces": pieces, "worth": worth}
    return Wish(KeepItem(return_request_id=key, note="x"), facts)


def _kept(story: Story, wish: Wish, outcome: Outcome) -> None:
    if outcome.error is not None and outcome.error.code in OF_MONEY:
        return
    assert outcome.ok is wish.facts["fits"]
    if outcome.ok:
        order: ModelOrder = wish.facts["order"]
        order.kept += wish.facts["worth"]
        for line in order.lines:
            line.claimed += wish.facts["pieces"].get(line.id, 0)


def _withdraw(story: Story, dice: Random) -> Wish | None:
    sent = [o for o in story.orders.values() if any(x.shipped for x in o.lines)]
    order = dice.choice(sent) if sent and dice.random() < 0.8 else story.some_order(dice)
    if order is None:
        return None
    left = [x for x in order.lines if x.quantity > x.cancelled]
    lines: list[StatedLine] = []
    if left and dice.random() < 0.6:
        lines = [StatedLine(order_line_id=x.id, quantity=dice.randint(1, x.quantity - x.cancelled)) for x in dice.sample(left, dice.randint(1, len(left)))]  # fmt: skip
    item = WithdrawalItem(order_id=order.id, name=f"Test {dice.randint(1, 3)}", email="klant@example.com", language="nl", lines=lines)  # fmt: skip
    return Wish(item, {"order": order})


def _withdrawn(story: Story, wish: Wish, outcome: Outcome) -> None:
    outcome.require()
    item, order = wish.item, wish.facts["order"]
    words = (item.name, frozenset(item.lines))
    if words not in order.stated:
        order.stated.add(words)
        named = {x.order_line_id for x in item.lines} or {x.id for x in order.lines}
        order.holds += any(x.quantity - x.cancelled - x.shipped > 0 for x in order.lines if x.id in named)  # fmt: skip


def _box(story: Story, dice: Random) -> Wish | None:
    found = story.snap.all("announced")
    if not found:
        return None
    one = dice.choice(found)
    others = [x for x in found if x.id != one.id] if dice.random() < 0.9 else found
    head = dice.choice([*others, None])
    return Wish(BoxItem(return_request_id=one.id, in_box_of=head and head.id))


def _fits(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]


def _decide(kind: Any, *statuses: str) -> Any:
    def draw(story: Story, dice: Random) -> Wish | None:
        found = story.snap.all("announced")
        if not found:
            return None
        chosen = dice.choice(found)
        return Wish(kind(return_request_id=chosen.id, reason="x"), {"fits": chosen.status in statuses})  # fmt: skip

    return draw


def _come_back(story: Story, dice: Random) -> Wish | None:
    found = shipped_line(story, dice)
    if found is None:
        return None
    order, line = found
    left = line.with_customer
    quantity = dice.randint(1, max(1, left) + (dice.random() < 0.1))
    place = dice.choice(story.world.locations)
    fate = dice.choice(["restock", "restock", "dispose", "repair", "second_grade", "later"])
    goods: dict[str, Any] = {"restock": True, "location": place} if fate == "restock" else {}
    if fate not in {"restock", "later"}:
        goods["disposition"] = fate
    if dice.random() < 0.2:
        # One that would give more than the pieces were sold for is refused, like one that would give less than nothing.
        goods["correction"] = ("-" if dice.random() < 0.7 else "") + story.amount(dice.randint(1, 200))  # fmt: skip
    credit = dice.random() < 0.7
    if credit and dice.random() < 0.5:
        goods["wanted"] = {"sku": dice.choice(story.world.skus)}
    item: dict[str, Any] = {
        "order_id": str(order.id),
        "lines": [{"order_line_id": str(line.id), "quantity": quantity, "reason": "damaged", **goods}],
        "credit": credit,
        "refund_shipping": credit and dice.random() < 0.2,
    }  # fmt: skip
    if credit and dice.random() < 0.3:
        item["as_store_credit"] = True
    open_ones, fits = story.snap.of("announced", order.id), quantity <= left
    if open_ones and dice.random() < 0.7:
        request = dice.choice(open_ones)
        item["return_request_id"] = str(request.id)
        gifts = {x.id for x in story.snap.of("coming", order.id) if x.is_gift}
        # Nothing of a gift goes to the buyer: no other article, and not what the delivery has cost.
        fits = fits and not (request.id in gifts and ("wanted" in goods or item["refund_shipping"]))
    facts = {"line": line, "fits": fits, "back": (line.sku, place) if fate == "restock" else None}  # fmt: skip
    return Wish(decode.convert(item, ReturnItem), facts)


def _came_back(story: Story, wish: Wish, outcome: Outcome) -> None:
    item, line = wish.item, wish.facts["line"]
    if outcome.error is not None and outcome.error.code in OF_MONEY:
        assert wish.facts["fits"]
        assert item.credit
        return
    assert outcome.ok is wish.facts["fits"]
    if outcome.ok:
        line.returned += item.lines[0].quantity
        if wish.facts["back"]:
            story.on_hand[wish.facts["back"]] += item.lines[0].quantity


def _inspect(story: Story, dice: Random) -> Wish | None:
    found = story.snap.all("to_inspect")
    if not found:
        return None
    chosen = dice.choice(found)
    sku, quantity = chosen.status.rsplit(":", 1)
    fate: Any = dice.choice(["restock", "dispose", "repair", "second_grade"])
    place = dice.choice(story.world.locations) if fate == "restock" else None
    item = InspectItem(return_line_id=chosen.id, disposition=fate, location=place)
    return Wish(item, {"key": (sku, place), "quantity": int(quantity)})


def _inspected(story: Story, wish: Wish, outcome: Outcome) -> None:
    outcome.require()
    if wish.item.disposition == "restock":
        story.on_hand[wish.facts["key"]] += wish.facts["quantity"]


DEEDS = (
    Deed("announce return", 8, _announce, by(create_return_requests), _announced),
    Deed("keep return", 5, _keep, by(keep_returns), _kept),
    Deed("withdraw", 1, _withdraw, by(state_withdrawals), _withdrawn),
    Deed("box returns", 3, _box, by(box_return_requests), anything),
    Deed("approve return", 2, _decide(ApproveRequestItem, "requested"), by(approve_return_requests), _fits),
    Deed("reject return", 1, _decide(RejectRequestItem, "requested", "approved"), by(reject_return_requests), _fits),
    Deed("take return back", 1, _decide(CancelRequestItem, "requested", "approved"), by(cancel_return_requests), _fits),
    Deed("come back", 7, _come_back, by(create_returns), _came_back),
    Deed("inspect", 3, _inspect, by(inspect_returns), _inspected),
)  # fmt: skip
