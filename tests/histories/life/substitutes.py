"""Deeds with substitutes: another article is offered for pieces of a line, and mostly taken."""

from collections.abc import Sequence
from random import Random

from orderwerk.core.outcome import Outcome
from orderwerk.flows.decide_substitutions import SubstitutionItem, accept_substitutions
from orderwerk.flows.propose_substitutions import ProposeSubstitutionItem, propose_substitutions
from tests.build import TESTER
from tests.histories.life.deeds import Deed
from tests.histories.life.story import ModelLine, ModelOrder, Story, Wish


def _offer(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    if order is None:
        return None
    line = dice.choice(order.lines)
    other = next(sku for sku in story.world.skus if sku != line.sku)
    price = dice.choice([None, story.amount(250), story.amount(99999)])
    rate = dice.choice([None, "0", "9", "21"])
    quantity = dice.randint(1, line.quantity)
    item = ProposeSubstitutionItem(
        order_line_id=line.id, sku=other, quantity=quantity, unit_price=price, tax_rate=rate
    )
    # Now and then nobody answers, and what happens next meets an open question.
    facts = {"order": order, "line": line, "is_answered": dice.random() < 0.8}
    return Wish(item, facts)


def _run(parts: list[tuple[Story, Wish]]) -> Sequence[Outcome]:
    asked = propose_substitutions([wish.item for _, wish in parts], actor=TESTER)
    answered = [
        outcome.id
        for (_, wish), outcome in zip(parts, asked, strict=True)
        if outcome.ok and wish.facts["is_answered"]
    ]
    items = [SubstitutionItem(substitution_id=key) for key in answered if key is not None]
    said = {o.id: o for o in accept_substitutions(items, actor=TESTER) if o.ok}
    return [said.get(outcome.id, outcome) for outcome in asked]


def _answered(story: Story, wish: Wish, outcome: Outcome) -> None:
    if not outcome.ok or outcome.data["status"] != "accepted":
        return
    order: ModelOrder = wish.facts["order"]
    due = order.due()

    def look() -> None:
        known = {line.id for line in order.lines}
        [new] = [row for row in story.snap.of("lines", order.id) if row.id not in known]
        assert (new.sku, new.quantity) == (wish.item.sku, wish.item.quantity), "the substitute"
        assert story.sync_cancelled(order) == wish.item.quantity, "the pieces that it replaces"
        order.lines.append(ModelLine(new.id, new.sku, new.quantity, new.gross))
        order.total += new.gross
        assert order.due() <= due, "a substitute made the order dearer"

    story.pending.append(look)


DEEDS = (Deed("substitute", 4, _offer, _run, _answered),)
