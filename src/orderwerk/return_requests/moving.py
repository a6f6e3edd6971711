"""Moves requests between statuses under the lock of their orders; the one writer of a request's status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.events import EventKind
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.orders.counters import lock_orders_of
from orderwerk.return_requests.events import RETURN_REQUEST_COMPLETED
from orderwerk.return_requests.statuses import FINAL, MOVES


@dataclass(slots=True)
class RequestState:
    """A request as it stands under the lock of its order."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    number: str
    status: str
    outcome: str
    # What returning costs the customer, VAT included, in minor units.
    fee: int
    is_gift: bool = False


_READ = "select id, shop_id, order_id, number, status, outcome, fee_minor, is_gift from return_requests_request where id = any(%s)"


def lock_requests(unit: UnitOfWork, request_ids: Sequence[UUID]) -> dict[UUID, RequestState]:
    """Lock the orders of requests and read the requests; those outside the actor's shops are left out."""
    wanted = list(request_ids)
    orders = lock_orders_of(unit, "return_requests_request", wanted)
    return {key: state for key, state in read_requests(wanted).items() if state.order_id in orders}


def read_requests(request_ids: Sequence[UUID]) -> dict[UUID, RequestState]:
    """Return requests whose orders the caller has locked; one statement."""
    rows = sql.fetch(_READ, (list(request_ids),))
    return {row[0]: RequestState(*row) for row in rows}


def check_move(found: RequestState | None, target: str, pointer: str) -> RequestState:
    """Return a request that may go to a status; refuses with NotFound or WrongState."""
    if found is None:
        raise NotFound(
            "There is no such return request.", code="unknown_return_request", pointer=pointer
        )
    if found.status not in MOVES[target]:
        raise WrongState(
            f"Return request {found.number} is {found.status} already.",
            code=f"return_request_{found.status}",
            pointer=pointer,
        )
    return found


def check_open(found: RequestState | None, pointer: str) -> RequestState:
    """Return a request that is not finished; refuses with NotFound or WrongState."""
    if found is None:
        raise NotFound(
            "There is no such return request.", code="unknown_return_request", pointer=pointer
        )
    if found.status in FINAL:
        raise WrongState(
            f"Return request {found.number} is {found.status} already.",
            code=f"return_request_{found.status}",
            pointer=pointer,
        )
    return found


_MOVE = """
update return_requests_request r
set status = %s, decision_note = case when t.note = '' then r.decision_note else t.note end,
  decided_at = coalesce(r.decided_at, %s), finished_at = %s, version = r.version + 1
from unnest(%s::uuid[], %s::text[]) as t(id, note) where r.id = t.id
returning r.id, r.version
"""


def move_requests(
    unit: UnitOfWork, states: Sequence[RequestState], kind: EventKind, notes: Mapping[UUID, str]
) -> None:
    """Move checked requests to the status that an event tells of; one statement, one event each."""
    target = kind.name.split(".")[1]
    now = clock.now()
    finished = now if target in FINAL else None
    keys = [state.id for state in states]
    parameters = (target, now, finished, keys, [notes.get(key, "") for key in keys])
    versions: dict[UUID, int] = dict(sql.fetch(_MOVE, parameters))
    for state in states:
        data = {"number": state.number}
        if notes.get(state.id):
            data["reason"] = notes[state.id]
        subject = Subject("return_request", state.id, versions[state.id], state.order_id, state.shop_id)  # fmt: skip
        unit.record(kind, subject, Move(state.status, target), data)
        state.status = target


def complete_requests(
    unit: UnitOfWork, states: Sequence[RequestState], notes: Mapping[UUID, str] | None = None
) -> None:
    """Complete requests because a return was processed that names them, or the customer keeps the goods."""
    move_requests(unit, states, RETURN_REQUEST_COMPLETED, notes or {})
