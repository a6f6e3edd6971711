"""Cancels shipments: one that waits gives its claims back, one that has left is undone exactly."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.give_back import give_back
from orderwerk.flows.held import Held, held_by_shipments, lock_stock_of
from orderwerk.flows.release_allocations import book_given_back
from orderwerk.orders.counters import LineDelta, OrderState, change_counters
from orderwerk.orders.events import ORDER_UNSHIPPED
from orderwerk.shipments.commands.fill import fill_shipments
from orderwerk.shipments.events import SHIPMENT_CANCELLED
from orderwerk.shipments.labels import CANCELLED, give_up_labels, live_labels, set_tracking_codes
from orderwerk.shipments.locking import ShipmentState, check_known, lock_parcels
from orderwerk.shipments.packing import cleared, taken_out
from orderwerk.shipments.serials import shipments_with_returned_pieces
from orderwerk.stock.movements import Movement, Place, change_allocated, write_movements


class CancelShipmentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shipment that does not go, or whose going is to be undone."""

    shipment_id: UUID
    reason: fields.Line = ""


def cancel_shipments(items: Sequence[CancelShipmentItem], *, actor: Actor) -> list[Outcome]:
    """Cancel shipments.

    One that has not left: its claims are given back and wait as backorder. One that has left: stock, claims and
    counters are as before it left, and the goods wait in a new open shipment. Serial numbers that were recorded are free
    again. Refuses with NotFound, with WrongState
    a delivered or cancelled one, one of which a package has arrived, one whose pieces have been returned, or that left
    with a lot which is blocked by now.
    """
    return retrying(lambda: _cancel(items, actor))


def _cancel(items: Sequence[CancelShipmentItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, orders, carried = lock_parcels(unit, [item.shipment_id for item in items])
        held = held_by_shipments([item.shipment_id for item in items if item.shipment_id in shipments])  # fmt: skip
        lock_stock_of(unit, held)
        returned = _returned({h.order_line_id for h in held})
        blocked, came_back = _blocked_since(shipments), shipments_with_returned_pieces(shipments)
        arrived = _partly_arrived(shipments)
        chosen: dict[UUID, str] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shipment = _check(item, shipments, chosen)
                _check_arrived(shipment, arrived)
                _check_blocked(shipment, blocked)
                _check_returned(shipment, held, returned, came_back)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen[shipment.id] = item.reason
            outcomes.append(Outcome.done(shipment.id, status="cancelled"))
        left = [h for h in held if h.shipment_id in chosen and h.shipment_status == "shipped"]
        waiting = [h for h in held if h.shipment_id in chosen and h.shipment_status != "shipped"]
        _undo(unit, left, shipments, chosen, orders)
        _give_up_labels(unit, {h.shipment_id for h in left}, carried)
        given = give_back(
            unit, waiting, {h.id: h.quantity for h in waiting}, reason="shipment cancelled"
        )
        book_given_back(unit, given, orders, "shipment cancelled")
    return outcomes


def _give_up_labels(
    unit: UnitOfWork, undone: Collection[UUID], carried: Mapping[UUID, Sequence[UUID]]
) -> None:
    """Give up the labels of what has left and is undone: what left in the same parcel is followed by their codes no more.

    A code that was typed stays with it: that parcel did leave, without what was undone.
    """
    labels = [label for each in live_labels(undone).values() for label in each] if undone else []
    give_up_labels(unit, [label.id for label in labels], CANCELLED)
    codes = [(x, label.barcode, "") for label in labels for x in carried.get(label.shipment_id, ())]
    set_tracking_codes(unit, [each for each in codes if each[1]])


def _partly_arrived(shipment_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return the shipments of which a package has arrived; they are delivered only with the last one."""
    rows = sql.fetch(
        "select distinct shipment_id from shipments_package where shipment_id = any(%s) and delivered_at is not null",
        (list(shipment_ids),),
    )
    return frozenset(row[0] for row in rows)


def _check_arrived(shipment: ShipmentState, arrived: frozenset[UUID]) -> None:
    if shipment.id in arrived:
        raise WrongState(
            f"A package of shipment {shipment.number} has arrived; book what comes back as a return.",
            code="package_arrived",
        )


def _blocked_since(shipment_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return a lot that shipments left with and that is blocked by now, per shipment."""
    rows = sql.fetch(
        "select m.source_id, m.lot from stock_movement m join stock_lot t on t.product_id = m.product_id and t.code = m.lot "
        "and t.is_blocked where m.kind = 'shipped' and m.source_id = any(%s)",
        (list(shipment_ids),),
    )
    return {row[0]: row[1] for row in rows}


def _check_blocked(shipment: ShipmentState, blocked: Mapping[UUID, str]) -> None:
    if shipment.id in blocked:
        raise WrongState(
            f"Lot {blocked[shipment.id]} that shipment {shipment.number} left with is blocked by now; book what comes back as a return.",
            code="lot_blocked_since",
        )


def _returned(line_ids: set[UUID]) -> dict[UUID, int]:
    # Per line, pieces that may still be undone. Of a kit, whose pieces are of many products: all, or none once one is back.
    rows = sql.fetch(
        "select l.id, case when not exists (select 1 from orders_component c where c.order_line_id = l.id) "
        "then l.shipped - l.returned - l.claimed when l.returned + l.claimed = 0 then 1000000000 else 0 end from orders_line l where l.id = any(%s)",
        (list(line_ids),),
    )
    return {row[0]: row[1] for row in rows}


def _check(
    item: CancelShipmentItem, shipments: Mapping[UUID, ShipmentState], chosen: Mapping[UUID, str]
) -> ShipmentState:
    shipment = check_known(shipments.get(item.shipment_id))
    status = "cancelled" if shipment.id in chosen else shipment.status
    if status in {"cancelled", "delivered"}:
        raise WrongState(
            f"Shipment {shipment.number} is {status} already.", code=f"shipment_{status}"
        )
    return shipment


def _check_returned(
    shipment: ShipmentState,
    held: Sequence[Held],
    returned: dict[UUID, int],
    came_back: frozenset[UUID],
) -> None:
    mine = [h for h in held if h.shipment_id == shipment.id]
    if shipment.status != "shipped":
        return
    rest = dict(returned)
    for claim in mine:
        rest[claim.order_line_id] -= claim.quantity
    if shipment.id in came_back or any(n < 0 for n in rest.values()):
        raise WrongState(
            f"Pieces of shipment {shipment.number} have been returned; it cannot be undone.",
            code="returned",
        )
    returned.update(rest)


_CANCEL = f"""
with gone as (
  update shipments_shipment s set status = 'cancelled', cancelled_at = %s, version = s.version + 1
  where s.id = any(%s) returning s.id, s.version
), {cleared("gone")}
select * from gone
"""
_LINES = f"""
with undone as (
  update shipments_line set is_live = false where shipment_id = any(%s) and is_live returning id
), {taken_out("undone")}
select 1
"""
_ALLOCATIONS = """
update allocations_allocation
set status = case when picked = quantity then 'picked' else 'allocated' end
where id = any(%s)
"""


def _undo(
    unit: UnitOfWork,
    left: Sequence[Held],
    shipments: Mapping[UUID, ShipmentState],
    reasons: Mapping[UUID, str],
    orders: Mapping[UUID, OrderState],
) -> None:
    if not left:
        return
    gone = sorted({h.shipment_id for h in left})
    _restore_stock(unit, left, gone)
    sql.execute(_LINES, (gone,))
    for key, version in sql.fetch(_CANCEL, (clock.now(), gone)):
        shipment = shipments[key]
        subject = Subject("shipment", key, version, shipment.order_id, shipment.shop_id)
        unit.record(
            SHIPMENT_CANCELLED,
            subject,
            Move("shipped", "cancelled"),
            {"number": shipment.number, "reason": reasons[key]},
        )
    sql.execute(_ALLOCATIONS, ([h.id for h in left],))
    fill_shipments(unit, left)
    deltas: dict[UUID, LineDelta] = defaultdict(LineDelta)
    pieces: dict[UUID, int] = defaultdict(int)
    for claim in left:
        delta = deltas[claim.order_line_id]
        delta.shipped -= claim.quantity
        delta.allocated += claim.quantity
        delta.picked += claim.picked
        pieces[claim.order_id] += claim.quantity
    for order_id, state in change_counters(deltas).items():
        subject = Subject("order", order_id, state.version, order_id, state.shop_id)
        unit.record(
            ORDER_UNSHIPPED,
            subject,
            Move(orders[order_id].status, state.status),
            {"units": pieces[order_id]},
        )


def _restore_stock(unit: UnitOfWork, left: Sequence[Held], gone: Sequence[UUID]) -> None:
    # The goods go back to the very bins that the movements say they left from.
    rows = sql.fetch(
        "select product_id, location_id, bin_id, lot, delta, source_id, order_id from stock_movement "
        "where kind = 'shipped' and source_id = any(%s)",
        (list(gone),),
    )
    write_movements(
        [Movement(Place(*row[:4]), -row[4], "unshipped", row[5], row[6]) for row in rows],
        actor=unit.actor,
    )
    claimed: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for claim in left:
        claimed[claim.key] += claim.quantity
    change_allocated(claimed)
