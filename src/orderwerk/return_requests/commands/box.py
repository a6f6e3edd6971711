"""Puts requests of one customer into one box, and takes them out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.return_requests.events import RETURN_REQUEST_BOXED
from orderwerk.return_requests.moving import RequestState, check_open, lock_requests


class BoxItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request whose goods travel in the box of another one (`in_box_of`); null: in a box of their own."""

    return_request_id: UUID
    in_box_of: UUID | None


@dataclass(slots=True)
class _Box:
    """Whose a request is, which way it goes, in whose box it lies, and how many open ones lie in its own."""

    emails: str | None
    external: str | None
    goes: str
    head: UUID | None
    inside: int


_FACTS = """
select r.id, o.customer_email, o.customer_external_id, return_requests_goes(r.way, r.bring_to_id), r.in_box_of_id,
  (select count(*) from return_requests_request m where m.in_box_of_id = r.id and m.status in ('requested', 'approved'))::int
from return_requests_request r join orders_order o on o.id = r.order_id where r.id = any(%s)
"""


def box_return_requests(items: Sequence[BoxItem], *, actor: Actor) -> list[Outcome]:
    """Say in whose box the goods of requests travel. Each is still received, and credited, by its own order.

    Refuses with NotFound, with BadInput a request in its own box, with WrongState finished requests, those of another shop or
    customer, those that come another way or to another place, a gift, and a box that lies in another one.
    """
    return retrying(lambda: _box(items, actor))


def _box(items: Sequence[BoxItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        keys = {i.return_request_id for i in items} | {i.in_box_of for i in items if i.in_box_of}
        found = lock_requests(unit, sorted(keys))
        facts = {row[0]: _Box(*row[1:]) for row in sql.fetch(_FACTS, (list(found),))}
        changed: dict[UUID, UUID | None] = {}
        for item in items:
            try:
                state = _check(item, found, facts)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            box = facts[state.id]
            if box.head != item.in_box_of:
                _move(facts, state.id, item.in_box_of)
                changed[state.id] = item.in_box_of
            outcomes.append(Outcome.done(state.id, number=state.number))
        _write(unit, changed, found)
    return outcomes


def _move(facts: Mapping[UUID, _Box], key: UUID, head: UUID | None) -> None:
    before = facts[key].head
    if before is not None and before in facts:
        facts[before].inside -= 1
    if head is not None:
        facts[head].inside += 1
    facts[key].head = head


def _check(
    item: BoxItem, found: Mapping[UUID, RequestState], facts: Mapping[UUID, _Box]
) -> RequestState:
    state = check_open(found.get(item.return_request_id), "/return_request_id")
    if item.in_box_of is None:
        return state
    head = check_open(found.get(item.in_box_of), "/in_box_of")
    if head.is_gift or state.is_gift:
        raise WrongState(
            "A gift comes back in a box of its own.", code="gift_alone", pointer="/in_box_of"
        )
    if head.id == state.id:
        raise BadInput("A request lies in its own box.", code="own_box", pointer="/in_box_of")
    mine, theirs = facts[state.id], facts[head.id]
    is_same = state.order_id == head.order_id or (
        (mine.emails is not None and mine.emails == theirs.emails)
        or (mine.external is not None and mine.external == theirs.external)
    )
    if state.shop_id != head.shop_id or not is_same:
        raise WrongState(
            f"{head.number} is of another shop or customer than {state.number}.",
            code="other_customer",
            pointer="/in_box_of",
        )
    if mine.goes != theirs.goes:
        raise WrongState(
            f"{head.number} comes back another way, or to another place, than {state.number}: one box goes one way.",
            code="other_way",
            pointer="/in_box_of",
        )
    if theirs.head is not None or mine.inside:
        raise WrongState(
            f"{head.number if theirs.head else state.number} travels with others already.",
            code="box_in_box",
            pointer="/in_box_of",
        )
    return state


_TAKE_OUT = "update return_requests_request set in_box_of_id = null where id = any(%s) and in_box_of_id is not null"  # fmt: skip
_SET = """
update return_requests_request r set in_box_of_id = t.head, version = r.version + 1
from unnest(%s::uuid[], %s::uuid[]) as t(id, head) where r.id = t.id returning r.id, r.version
"""


def _write(
    unit: UnitOfWork, changed: Mapping[UUID, UUID | None], found: Mapping[UUID, RequestState]
) -> None:
    # All of them lie in no box for a moment, so that no order of rows puts a box into a box.
    sql.execute(_TAKE_OUT, (list(changed),))
    for key, version in sql.fetch(_SET, (list(changed), list(changed.values()))):
        state, head = found[key], changed[key]
        subject = Subject("return_request", key, version, state.order_id, state.shop_id)
        data = {"number": state.number, "box": found[head].number if head else ""}
        unit.record(RETURN_REQUEST_BOXED, subject, STILL, data)
