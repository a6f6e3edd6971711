"""Records payments, or new states of them, and claims stock for orders that may be shipped now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Conflict, NotFound, Refusal, WrongState
from orderwerk.core.money import parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.flows.book_payments import Changes, book_payments
from orderwerk.flows.revive_orders import may_be_allocated
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.payments.commands.insert import NewPayment, insert_payments
from orderwerk.payments.commands.move import KnownPayment, move_payments, read_payments
from orderwerk.payments.statuses import MOVES
from orderwerk.refunds.spending import Spending
from orderwerk.refunds.store_credits import PROVIDER


class PaymentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the payment provider says of one payment of an order."""

    order_id: UUID
    provider: fields.Provider
    reference: fields.ExternalId
    status: Literal["pending", "authorized", "paid", "failed"]
    amount: fields.Amount
    method: fields.Method = ""
    received_at: datetime | None = None


def record_payments(items: Sequence[PaymentItem], *, actor: Actor) -> list[Outcome]:
    """Record payments; the same report twice changes nothing.

    Refuses with NotFound, with BadInput a wrong amount, with Conflict a reference of another order or with another
    amount, with WrongState a step that the table of moves does not know (paid money is never un-paid by a report). Of the
    provider `store_credit` the reference is a code, of which it spends at most what the order still costs (spending.py).
    Money that covers an order which has expired brings it back, where its shop wishes that.
    """
    # The same reference for two orders at one moment: whoever comes second meets the first in the next run.
    return retrying(lambda: _record(items, actor), also=(IntegrityError,))


def _record(items: Sequence[PaymentItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        spending = Spending(unit, [item.reference for item in items if item.provider == PROVIDER])
        facts = _order_facts(states)
        known = read_payments([_key(i, states[i.order_id], spending) for i in items if i.order_id in states])  # fmt: skip
        batch = _Batch(facts, known, spending)
        outcomes: list[Outcome] = []
        for item in items:
            try:
                outcomes.append(_decide(item, states, batch))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
        insert_payments(unit, list(batch.new.values()))
        spending.write(unit)
        move_payments(unit, batch.moved)
        after = book_payments(unit, states, batch.changes)
        claimed = claim_open(unit, may_be_allocated(unit, states, after, batch.changes))
    final = states | after | {key: state for key, (state, _) in claimed.items()}
    return [
        Outcome.done(o.id, order_status=final[o.data["order_id"]].status, status=o.data["status"])
        if o.ok and o.id
        else o
        for o in outcomes
    ]


def _key(item: PaymentItem, state: OrderState, spending: Spending) -> tuple[UUID, str, str]:
    """Return under what a payment is known; what was paid by a code, under the reference that it got."""
    reference = item.reference
    if item.provider == PROVIDER:
        reference = spending.known(item.reference, state.shop_id, state.id)
    return state.shop_id, item.provider, reference


class _Batch:
    """What one call has found and decided so far."""

    def __init__(
        self,
        facts: dict[UUID, tuple[str, frozenset[str], int]],
        known: dict[tuple[UUID, str, str], KnownPayment],
        spending: Spending,
    ) -> None:
        self.facts = facts
        self.known = known
        self.spending = spending
        self.new: dict[tuple[UUID, str, str], NewPayment] = {}
        self.moved: dict[UUID, KnownPayment] = {}
        self.changes = Changes()


def _order_facts(states: dict[UUID, OrderState]) -> dict[UUID, tuple[str, frozenset[str], int]]:
    rows = sql.fetch(
        "select o.id, o.currency, s.on_account_methods, "
        "o.grand_total_minor - o.cancelled_minor - o.captured_minor - o.authorized_minor from orders_order o join shops_shop s on s.id = o.shop_id "
        "where o.id = any(%s)",
        (list(states),),
    )
    return {row[0]: (row[1], frozenset(row[2]), row[3]) for row in rows}


def _decide(item: PaymentItem, states: dict[UUID, OrderState], batch: _Batch) -> Outcome:
    state = states.get(item.order_id)
    if state is None:
        raise NotFound(
            f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id"
        )
    currency, on_account, _ = batch.facts[item.order_id]
    try:
        amount = parse_amount(item.amount, currency)
    except Refusal as refusal:
        refusal.pointer = "/amount"
        raise
    key = _key(item, state, batch.spending)
    fresh = NewPayment(
        ids.new_id(), state.shop_id, item.order_id, currency, item.provider, item.method, key[2] or item.reference, item.status,
        amount, item.received_at,
    )  # fmt: skip
    if not key[2]:
        [fresh] = batch.spending.take([fresh], _due(item.order_id, batch), [""])
        key = (state.shop_id, item.provider, fresh.reference)
    payment_id = _merge(key, fresh, batch)
    if item.method in on_account and item.status != "failed":
        batch.changes.on_account.add(item.order_id)
    return Outcome.done(payment_id, order_id=item.order_id, status=item.status)


def _due(order_id: UUID, batch: _Batch) -> int:
    came = batch.changes.captured[order_id] + batch.changes.authorized[order_id]
    return batch.facts[order_id][2] - came


def _merge(key: tuple[UUID, str, str], fresh: NewPayment, batch: _Batch) -> UUID:
    earlier = batch.new.get(key)
    known = batch.known.get(key)
    if earlier is None and known is None:
        batch.new[key] = fresh
        batch.changes.add(fresh.order_id, (0, 0), (fresh.authorized, fresh.captured))
        return fresh.id
    order_id, amount, status = (
        (earlier.order_id, earlier.amount, earlier.status)
        if earlier
        else (known.order_id, known.amount, known.status)  # type: ignore[union-attr]
    )
    _check_repeat(fresh, order_id, amount, status)
    if status != fresh.status:
        before = replace(fresh, status=status)
        batch.changes.add(
            order_id, (before.authorized, before.captured), (fresh.authorized, fresh.captured)
        )
        if earlier is not None:
            batch.new[key] = replace(fresh, id=earlier.id)
        else:
            known = batch.known[key]
            batch.moved[known.id] = batch.known[key] = replace(
                known,
                status=fresh.status,
                authorized=fresh.authorized,
                captured=fresh.captured,
                received_at=fresh.received_at,
            )
    return earlier.id if earlier else known.id  # type: ignore[union-attr]


def _check_repeat(fresh: NewPayment, order_id: UUID, amount: int, status: str) -> None:
    if order_id != fresh.order_id:
        raise Conflict(
            f"Payment {fresh.reference} belongs to another order.",
            code="payment_exists",
            pointer="/reference",
        )
    if amount != fresh.amount:
        raise Conflict(
            f"Payment {fresh.reference} is known with another amount.",
            code="amount_differs",
            pointer="/amount",
        )
    if fresh.status != status and status not in MOVES.get(fresh.status, frozenset()):
        raise WrongState(
            f"A payment that is {status} does not become {fresh.status}.",
            code="payment_moves",
            pointer="/status",
        )
