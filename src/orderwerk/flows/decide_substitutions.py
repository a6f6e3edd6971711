"""The customer's answer about a substitute, and its ends: accepted, declined, withdrawn, or no answer in time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal
from uuid import UUID

import msgspec

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork, retrying, unit_of_work
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.flows.cancelling import Book, carry_out, read_book, read_in_hand
from orderwerk.flows.intake_reads import read_shops
from orderwerk.orders.counters import OrderState, lock_orders_of
from orderwerk.orders.substitution_rules import price_substitute
from orderwerk.orders.substitutions import (
    AddedLine,
    Decision,
    KnownSubstitution,
    add_lines,
    close_substitutions,
    read_substitutions,
)

SUBSTITUTED = "substituted"
Via = Literal["link", "staff"]
_BATCH = 500


class SubstitutionItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A substitution that is decided."""

    substitution_id: UUID


@dataclass(frozen=True, slots=True)
class _Locked:
    """What is known under the locks of the orders: their states and the substitutions of this call."""

    states: dict[UUID, OrderState]
    known: dict[UUID, KnownSubstitution]


def accept_substitutions(
    items: Sequence[SubstitutionItem], *, actor: Actor, via: Via = "staff"
) -> list[Outcome]:
    """Send the substitutes: in one transaction the pieces are cancelled, the order gets lines with the substitutes, and these claim stock.

    The order never grows dearer by it. `via`: whether the customer answered by the link, or told the actor. Refuses with NotFound,
    with WrongState what is decided already, whose time is over, or whose pieces the warehouse has in its hands or has been
    asked for.
    """
    return retrying(lambda: _accept(items, actor, via))


def decline_substitutions(
    items: Sequence[SubstitutionItem], *, actor: Actor, via: Via = "staff"
) -> list[Outcome]:
    """Keep waiting for the ordered articles, as the customers wish. Refuses with NotFound, with WrongState what is decided."""
    return retrying(
        lambda: _close(items, actor, lambda k: Decision(_undecided(k), "declined", via))
    )


def withdraw_substitutions(items: Sequence[SubstitutionItem], *, actor: Actor) -> list[Outcome]:
    """Take questions to customers back. Refuses with NotFound, with WrongState what is decided."""
    reason = "withdrawn by hand"
    return retrying(
        lambda: _close(items, actor, lambda k: Decision(_undecided(k), "withdrawn", reason=reason))
    )


def expire_substitutions(items: Sequence[SubstitutionItem], *, actor: Actor) -> list[Outcome]:
    """End questions that nobody answered in time: the orders go on waiting.

    Refuses with NotFound, with WrongState what is decided, or whose time is not over.
    """
    return retrying(lambda: _close(items, actor, _expired))


def substitutions_to_expire() -> list[UUID]:
    """Return open questions whose time is over, five hundred at most."""
    rows = sql.fetch(
        "select id from orders_substitution where status = 'proposed' and expires_at <= %s order by id limit %s",
        (clock.now(), _BATCH),
    )
    return [row[0] for row in rows]


def _undecided(known: KnownSubstitution) -> KnownSubstitution:
    if known.status != "proposed":
        raise WrongState(
            f"This substitute has been {known.status} already.", code="substitution_decided"
        )
    return known


def _expired(known: KnownSubstitution) -> Decision:
    if _undecided(known).expires_at > clock.now():
        raise WrongState("The time to answer is not over.", code="not_due")
    return Decision(known, "expired")


def _lock(unit: UnitOfWork, items: Sequence[SubstitutionItem]) -> _Locked:
    keys = [item.substitution_id for item in items]
    states = lock_orders_of(unit, "orders_substitution", keys)
    known = {key: x for key, x in read_substitutions(keys).items() if x.order_id in states}
    return _Locked(states, known)


def _decide(
    items: Sequence[SubstitutionItem],
    locked: _Locked,
    decide: Callable[[KnownSubstitution], Decision],
) -> tuple[list[Decision], list[Outcome]]:
    decisions: dict[UUID, Decision] = {}
    outcomes: list[Outcome] = []
    for item in items:
        try:
            known = locked.known.get(item.substitution_id)
            if known is None:
                raise NotFound(
                    "There is no such substitution.",
                    code="unknown_substitution",
                    pointer="/substitution_id",
                )
            if known.id in decisions:
                raise WrongState("It is named twice.", code="substitution_decided")
            decisions[known.id] = decision = decide(known)
        except Refusal as refusal:
            outcomes.append(Outcome.refused(refusal))
            continue
        outcomes.append(Outcome.done(known.id, status=decision.status, order_id=known.order_id))
    return list(decisions.values()), outcomes


def _close(
    items: Sequence[SubstitutionItem], actor: Actor, decide: Callable[[KnownSubstitution], Decision]
) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        decisions, outcomes = _decide(items, _lock(unit, items), decide)
        close_substitutions(unit, decisions)
    return outcomes


def _accept(items: Sequence[SubstitutionItem], actor: Actor, via: Via) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        locked = _lock(unit, items)
        book = read_book(locked.states)
        if book.asking:
            read_in_hand(book)
        decisions, outcomes = _decide(items, locked, lambda known: _yes(known, book, via))
        if decisions:
            _carry_out(unit, locked.states, decisions)
    return outcomes


def _yes(known: KnownSubstitution, book: Book, via: Via) -> Decision:
    if _undecided(known).expires_at <= clock.now():
        raise WrongState("The time to answer is over.", code="substitution_expired")
    line = book.lines[known.order_line_id]
    if known.quantity > (line.free if known.order_id in book.asking else line.open):
        raise WrongState(
            "The warehouse has pieces of this line in its hands, or has been asked to let them go: look at it there first.",
            code="substitution_in_hand",
        )
    priced = price_substitute(known.replaced, known.unit_price, known.rate, known.gross)
    return Decision(known, "accepted", via, AddedLine(ids.new_id(), priced))


def _carry_out(
    unit: UnitOfWork, states: dict[UUID, OrderState], decisions: Sequence[Decision]
) -> None:
    lines = [(d.known, d.added) for d in decisions if d.added]
    orders = {known.order_id: states[known.order_id] for known, _ in lines}
    add_lines(lines)
    close_substitutions(unit, decisions)
    # Read again with the new lines: an order whose last old piece goes is not cancelled, for the substitute is left.
    book = read_book(orders)
    if book.asking:
        read_in_hand(book)
    for known, _ in lines:
        book.lines[known.order_line_id].going += known.quantity
        book.reasons[known.order_id] = SUBSTITUTED
    goods = {part.product_id for _, line in lines for part in book.lines[line.id].parts}
    shops, _ = read_shops([], [state.shop_id for state in orders.values()])
    places = {place for policy in shops.values() for place in policy.locations}
    after = carry_out(unit, orders, book, further=list(product(goods, places)))
    ready = [after[key] for key, state in orders.items() if state.payable]
    claim_open(unit, ready, only=goods)
