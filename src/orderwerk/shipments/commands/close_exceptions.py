"""Closes delivery problems that a person has dealt with."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, retrying, unit_of_work
from orderwerk.orders.counters import lock_orders
from orderwerk.shipments.events import DELIVERY_EXCEPTION_CLOSED


class CloseExceptionItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A delivery problem, and what was done about it."""

    delivery_exception_id: UUID
    note: fields.Reason


@dataclass(slots=True)
class _Known:
    """A problem as it stands under the lock of its order."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    location_id: UUID
    status: str
    number: str
    kind: str


_READ = """
select e.id, e.shop_id, e.order_id, e.location_id, e.status, s.number, e.kind
from shipments_exception e join shipments_shipment s on s.id = e.shipment_id where e.id = any(%s)
"""
_CLOSE = """
update shipments_exception e
set status = 'closed', closed_at = %s, closed_by = %s, note = t.note, version = e.version + 1
from unnest(%s::uuid[], %s::text[]) as t(id, note) where e.id = t.id
returning e.id, e.version
"""


def close_delivery_exceptions(
    items: Sequence[CloseExceptionItem], *, actor: Actor
) -> list[Outcome]:
    """Close delivery problems with a note. Refuses with NotFound, with WrongState one that is closed already."""
    return retrying(lambda: _close(items, actor))


def _close(items: Sequence[CloseExceptionItem], actor: Actor) -> list[Outcome]:
    keys = [item.delivery_exception_id for item in items]
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [row[2] for row in sql.fetch(_READ, (keys,))])
        known = {
            row[0]: _Known(*row)
            for row in sql.fetch(_READ, (keys,))
            if row[2] in states and actor.may_see_location(row[3])
        }
        notes: dict[UUID, str] = {}
        outcomes: list[Outcome] = []
        for item in items:
            found = known.get(item.delivery_exception_id)
            if found is None:
                refusal = NotFound(
                    "There is no such delivery problem.",
                    code="unknown_delivery_exception",
                    pointer="/delivery_exception_id",
                )
                outcomes.append(Outcome.refused(refusal))
            elif found.status == "closed" or found.id in notes:
                closed = WrongState(
                    "This delivery problem is dealt with already.", code="exception_closed"
                )
                outcomes.append(Outcome.refused(closed))
            else:
                notes[found.id] = item.note
                outcomes.append(Outcome.done(found.id, status="closed"))
        parameters = (clock.now(), actor.name, list(notes), list(notes.values()))
        for key, version in sql.fetch(_CLOSE, parameters):
            found = known[key]
            subject = Subject("delivery_exception", key, version, found.order_id, found.shop_id)
            data = {"number": found.number, "problem": found.kind, "note": notes[key]}
            unit.record(DELIVERY_EXCEPTION_CLOSED, subject, Move("open", "closed"), data)
    return outcomes
