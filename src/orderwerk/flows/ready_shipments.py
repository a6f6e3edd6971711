"""Puts what customers collect ready at the counter, and asks a person about what nobody came for in time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.going import check_asked_back, check_picked
from orderwerk.flows.held import Held, held_by_shipments
from orderwerk.orders.cancel_requests import lines_asked_back
from orderwerk.orders.counters import OrderState
from orderwerk.orders.document import MAX_LINES
from orderwerk.shipments.events import SHIPMENT_READY
from orderwerk.shipments.exception_statuses import Problem
from orderwerk.shipments.exceptions import Reported, raise_exceptions
from orderwerk.shipments.locking import (
    ShipmentState,
    check_collected,
    check_not_shipped,
    lock_shipments,
)
from orderwerk.shipments.serials import SerialBook, SerialPiece


class ReadyShipmentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shipment that lies at the counter for the customer who collects it.

    `serials`: every piece in it that has a serial number; left out: those that were recorded before stay.
    """

    shipment_id: UUID
    serials: Annotated[list[SerialPiece], msgspec.Meta(max_length=MAX_LINES)] | None = None


def ready_shipments(items: Sequence[ReadyShipmentItem], *, actor: Actor) -> list[Outcome]:
    """Put shipments ready to be collected; the customer gets an e-mail, where the shop wishes it.

    What the order gets later waits in a shipment of its own. Refuses with NotFound, with WrongState one that is sent, lies
    ready already, has left or is empty, an order on hold or not paid, goods that are being picked (or not picked yet where
    the shop uses pick lists) or that an open cancel request wants back, or serial numbers as `ship_shipments` does.
    """
    return retrying(lambda: _ready(items, actor))


def _ready(items: Sequence[ReadyShipmentItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, orders = lock_shipments(unit, [item.shipment_id for item in items])
        held: dict[UUID, list[Held]] = defaultdict(list)
        for claim in held_by_shipments(shipments):
            held[claim.shipment_id].append(claim)
        asked_back = lines_asked_back(list(orders))
        book = SerialBook(
            shipments, [piece for item in items for piece in item.serials or ()], actor
        )
        chosen: dict[UUID, ShipmentState] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shipment = check_not_shipped(shipments.get(item.shipment_id))
                _check(shipment, orders, chosen)
                parts = [(claim, claim.quantity) for claim in held[shipment.id]]
                if not parts:
                    raise WrongState("The shipment is empty.", code="shipment_empty")
                check_asked_back(shipment, parts, asked_back)
                check_picked(shipment, parts)
                named = None if item.serials is None else dict(enumerate(item.serials))
                change = None if named is None else book.plan_all(shipment, named)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            if change is not None:
                book.use(change)
            chosen[shipment.id] = shipment
            outcomes.append(Outcome.done(shipment.id, status="announced"))
        book.write(unit)
        _write(unit, chosen)
    return outcomes


def _check(
    shipment: ShipmentState,
    orders: Mapping[UUID, OrderState],
    chosen: Mapping[UUID, ShipmentState],
) -> None:
    check_collected(shipment)
    order = orders[shipment.order_id]
    if shipment.status == "announced" or shipment.id in chosen:
        raise WrongState(f"{shipment.number} lies ready already.", code="shipment_ready")
    if order.holds_open:
        raise WrongState(f"Order {order.number} is on hold; release it first.", code="on_hold")
    if not order.payable:
        raise WrongState(f"Order {order.number} is not paid yet.", code="not_paid")


# Claims go into part 0: what lies ready leaves it, so that nothing is added to what the customer was told of.
_WRITE = """
update shipments_shipment s
set status = 'announced', announced_at = %s, version = s.version + 1, part = case when s.part > 0 then s.part else 1 + (
  select max(o.part) from shipments_shipment o where o.order_id = s.order_id and o.location_id = s.location_id) end
from shops_shop p where p.id = s.shop_id and s.id = any(%s)
returning s.id, s.version, p.timezone, p.collect_days
"""


def _write(unit: UnitOfWork, chosen: Mapping[UUID, ShipmentState]) -> None:
    moment = clock.now()
    for key, version, zone, days in sql.fetch(_WRITE, (moment, list(chosen))):
        shipment = chosen[key]
        last = clock.business_date(moment + timedelta(days=days), zone)
        subject = Subject("shipment", key, version, shipment.order_id, shipment.shop_id)
        data = {"number": shipment.number, "collect_by": last.isoformat()}
        unit.record(SHIPMENT_READY, subject, Move("open", "announced"), data)


_MOST = 500
# Once a person has dealt with it, it is not asked again.
_OVERDUE = """
select s.id from shipments_shipment s join orders_order o on o.id = s.order_id join shops_shop p on p.id = s.shop_id
where s.status = 'announced' and o.collect_location_id is not null
  and s.announced_at <= %s::timestamptz - make_interval(days => p.collect_days)
  and not exists (select 1 from shipments_exception x where x.shipment_id = s.id and x.kind = 'not_collected') {among}
order by s.id limit %s
"""
_ALL_OVERDUE = _OVERDUE.format(among="")
_STILL_OVERDUE = _OVERDUE.format(among="and s.id = any(%s)")


def report_not_collected(*, actor: Actor) -> int:
    """Raise a task for each shipment that lies ready for longer than its shop waits; returns how many, 500 at most."""
    overdue = [row[0] for row in sql.fetch(_ALL_OVERDUE, (clock.now(), _MOST))]
    return retrying(lambda: _report(overdue, actor))


def _report(shipment_ids: Sequence[UUID], actor: Actor) -> int:
    with unit_of_work(actor) as unit:
        shipments, _ = lock_shipments(unit, shipment_ids)
        moment = clock.now()
        still = [row[0] for row in sql.fetch(_STILL_OVERDUE, (moment, list(shipments), _MOST))]
        kind = Problem.NOT_COLLECTED.value
        raise_exceptions(unit, [Reported(shipments[key], kind, "", "", moment) for key in still])
    return len(still)
