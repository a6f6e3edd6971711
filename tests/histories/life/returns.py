"""Deeds with goods that come back: announced, decided, booked in any shape, looked at later."""

from random import Random
from typing import Any

from orderwerk.core import decode
from orderwerk.core.outcome import Outcome
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
from tests.histories.life.deeds import Deed, by
from tests.histories.life.story import ModelLine, ModelOrder, Story, Wish

# Never is what came refused for another reason than that its money is not there (any more).
OF_MONEY = {"too_many_to_credit", "correction_out_of_range", "no_shipping_to_credit", "erased", "nothing_to_credit"}  # fmt: skip


def shipped_line(story: Story, dice: Random) -> tuple[ModelOrder, ModelLine] | None:
    """A line of which something is with the customer, mostly."""
    found = [(o, x) for o in story.orders.values() for x in o.lines]
    likely = [(o, x) for o, x in found if x.with_customer > 0]
    chosen = likely if likely and dice.random() < 0.9 else found
    return dice.choice(chosen) if chosen else None


def _announce(story: Story, dice: Random) -> Wish | None:
    found = shipped_line(story, dice)
    if found is None:
        return None
    order, line = found
    quantity = dice.randint(1, max(1, line.with_customer) + (dice.random() < 0.2))
    item = {
        "order_id": str(order.id),
        "lines": [{"order_line_id": str(line.id), "quantity": quantity, "reason": "damaged"}],
    }
    if dice.random() < 0.3:
        item |= {"outcome": "repair", "as_favour": True}
    fits = quantity <= line.with_customer and not order.is_erased
    return Wish(decode.convert(item, ReturnRequestItem), {"fits": fits})


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
    open_ones = story.snap.of("announced", order.id)
    if open_ones and dice.random() < 0.7:
        item["return_request_id"] = str(dice.choice(open_ones).id)
    facts = {"line": line, "fits": quantity <= left, "back": (line.sku, place) if fate == "restock" else None}  # fmt: skip
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
    Deed("announce return", 4, _announce, by(create_return_requests), _fits),
    Deed("approve return", 2, _decide(ApproveRequestItem, "requested"), by(approve_return_requests), _fits),
    Deed("reject return", 1, _decide(RejectRequestItem, "requested", "approved"), by(reject_return_requests), _fits),
    Deed("take return back", 1, _decide(CancelRequestItem, "requested", "approved"), by(cancel_return_requests), _fits),
    Deed("come back", 7, _come_back, by(create_returns), _came_back),
    Deed("inspect", 3, _inspect, by(inspect_returns), _inspected),
)  # fmt: skip
