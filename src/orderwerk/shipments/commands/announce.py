"""Announces shipments to their carrier before the parcel is handed over."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, retrying, unit_of_work
from orderwerk.orders.cancel_requests import lines_asked_back
from orderwerk.orders.counters import OrderState
from orderwerk.shipments.doors import check_same_door, doors_of
from orderwerk.shipments.events import SHIPMENT_ANNOUNCED
from orderwerk.shipments.locking import (
    ShipmentState,
    check_by_itself,
    check_complete,
    check_not_shipped,
    check_sent,
    lock_parcels,
)


class AnnounceItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shipment to announce."""

    shipment_id: UUID


def announce_shipments(items: Sequence[AnnounceItem], *, actor: Actor) -> list[Outcome]:
    """Announce shipments; where the carrier makes labels, it is asked for them next (order_labels.py).

    Refuses with NotFound, with WrongState what is announced, on hold, has left, or holds goods that an open cancel
    request wants back (no label is made for them), that waits for a transfer, that the customer collects, or a parcel whose
    orders do not go to one door any more.
    """
    return retrying(lambda: _announce(items, actor))


def _announce(items: Sequence[AnnounceItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, orders, carried = lock_parcels(unit, [item.shipment_id for item in items])
        doors = doors_of([key for parcel in carried.items() for key in (parcel[0], *parcel[1])])
        stopped = _asked_back(list(shipments), list(orders))
        chosen: dict[UUID, ShipmentState] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shipment = check_not_shipped(shipments.get(item.shipment_id))
                check_by_itself(shipment)
                check_sent(shipment)
                check_complete(shipment)
                _check(shipment, orders, stopped, chosen)
                # What lies in its parcel is announced with it; of these, some may be already.
                others = [shipments[key] for key in carried.get(shipment.id, ())]
                check_same_door(shipment, others, doors, orders)
                fresh = [other for other in others if other.status == "open"]
                for other in fresh:
                    _check(other, orders, stopped, chosen)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen |= {s.id: s for s in (shipment, *fresh)}
            outcomes.append(Outcome.done(shipment.id, status="announced"))
        rows = sql.fetch(
            "update shipments_shipment s set status = 'announced', announced_at = %s, version = s.version + 1 "
            "where s.id = any(%s) returning s.id, s.version",
            (clock.now(), list(chosen)),
        )
        for key, version in rows:
            shipment = chosen[key]
            subject = Subject("shipment", key, version, shipment.order_id, shipment.shop_id)
            data = {"number": shipment.number, "carrier": shipment.carrier}
            unit.record(SHIPMENT_ANNOUNCED, subject, Move("open", "announced"), data)
    return outcomes


def _check(
    shipment: ShipmentState,
    orders: Mapping[UUID, OrderState],
    stopped: Collection[UUID],
    chosen: Mapping[UUID, ShipmentState],
) -> None:
    if shipment.status == "announced" or shipment.id in chosen:
        raise WrongState(
            f"Shipment {shipment.number} is announced already.", code="shipment_announced"
        )
    if orders[shipment.order_id].holds_open:
        raise WrongState(f"Order {orders[shipment.order_id].number} is on hold.", code="on_hold")
    if shipment.id in stopped:
        raise WrongState(
            f"Shipment {shipment.number} holds goods that are to be cancelled.",
            code="cancel_requested",
        )


def _asked_back(shipment_ids: Sequence[UUID], order_ids: Sequence[UUID]) -> set[UUID]:
    lines = lines_asked_back(order_ids)
    rows = sql.fetch(
        "select distinct shipment_id from shipments_line where shipment_id = any(%s) and is_live and order_line_id = any(%s)",
        (list(shipment_ids), list(lines)),
    )
    return {row[0] for row in rows}
