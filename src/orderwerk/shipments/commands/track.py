"""Takes in tracking steps from a logistics system or by hand; `delivered` finishes the shipment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Conflict, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.erasure import erased_among
from orderwerk.shipments.arrivals import Arrivals
from orderwerk.shipments.events import SHIPMENT_DELIVERED, SHIPMENT_TRACKED
from orderwerk.shipments.exception_statuses import Problem
from orderwerk.shipments.exceptions import Reported, raise_exceptions
from orderwerk.shipments.locking import ShipmentState, lock_parcels


class TrackItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A step of a parcel; the shipment is named by its id, by its tracking code, or by that of one of its packages."""

    status: fields.Code
    at: datetime
    shipment_id: UUID | None = None
    tracking_code: fields.Line | None = None
    text: fields.LongLine = ""
    place: fields.Line = ""


def track_shipments(items: Sequence[TrackItem], *, actor: Actor) -> list[Outcome]:
    """Record tracking steps; the same step twice changes nothing, and steps may come in any order.

    A step of a parcel is one of every shipment in it. One that tells of a problem (lost, damaged, refused, address_problem,
    returned_to_sender) is kept as work for a person. `delivered` under a package's own code is of that package alone; the shipment
    is delivered with the last of them, or at once where the step names the shipment.

    Refuses with NotFound, with BadInput a step without shipment or from the future, with WrongState one of a shipment
    that has not left, with Conflict a tracking code that several shipments bear.
    """
    return retrying(lambda: _track(items, actor))


def _track(items: Sequence[TrackItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        by_code = _by_code([item.tracking_code for item in items if item.tracking_code], actor)
        wanted = [item.shipment_id or _only(by_code, item) for item in items]
        shipments, orders, carried = lock_parcels(unit, [key for key in wanted if key is not None])
        arrivals = Arrivals(shipments)
        outcomes: list[Outcome] = []
        steps: list[_Step] = []
        for item, key in zip(items, wanted, strict=True):
            try:
                _check_clear(item, by_code)
                shipment = _check(item, shipments.get(key) if key else None)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            steps.append(_Step(shipment, item, shipment.id))
            others = (shipments[other] for other in carried.get(shipment.id, ()))
            steps += [_Step(other, item, shipment.id) for other in others if other.status in _LEFT]
            outcomes.append(Outcome.done(shipment.id))
        _write(unit, _without_words(steps, erased_among(orders)), arrivals)
    return [
        Outcome.done(o.id, status=shipments[o.id].status) if o.ok and o.id else o for o in outcomes
    ]


_LEFT = frozenset({"shipped", "delivered"})


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of one shipment; `parcel` is the shipment in whose parcel it lies, or itself."""

    shipment: ShipmentState
    item: TrackItem
    parcel: UUID


_BEARERS = """
select tracking_code, id, shop_id, location_id, combined_into_id from shipments_shipment
where tracking_code = any(%s) and tracking_code <> '' and status <> 'cancelled'
union
select g.tracking_code, h.id, h.shop_id, h.location_id, h.combined_into_id
from shipments_package g join shipments_shipment h on h.id = g.shipment_id
where g.tracking_code collate "C" = any(%s) and g.tracking_code <> '' and h.status <> 'cancelled'
order by 2
"""


def _by_code(codes: Sequence[str], actor: Actor) -> dict[str, list[UUID]]:
    """Return the shipments that bear each code, or a package of which does, and that the actor sees.

    What lies in another's parcel follows that one.
    """
    wanted = sorted(set(codes))
    rows = sql.fetch(_BEARERS, (wanted, wanted)) if wanted else []
    bearers = {(code, key) for code, key, _, _, _ in rows}
    found: dict[str, list[UUID]] = defaultdict(list)
    for code, key, shop_id, location_id, parcel in rows:
        is_visible = actor.may_see_shop(shop_id) and actor.may_see_location(location_id)
        if is_visible and (code, parcel) not in bearers:
            found[code].append(key)
    return found


def _only(by_code: Mapping[str, list[UUID]], item: TrackItem) -> UUID | None:
    keys = by_code.get(item.tracking_code or "", [])
    return keys[0] if len(keys) == 1 else None


def _check_clear(item: TrackItem, by_code: Mapping[str, list[UUID]]) -> None:
    keys = by_code.get(item.tracking_code or "", [])
    if item.shipment_id is None and len(keys) > 1:
        raise Conflict(
            f"{len(keys)} shipments bear {item.tracking_code}; name the one that is meant by shipment_id.",
            code="tracking_code_of_several",
            pointer="/tracking_code",
        )


def _check(item: TrackItem, shipment: ShipmentState | None) -> ShipmentState:
    if item.shipment_id is None and not item.tracking_code:
        raise BadInput(
            "Name the shipment by shipment_id or tracking_code.",
            code="no_shipment",
            pointer="/shipment_id",
        )
    if item.at > clock.now():
        raise BadInput("The step lies in the future.", code="in_future", pointer="/at")
    if shipment is None:
        raise NotFound(
            "There is no such shipment.", code="unknown_shipment", pointer="/shipment_id"
        )
    if shipment.status not in _LEFT:
        raise WrongState(
            f"Shipment {shipment.number} is {shipment.status}; it has not left.", code="not_shipped"
        )
    return shipment


_STEPS = "id uuid, shipment_id uuid, status text, at timestamptz, text text, place text"
_MOVE = """
update shipments_shipment s
set version = s.version + t.n, status = case when t.delivered_at is null then s.status else 'delivered' end,
    delivered_at = coalesce(s.delivered_at, t.delivered_at)
from unnest(%s::uuid[], %s::int[], %s::timestamptz[]) as t(id, n, delivered_at) where s.id = t.id
"""


def _without_words(steps: Sequence[_Step], erased: frozenset[UUID]) -> list[_Step]:
    """Keep of a step of an erased order what happened and when, not what the carrier wrote of people and places."""
    return [
        replace(step, item=structs.replace(step.item, text="", place=""))
        if step.shipment.order_id in erased
        else step
        for step in steps
    ]


def _row(step: _Step) -> dict[str, Any]:
    item = step.item
    return {
        "id": ids.new_id(), "shipment_id": step.shipment.id, "status": item.status, "at": item.at, "text": item.text,
        "place": item.place,
    }  # fmt: skip


def _told(step: _Step) -> dict[str, Any]:
    shipment, item = step.shipment, step.item
    return {
        "number": shipment.number, "status": item.status, "at": item.at, "text": item.text, "place": item.place,
        "tracking_code": item.tracking_code or shipment.tracking_code,
    }  # fmt: skip


def _write(unit: UnitOfWork, steps: Sequence[_Step], arrivals: Arrivals) -> None:
    rows = [_row(step) for step in steps]
    new = sql.insert_rows(
        "shipments_tracking_event",
        _STEPS,
        rows,
        tail="on conflict (shipment_id, at, status) do nothing returning id",
    )
    fresh = {row[0] for row in new}
    reports: list[Reported] = []
    count: dict[UUID, int] = {}
    delivered: dict[UUID, datetime] = {}
    for row, step in zip(rows, steps, strict=True):
        shipment, item = step.shipment, step.item
        arrives = item.status == "delivered" and shipment.status == "shipped"
        # Two packages may arrive at one moment: the second's step is known by then, and its arrival is not.
        arrived = arrives and arrivals.of(shipment.id, step.parcel, item.tracking_code, item.at)
        if row["id"] not in fresh and not arrived:
            continue
        if item.status in Problem.values:
            reports.append(Reported(shipment, item.status, item.text, item.place, item.at))
        shipment.version += 1
        count[shipment.id] = count.get(shipment.id, 0) + 1
        subject = Subject(
            "shipment", shipment.id, shipment.version, shipment.order_id, shipment.shop_id
        )
        data = _told(step)
        last = arrivals.complete(step.parcel, item.at) if arrives else None
        if last is not None:
            shipment.status = "delivered"
            delivered[shipment.id] = last
            unit.record(SHIPMENT_DELIVERED, subject, Move("shipped", "delivered"), data)
        else:
            unit.record(SHIPMENT_TRACKED, subject, STILL, data)
    arrivals.write()
    sql.execute(_MOVE, (list(count), list(count.values()), [delivered.get(key) for key in count]))
    raise_exceptions(unit, reports)
