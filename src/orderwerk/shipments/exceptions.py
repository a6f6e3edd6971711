"""Writes delivery problems; the orders of their shipments are locked by the caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.shipments.events import DELIVERY_EXCEPTION_CLOSED, DELIVERY_EXCEPTION_RAISED
from orderwerk.shipments.locking import ShipmentState


@dataclass(frozen=True, slots=True)
class Reported:
    """A problem as a tracking step reports it."""

    shipment: ShipmentState
    kind: str
    text: str
    place: str
    at: datetime


_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, location_id uuid, shipment_id uuid, kind text, status text, text text, place text, "
    "happened_at timestamptz, raised_at timestamptz, note text, version int"
)


def raise_exceptions(unit: UnitOfWork, reports: Sequence[Reported]) -> None:
    """Keep problems of parcels as work for a person; one that is open already is not raised again."""
    rows = {
        (r.shipment.id, r.kind): {
            "id": ids.new_id(), "shop_id": r.shipment.shop_id, "order_id": r.shipment.order_id,
            "location_id": r.shipment.location_id, "shipment_id": r.shipment.id, "kind": r.kind, "status": "open", "text": r.text,
            "place": r.place, "happened_at": r.at, "raised_at": clock.now(), "note": "", "version": 1,
        }
        for r in reports
    }  # fmt: skip
    made = sql.insert_rows(
        "shipments_exception",
        _COLUMNS,
        list(rows.values()),
        tail="on conflict (shipment_id, kind) where status = 'open' do nothing returning id, shipment_id, kind",
    )
    numbers = {r.shipment.id: r.shipment for r in reports}
    for key, shipment_id, kind in made:
        shipment = numbers[shipment_id]
        row = rows[(shipment_id, kind)]
        unit.record(
            DELIVERY_EXCEPTION_RAISED,
            Subject("delivery_exception", key, 1, shipment.order_id, shipment.shop_id),
            Move(None, "open"),
            {
                "number": shipment.number,
                "problem": kind,
                "text": row["text"],
                "place": row["place"],
            },
        )


_CLOSE = """
update shipments_exception e
set status = 'closed', closed_at = %s, closed_by = %s, note = %s, version = e.version + 1
from shipments_shipment s
where s.id = e.shipment_id and e.shipment_id = any(%s) and e.kind = %s and e.status = 'open'
returning e.id, e.version, e.order_id, e.shop_id, s.number
"""


def settle_exceptions(unit: UnitOfWork, shipment_ids: Sequence[UUID], kind: str, note: str) -> None:
    """Close open problems of a kind that what just happened has dealt with; one statement."""
    parameters = (clock.now(), unit.actor.name, note, list(shipment_ids), kind)
    for key, version, order_id, shop_id, number in sql.fetch(_CLOSE, parameters):
        subject = Subject("delivery_exception", key, version, order_id, shop_id)
        data = {"number": number, "problem": kind, "note": note}
        unit.record(DELIVERY_EXCEPTION_CLOSED, subject, Move("open", "closed"), data)
