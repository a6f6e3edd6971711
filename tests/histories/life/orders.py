"""Deeds with whole orders: placed, paid, expired, cancelled, asked back, erased."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from orderwerk.core import clock, decode
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.decide_cancel_requests import (
    AcceptCancelRequestItem,
    RejectCancelRequestItem,
    accept_cancel_requests,
    reject_cancel_requests,
)
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.expire_orders import ExpireItem, expire_orders
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.orders.document import OrderDocument
from orderwerk.orders.pricing import price_order
from tests.build import TESTER, serial
from tests.histories.life.deeds import Deed, by
from tests.histories.life.story import ModelLine, ModelOrder, Story, Wish

MOST_ORDERS = 4
RATES = ("21.00", "21.00", "9.00", "0.00")
# Which word of a provider changes what is known: the twin of the table of moves.
BECOMES = {
    "pending": {"authorized", "paid", "failed"},
    "authorized": {"paid", "failed"},
    "failed": {"authorized", "paid"},
    "expired": {"authorized", "paid"},
    "paid": set(),
}  # type: dict[str, set[str]]


def _place(story: Story, dice: Random) -> Wish | None:
    if len(story.orders) >= MOST_ORDERS:
        return None
    lines = [_line(story, dice, story.world.skus[i % 2]) for i in range(dice.randint(1, 3))]
    fields: dict[str, Any] = {
        "currency": story.policy.currency,
        "prices_include_tax": story.policy.includes_tax,
        "lines": lines,
        "payments": [],
    }
    # Orders of one customer may travel in one parcel.
    if dice.random() < 0.6:
        fields["customer"] = {"name": "Test Persoon", "email": f"{story.world.shop}@example.com"}
    if dice.random() < 0.5:
        fields["shipping"] = {"name": "Post", "price": story.amount(495), "tax_rate": "21.00"}
    if dice.random() < 0.2:
        fields["discount"] = {"amount": story.amount(dice.randint(1, 45))}
    plain = story.world.json(**fields)
    total = price_order(decode.convert(plain, OrderDocument)).grand_total
    plain["payments"] = _payments(story, dice, total)
    return Wish(decode.convert(plain, OrderDocument))


def _line(story: Story, dice: Random, sku: str) -> dict[str, Any]:
    price, quantity = dice.choice([1000, 333, 99, 1999]), dice.randint(1, 5)
    off = dice.randint(1, price * quantity // 2) if dice.random() < 0.2 else 0
    return {
        "sku": sku, "name": f"Article {sku}", "quantity": quantity, "unit_price": story.amount(price),
        "discount": story.amount(off), "tax_rate": dice.choice(RATES),
    }  # fmt: skip


def _payments(story: Story, dice: Random, total: int) -> list[dict[str, Any]]:
    status = dice.choice(["", "test", "paid", "paid", "authorized", "authorized", "pending"])
    if not status or total == 0:
        return []
    if status == "test":
        return [_paid(story, total)]
    first = total if dice.random() < 0.8 else dice.randint(1, total)
    reference = story.double.pay(first, story.policy.currency, status)
    found = [{
        "provider": story.policy.provider, "reference": reference, "status": status, "amount": story.amount(first),
    }]  # fmt: skip
    return [*found, _paid(story, total - first)] if first < total and dice.random() < 0.7 else found


def _paid(story: Story, amount: int) -> dict[str, Any]:
    return {"provider": "test", "reference": f"h{serial()}", "status": "paid", "amount": story.amount(amount)}  # fmt: skip


def _placed(story: Story, wish: Wish, outcome: Outcome) -> None:
    key = outcome.require().id
    assert key is not None
    story.orders[key] = ModelOrder(key, [], 0, 0)

    def learn() -> None:
        row, order = story.snap.orders[key], story.orders[key]
        order.total, order.shipping = row.total, row.shipping
        order.lines = [ModelLine(x.id, x.sku, x.quantity, x.gross) for x in story.snap.of("lines", key)]  # fmt: skip
        assert sum(x.gross for x in order.lines) + row.shipping == row.total, "the lines' sum"
        if story.is_payable(key):
            story.to_be_claimed = key

    story.pending.append(learn)


def _pay(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    if order is None or order.total == 0:
        return None
    amount = dice.choice([order.total, dice.randint(1, order.total), max(1, order.due())])
    status: Any = dice.choice(["paid", "paid", "paid", "pending", "authorized", "failed"])
    item = PaymentItem(
        order_id=order.id,
        provider="test",
        reference=f"h{serial()}",
        status=status,
        amount=story.amount(amount),
    )
    return Wish(item, {"order": order, "ok": True})


def _report(story: Story, dice: Random) -> Wish | None:
    """A payment that a person or a webshop tells of again, late or changed."""
    found = [p for p in story.snap.all("payments") if p.provider == "test"]
    if not found:
        return None
    payment = dice.choice(found)
    status: Any = dice.choice(["pending", "authorized", "paid", "paid", "failed"])
    item = PaymentItem(
        order_id=payment.order,
        provider="test",
        reference=payment.reference,
        status=status,
        amount=story.amount(payment.amount),
    )
    fits = status == payment.status or status in BECOMES[payment.status]
    return Wish(item, {"order": story.orders[payment.order], "ok": fits})


def _recorded(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["ok"]
    if outcome.ok:
        money_came(story, wish.facts["order"])


def money_came(story: Story, order: ModelOrder) -> None:
    """What follows when money may have come for an order: expired pieces come back, and stock is claimed."""
    before, was_payable = story.paid(order.id), story.is_payable(order.id)
    credited = story.snap.orders[order.id].credited

    def look() -> None:
        paid, grown = story.paid(order.id), story.paid(order.id) > before
        comes_back = grown and story.policy.revives and not credited and _is_covered(order, paid)
        expired = sum(x.expired for x in order.lines)
        assert story.sync_cancelled(order) == (-expired if comes_back else 0), "expired pieces"
        payable_now = grown and not was_payable and story.is_payable(order.id)
        if (payable_now or (comes_back and expired)) and not order.holds:
            story.to_be_claimed = order.id

    story.pending.append(look)


def _is_covered(order: ModelOrder, paid: int) -> bool:
    rest = [x.cancelled - x.expired for x in order.lines]
    value = sum(x.gross * n // x.quantity for x, n in zip(order.lines, rest, strict=True))
    everything = all(n == x.quantity for x, n in zip(order.lines, rest, strict=True))
    return paid >= order.total - value - (order.shipping if everything else 0)


def _expire(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    return order and Wish(ExpireItem(order_id=order.id), {"order": order})


def _run_expire(parts: list[tuple[Story, Wish]]) -> Sequence[Outcome]:
    with clock.told(clock.now() + timedelta(hours=3)):
        return expire_orders([wish.item for _, wish in parts], actor=TESTER)


def _expired(story: Story, wish: Wish, outcome: Outcome) -> None:
    order: ModelOrder = wish.facts["order"]
    waits = story.snap.orders[order.id].status == "awaiting_payment"
    assert outcome.ok is (waits and story.paid(order.id) == 0)
    story.pending.append(lambda: _went(story, order, outcome.ok))


def _went(story: Story, order: ModelOrder, is_right: bool) -> None:
    assert story.sync_cancelled(order) == 0 or is_right, "pieces were cancelled"


def _cancel(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    if order is None:
        return None
    if dice.random() < 0.3:
        return Wish(CancelItem(order_id=order.id, reason="x"), {"order": order, "wanted": None})
    line = dice.choice(order.lines)
    quantity = dice.randint(1, line.quantity + 1)
    named = [CancelLine(order_line_id=line.id, quantity=quantity)]
    item = CancelItem(order_id=order.id, reason="x", lines=named)
    return Wish(item, {"order": order, "wanted": (line.id, quantity)})


def _cancelled(story: Story, wish: Wish, outcome: Outcome) -> None:
    order: ModelOrder = wish.facts["order"]
    rows = {x.id: x for x in story.snap.of("lines", order.id)}
    left = {key: x.quantity - x.cancelled - x.shipped - x.requested for key, x in rows.items()}
    wanted = wish.facts["wanted"]
    if wanted is None:
        assert outcome.ok is any(n > 0 for n in left.values())
    else:
        assert outcome.ok is (wanted[1] <= left[wanted[0]])
    if not outcome.ok:
        return
    now, asked = outcome.data["cancelled"], outcome.data["requested"]
    total = sum(n for n in left.values() if n > 0) if wanted is None else wanted[1]
    assert now + asked == total
    assert story.policy.asks or not asked

    def look() -> None:
        assert story.sync_cancelled(order) == now, "pieces cancelled"

    story.pending.append(look)


def _ask(story: Story, dice: Random) -> Any:
    found = story.snap.all("asked")
    return dice.choice(found) if found else None


def _accept(story: Story, dice: Random) -> Wish | None:
    asked = _ask(story, dice)
    return asked and Wish(AcceptCancelRequestItem(cancel_request_id=asked.id), {"order": story.orders[asked.order]})  # fmt: skip


def _accepted(story: Story, wish: Wish, outcome: Outcome) -> None:
    order, units = wish.facts["order"], outcome.require().data["units"]

    def look() -> None:
        assert story.sync_cancelled(order) == units, "pieces cancelled"

    story.pending.append(look)


def _refuse(story: Story, dice: Random) -> Wish | None:
    asked = _ask(story, dice)
    return asked and Wish(RejectCancelRequestItem(cancel_request_id=asked.id, reason="too late"))


def _refused(story: Story, wish: Wish, outcome: Outcome) -> None:
    outcome.require()


def _erase(story: Story, dice: Random) -> Wish | None:
    order = story.some_order(dice)
    return order and Wish(EraseItem(order_id=order.id), {"order": order})


def _erased(story: Story, wish: Wish, outcome: Outcome) -> None:
    order: ModelOrder = wish.facts["order"]
    if outcome.ok:
        row = story.snap.orders[order.id]
        assert order.is_erased or (row.status in {"shipped", "cancelled"} and not order.holds)
        order.is_erased = True


DEEDS = (
    Deed("place", 14, _place, by(place_orders), _placed),
    Deed("pay", 5, _pay, by(record_payments), _recorded),
    Deed("report payment", 3, _report, by(record_payments), _recorded),
    Deed("expire", 3, _expire, _run_expire, _expired),
    Deed("cancel", 5, _cancel, by(cancel_orders), _cancelled),
    Deed("accept cancel request", 4, _accept, by(accept_cancel_requests), _accepted),
    Deed("reject cancel request", 3, _refuse, by(reject_cancel_requests), _refused),
    Deed("erase", 1, _erase, by(erase_orders), _erased),
)
