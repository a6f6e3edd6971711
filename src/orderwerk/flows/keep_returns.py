"""Lets customers keep what they announced to send back, where sending it costs more than it is worth."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, Refusal, WrongState
from orderwerk.core.money import format_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.invoices.returned import ReturnCredits, ReturnedGoods, ReturnedLine
from orderwerk.invoices.words import claim_words
from orderwerk.return_requests.events import RETURN_REQUEST_KEPT
from orderwerk.return_requests.keeping import kept_of
from orderwerk.return_requests.moving import (
    RequestState,
    check_move,
    complete_requests,
    lock_requests,
)
from orderwerk.return_requests.rules import worth
from orderwerk.returns.commands.create_claims import ClaimedLine, KeptItem, create_claims


class KeepItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request of which nothing has to be sent; the customer reads the note."""

    return_request_id: UUID
    note: fields.LongLine = ""


def keep_returns(items: Sequence[KeepItem], *, actor: Actor) -> list[Outcome]:
    """Complete requests without the goods: what was announced is claimed, credited and paid back as the shop refunds.

    Refuses with NotFound; with WrongState a finished request, one for an exchange or of a gift, and a shop that lets nobody keep
    anything (`keep_up_to`); with LimitExceeded what was sold, with all that is kept of the order already, for more than that,
    or is not left to be claimed or credited.
    """
    return retrying(lambda: _keep(items, actor), also=(IntegrityError,))


@dataclass(slots=True)
class _Goods:
    """What a request announced and what it was sold for, VAT included, in minor units; up to what it may be kept."""

    currency: str
    most: int | None
    lines: list[ClaimedLine] = field(default_factory=list)
    worth: int = 0


# The limit is in the shop's currency, and says nothing of orders in another.
_GOODS = """
select k.request_id, o.currency, case when o.currency = s.currency then p.keep_up_to_minor end, k.order_line_id, k.quantity,
  l.gross_minor, l.quantity
from return_requests_line k join return_requests_request r on r.id = k.request_id join orders_order o on o.id = r.order_id
join shops_shop s on s.id = r.shop_id
join orders_line l on l.id = k.order_line_id left join return_requests_policy p on p.shop_id = r.shop_id
where k.request_id = any(%s) order by k.request_id, l.position
"""


def _keep(items: Sequence[KeepItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        found = lock_requests(unit, [item.return_request_id for item in items])
        goods = _goods(list(found))
        kept = kept_of([state.order_id for state in found.values()])
        plan = ReturnCredits({state.order_id for state in found.values()})
        outcomes: list[Outcome] = []
        chosen: dict[UUID, KeepItem] = {}
        for item in items:
            try:
                state = _check(item, found, chosen)
                wanted = goods[state.id]
                _check_worth(state, wanted, kept[state.order_id])
                _plan(plan, state, wanted)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen[state.id] = item
            kept[state.order_id] += wanted.worth
            outcomes.append(Outcome.done(state.id, number=state.number, status="completed"))
        refused = _claim(unit, [found[key] for key in chosen], goods)
        done = {key: item for key, item in chosen.items() if key not in refused}
        _complete(unit, [found[key] for key in done], done)
    return [refused.get(o.id, o) if o.id is not None else o for o in outcomes]


def _goods(request_ids: Sequence[UUID]) -> dict[UUID, _Goods]:
    made: dict[UUID, _Goods] = {}
    for key, currency, most, line_id, quantity, gross, ordered in sql.fetch(_GOODS, (list(request_ids),)):  # fmt: skip
        goods = made.setdefault(key, _Goods(currency, most))
        goods.lines.append(ClaimedLine(order_line_id=line_id, quantity=quantity))
        goods.worth += worth(gross, quantity, ordered)
    return made


def _check(
    item: KeepItem,
    found: Mapping[UUID, RequestState],
    chosen: Mapping[UUID, KeepItem],
) -> RequestState:
    state = check_move(found.get(item.return_request_id), "completed", "/return_request_id")
    if state.id in chosen:
        raise WrongState(f"Return request {state.number} is named twice.", code="return_request_completed")  # fmt: skip
    if state.is_gift:
        raise WrongState(f"Return request {state.number} is of a gift: it comes back.", code="gift_not_kept")  # fmt: skip
    if state.outcome == "exchange":
        raise WrongState(f"Return request {state.number} is for an exchange.", code="keep_no_exchange")  # fmt: skip
    return state


def _check_worth(state: RequestState, wanted: _Goods, before: int) -> None:
    """Refuse more than the shop lets customers keep of one order, in however many requests."""
    if wanted.most is None:
        raise WrongState("The shop lets nobody keep what they return.", code="keep_not_allowed")
    if before + wanted.worth > wanted.most:
        together = format_amount(before + wanted.worth, wanted.currency)
        raise LimitExceeded(
            f"With {state.number}, what is kept of the order was sold for {together}; only up to {format_amount(wanted.most, wanted.currency)} is kept.",
            code="too_dear_to_keep",
        )


def _plan(plan: ReturnCredits, state: RequestState, goods: _Goods) -> None:
    """Refuse what could not be credited, before anything is written."""
    lines = [ReturnedLine(x.order_line_id, x.quantity) for x in goods.lines]
    wanted = ReturnedGoods(
        ids.new_id(),
        state.order_id,
        claim_words("kept", plan.locale(state.order_id)),
        lines,
        is_claim=True,
    )
    if plan.add(wanted) <= 0:
        raise BadInput("There is nothing to give back.", code="nothing_to_credit")


def _claim(
    unit: UnitOfWork, states: Sequence[RequestState], goods: Mapping[UUID, _Goods]
) -> dict[UUID, Outcome]:
    claims = [
        KeptItem(order_id=s.order_id, lines=goods[s.id].lines, return_request_id=s.id)
        for s in states
    ]
    made = create_claims(claims, actor=unit.actor)
    keys = [o.id for o in made if o.id is not None]
    for outcome in decide_claims([DecideClaimItem(claim_id=k, outcome="refunded") for k in keys], actor=unit.actor):  # fmt: skip
        outcome.require()
    return {s.id: o for s, o in zip(states, made, strict=True) if not o.ok}


def _complete(
    unit: UnitOfWork, states: Sequence[RequestState], kept: Mapping[UUID, KeepItem]
) -> None:
    notes: dict[UUID, str] = defaultdict(str, {key: item.note for key, item in kept.items()})
    sql.execute("update return_requests_request set is_kept = true where id = any(%s)", (list(kept),))  # fmt: skip
    complete_requests(unit, states, notes)
    for state in states:
        subject = Subject("return_request", state.id, None, state.order_id, state.shop_id)
        unit.record(RETURN_REQUEST_KEPT, subject, STILL, {"number": state.number, "reason": notes[state.id]})  # fmt: skip
