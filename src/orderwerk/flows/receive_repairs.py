"""Takes in what customers announced for repair: it is neither returned nor restocked nor credited, and stays theirs."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.orders.document import MAX_LINES
from orderwerk.return_requests.moving import (
    RequestState,
    check_move,
    complete_requests,
    lock_requests,
)
from orderwerk.returns.commands.create_claims import ClaimedLine, RepairItem, create_claims


class ReceiveRepairItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request whose goods are here for repair; `lines` left out: what was announced is what came."""

    return_request_id: UUID
    lines: Annotated[list[ClaimedLine], msgspec.Meta(max_length=MAX_LINES)] = []
    note: fields.LongLine = ""


_ANNOUNCED = """
select k.request_id, k.order_line_id, k.quantity from return_requests_line k join orders_line l on l.id = k.order_line_id
where k.request_id = any(%s) order by k.request_id, l.position
"""


def receive_repairs(items: Sequence[ReceiveRepairItem], *, actor: Actor) -> list[Outcome]:
    """Complete requests for repair because their goods came; each becomes an open claim, which decide_claims ends.

    The pieces count as claimed while they are here, so they do not come back as a return as well. Refuses with NotFound;
    with WrongState a finished request and one that is for no repair; with LimitExceeded more pieces than are with the customer.
    """
    return retrying(lambda: _receive(items, actor), also=(IntegrityError,))


def _receive(items: Sequence[ReceiveRepairItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        found = lock_requests(unit, [item.return_request_id for item in items])
        announced: dict[UUID, list[ClaimedLine]] = {key: [] for key in found}
        for key, line, pieces in sql.fetch(_ANNOUNCED, (list(found),)):
            announced[key].append(ClaimedLine(order_line_id=line, quantity=pieces))
        errors: dict[int, Refusal] = {}
        chosen: dict[int, RequestState] = {}
        for n, item in enumerate(items):
            try:
                chosen[n] = _check(item, found, list(chosen.values()))
            except Refusal as refusal:
                errors[n] = refusal
        wanted = [
            RepairItem(
                order_id=state.order_id,
                lines=items[n].lines or announced[state.id],
                return_request_id=state.id,
                note=items[n].note,
            )
            for n, state in chosen.items()
        ]
        made = dict(zip(chosen, create_claims(wanted, actor=actor), strict=True))
        complete_requests(unit, [state for n, state in chosen.items() if made[n].ok])
    return [Outcome.refused(errors[n]) if n in errors else made[n] for n in range(len(items))]


def _check(
    item: ReceiveRepairItem, found: Mapping[UUID, RequestState], chosen: Sequence[RequestState]
) -> RequestState:
    state = check_move(found.get(item.return_request_id), "completed", "/return_request_id")
    if state in chosen:
        raise WrongState(f"Return request {state.number} is named twice.", code="return_request_completed")  # fmt: skip
    if state.outcome != "repair":
        raise WrongState(f"Return request {state.number} is for no repair.", code="not_for_repair")
    return state
