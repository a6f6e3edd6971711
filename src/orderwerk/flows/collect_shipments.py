"""Hands goods to customers who come to collect them: shipped and delivered in one step."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.ship_shipments import ShipItem, let_leave
from orderwerk.orders.document import MAX_LINES
from orderwerk.shipments.events import SHIPMENT_DELIVERED
from orderwerk.shipments.exception_statuses import Problem
from orderwerk.shipments.exceptions import settle_exceptions
from orderwerk.shipments.serials import SerialPiece


class CollectShipmentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shipment that is handed over, and to whom.

    `serials`: every piece that has a serial number; left out: those that were recorded before.
    """

    shipment_id: UUID
    collected_by: fields.Name
    note: fields.LongLine = ""
    serials: Annotated[list[SerialPiece], msgspec.Meta(max_length=MAX_LINES)] | None = None


def collect_shipments(items: Sequence[CollectShipmentItem], *, actor: Actor) -> list[Outcome]:
    """Hand shipments over at the counter; they are shipped and delivered at once. Putting them ready before is no must.

    Refuses with NotFound, with WrongState one that is sent instead of collected, and as `ship_shipments`.
    """
    return retrying(lambda: _collect(items, actor))


def _collect(items: Sequence[CollectShipmentItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        leaving = [ShipItem(shipment_id=item.shipment_id, serials=item.serials) for item in items]
        outcomes = let_leave(unit, leaving, at_counter=True)
        taken = {o.id: item for o, item in zip(outcomes, items, strict=True) if o.ok and o.id}
        _hand_over(unit, taken)
        settle_exceptions(unit, list(taken), Problem.NOT_COLLECTED.value, "collected")
    return [
        Outcome.done(o.id, status="delivered", order_status=o.data["order_status"])
        if o.ok and o.id
        else o
        for o in outcomes
    ]


_HAND_OVER = """
update shipments_shipment s
set status = 'delivered', delivered_at = s.shipped_at, version = s.version + 1, collected_by = t.person, collect_note = t.note
from unnest(%s::uuid[], %s::text[], %s::text[]) as t(id, person, note) where s.id = t.id
returning s.id, s.version, s.order_id, s.shop_id, s.number, s.delivered_at
"""


def _hand_over(unit: UnitOfWork, taken: Mapping[UUID, CollectShipmentItem]) -> None:
    people = [item.collected_by for item in taken.values()]
    notes = [item.note for item in taken.values()]
    for key, version, order_id, shop_id, number, moment in sql.fetch(
        _HAND_OVER, (list(taken), people, notes)
    ):
        # Who came is kept with the shipment, where it can be erased, and not in the history.
        subject = Subject("shipment", key, version, order_id, shop_id)
        data = {"number": number, "status": "delivered", "at": moment, "text": "", "place": ""}
        unit.record(SHIPMENT_DELIVERED, subject, Move("shipped", "delivered"), data)
