"""A consumer withdraws from the contract: the statement is kept, what was sent may come back, what was not sent stops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Conflict, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.document import MAX_LINES
from orderwerk.return_requests.commands.create import (
    RequestLine,
    ReturnRequestItem,
    create_return_requests,
)
from orderwerk.return_requests.commands.withdraw import (
    WithdrawalRecord,
    WithdrawnLine,
    record_withdrawals,
)
from orderwerk.return_requests.facts import line_facts, policies
from orderwerk.return_requests.reasons import every_reason
from orderwerk.return_requests.rules import LineFacts, Policy, may_withdraw
from orderwerk.return_requests.withdrawal_queries import Words, earlier_withdrawals

# The statement needs no reason; the list of the merchant wants one.
_REASON = "changed-mind"


class StatedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of one order line."""

    order_line_id: UUID
    quantity: fields.Quantity


class WithdrawalItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a consumer states: who, from which order, how much of which lines (none: all of it).

    `email`: where the receipt goes, `language`: in which it is written. `received_at`: when the statement arrived, of a letter
    that somebody writes down later; left out: now.
    """

    order_id: UUID
    name: fields.Name
    email: fields.Email
    language: Literal["nl", "en", "de", "fr"]
    lines: Annotated[list[StatedLine], msgspec.Meta(max_length=MAX_LINES)] = []
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """A statement with what is known of its order."""

    item: WithdrawalItem
    order: OrderState
    lines: tuple[WithdrawnLine, ...]
    back: tuple[tuple[UUID, int], ...]
    received_at: datetime
    in_time: bool
    is_unsent: bool


def state_withdrawals(items: Sequence[WithdrawalItem], *, actor: Actor) -> list[Outcome]:
    """Take statements of withdrawal: each is kept with its moment, whatever the shop's own rules for returns say.

    The same words again are the same statement: a second click changes nothing and gets the first receipt. Refuses with Conflict
    the same words with another moment: a statement does not change.
    What has been sent becomes a return request, approved where the statement is in time (else somebody decides); an order of
    which something is still to be sent is held. Refuses with NotFound, with BadInput a line that is not of the order, named
    twice or in more pieces than were ordered, and a moment that is yet to come, or before the order was placed. The outcome tells `number`, `received_at` and `return_request`.
    """
    return retrying(lambda: _state(items, actor))


def _state(items: Sequence[WithdrawalItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        orders = lock_orders(unit, [item.order_id for item in items])
        facts = line_facts(list(orders))
        rules = policies([order.shop_id for order in orders.values()])
        earlier, placed = earlier_withdrawals(list(orders)), _placed(items)
        outcomes: list[Outcome | Words] = []
        read: dict[Words, _Read] = {}
        for item in items:
            words = _words(item)
            try:
                if words in earlier or words in read:
                    _refuse_other_moment(item, read.get(words) or earlier[words])
                    outcomes.append(earlier.get(words, words))
                    continue
                order = orders.get(item.order_id) or _unknown()
                moment = _moment(item, placed)
                read[words] = _read(item, order, facts[order.id], rules[order.shop_id], moment)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            _note_announced(facts[order.id], read[words].back)
            outcomes.append(words)
        done = dict(zip(read, _write(list(read.values()), actor), strict=True))
    return [outcome if isinstance(outcome, Outcome) else done[outcome] for outcome in outcomes]


def _refuse_other_moment(item: WithdrawalItem, kept: "_Read | Outcome") -> None:
    moment = kept.data["received_at"] if isinstance(kept, Outcome) else kept.received_at
    if item.received_at not in {None, moment}:
        raise Conflict(
            "The same statement was kept before, as of another moment; what was stated does not change.",
            code="stated_before",
            pointer="/received_at",
        )


def _note_announced(lines: Sequence[LineFacts], back: Sequence[tuple[UUID, int]]) -> None:
    """What one statement announces, the next one of the same call does not announce again."""
    pieces = dict(back)
    for line in lines:
        line.announced += pieces.get(line.id, 0)


def _words(item: WithdrawalItem) -> Words:
    lines = frozenset((line.order_line_id, line.quantity) for line in item.lines)
    return item.order_id, item.name, item.email, lines


def _unknown() -> OrderState:
    raise NotFound("There is no such order.", code="unknown_order", pointer="/order_id")


def _placed(items: Sequence[WithdrawalItem]) -> dict[UUID, datetime]:
    """Return when orders were placed; one statement where any statement tells when it arrived."""
    keys = [item.order_id for item in items if item.received_at is not None]
    return dict(sql.fetch("select id, placed_at from orders_order where id = any(%s)", (keys,))) if keys else {}  # fmt: skip


def _moment(item: WithdrawalItem, placed: Mapping[UUID, datetime]) -> datetime:
    """Return when a statement arrived; refuses what cannot be."""
    now = clock.now()
    if item.received_at is None:
        return now
    if item.received_at > now:
        raise BadInput(
            "A statement cannot have arrived later than now.",
            code="not_arrived_yet",
            pointer="/received_at",
        )
    if item.received_at < placed[item.order_id]:
        raise BadInput(
            "A statement cannot have arrived before the order was placed.",
            code="arrived_before_order",
            pointer="/received_at",
        )
    return item.received_at


def _read(
    item: WithdrawalItem,
    order: OrderState,
    lines: Sequence[LineFacts],
    policy: Policy,
    moment: datetime,
) -> _Read:
    known = {line.id: line for line in lines}
    wanted = {line.order_line_id: line.quantity for line in item.lines}
    if len(wanted) != len(item.lines):
        raise BadInput("A line is named twice.", code="duplicate_line", pointer="/lines")
    for key, quantity in wanted.items():
        if key not in known or not 0 < quantity <= known[key].ordered:
            raise BadInput(
                "The order has no such line, or not so many pieces of it.",
                code="unknown_order_line",
                pointer="/lines",
            )
    chosen = wanted or {line.id: line.ordered for line in lines if line.ordered}
    back = tuple((k, min(n, m)) for k, n in chosen.items() if (m := known[k].can_be_announced) > 0)
    last = max((came for line in lines if (came := line.last_moment) is not None), default=None)
    return _Read(
        item,
        order,
        tuple(
            WithdrawnLine(order_line_id=k, sku=known[k].sku, name=known[k].name, quantity=n)
            for k, n in wanted.items()
        ),
        back,
        moment,
        may_withdraw(last, policy.timezone, moment),
        is_unsent=any(known[k].unsent for k in chosen),
    )


def _write(read: Sequence[_Read], actor: Actor) -> list[Outcome]:
    requests = _requests(read, actor)
    records = [
        WithdrawalRecord(
            order_id=each.order.id,
            name=each.item.name,
            email=each.item.email,
            language=each.item.language,
            lines=each.lines,
            in_time=each.in_time,
            received_at=each.received_at,
            return_request_id=request.id if request else None,
            return_request_number=str(request.data["number"]) if request else "",
        )
        for each, request in zip(read, requests, strict=True)
    ]
    recorded = [outcome.require() for outcome in record_withdrawals(records, actor=actor)]
    holds = [
        HoldItem(order_id=each.order.id, reason=f"Withdrawal {outcome.data['number']}")
        for each, outcome in zip(read, recorded, strict=True)
        if each.is_unsent
    ]
    for held in hold_orders(holds, actor=actor):
        held.require()
    return [
        replace(
            outcome,
            data={**outcome.data, "return_request": request.data["number"] if request else None},
        )
        for outcome, request in zip(recorded, requests, strict=True)
    ]


def _requests(read: Sequence[_Read], actor: Actor) -> list[Outcome | None]:
    """Announce what was sent, those in time and those too late by one call each; None where nothing was sent."""
    known = every_reason()
    reason = _REASON if _REASON in known else next(iter(known))
    made: list[Outcome | None] = [None] * len(read)
    for in_time in (True, False):
        places = [i for i, each in enumerate(read) if each.back and each.in_time is in_time]
        wanted = [
            ReturnRequestItem(
                order_id=read[i].order.id,
                lines=[
                    RequestLine(order_line_id=k, quantity=n, reason=reason) for k, n in read[i].back
                ],
                as_favour=True,
            )
            for i in places
        ]
        outcomes = create_return_requests(wanted, actor=actor, origin="withdrawal", at_once=in_time)
        for i, outcome in zip(places, outcomes, strict=True):
            made[i] = outcome.require()
    return made
