"""Takes in tracking steps from a logistics system or by hand; `delivered` finishes the shipment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import structs

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Conflict, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.erasure import erased_among
from orderwerk.shipments.events import SHIPMENT_DELIVERED, SHIPMENT_TRACKED
from orderwerk.shipments.exception_statuses import Problem
from orderwerk.shipments.exceptions import Reported, raise_exceptions
from orderwerk.shipments.locking import ShipmentState, lock_parcels


class TrackItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A step of a parcel; the shipment is named by its id or by its tracking code."""

    status: fields.Code
    at: datetime
    shipment_id: UUID | None = None
    tracking_code: fields.Line | None = None
    text: fields.LongLine = ""
    place: fields.Line = ""


def track_shipments(items: Sequence[TrackItem], *, actor: Actor) -> list[Outcome]:
    """Record tracking steps; the same step twice changes nothing, and steps may come in any order.

    A step of a parcel is one of every shipment in it. One that tells of a problem (lost, damaged, refused, address_problem,
    returned_to_sender) is kept as work for a person.

    Refuses with NotFound, with BadInput a step without shipment or from the future, with WrongState one of a shipment
    that has not left, with Conflict a tracking code that several shipments bear.
    """
    return retrying(lambda: _track(items, actor))


def _track(items: Sequence[TrackItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        by_code = _by_code([item.tracking_code for item in items if item.tracking_code], actor)
        wanted = [item.shipment_id or _only(by_code, item) for item in items]
        shipments, orders, carried = lock_parcels(unit, [key for key in wanted if key is not None])
        outcomes: list[Outcome] = []
        steps: list[tuple[ShipmentState, TrackItem]] = []
        for item, key in zip(items, wanted, strict=True):
            try:
                _check_clear(item, by_code)
                shipment = _check(item, shipments.get(key) if key else None)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            steps.append((shipment, item))
            others = (shipments[other] for other in carried.get(shipment.id, ()))
            steps += [(other, item) for other in others if other.status in _LEFT]
            outcomes.append(Outcome.done(shipment.id))
        _write(unit, _without_words(steps, erased_among(orders)))
    return [
        Outcome.done(o.id, status=shipments[o.id].status) if o.ok and o.id else o for o in outcomes
    ]


_LEFT = frozenset({"shipped", "delivered"})


def _by_code(codes: Sequence[str], actor: Actor) -> dict[str, list[UUID]]:
    """Return the shipments that bear each code and that the actor sees; what lies in another's parcel follows that one."""
    rows = sql.fetch(
        "select tracking_code, id, shop_id, location_id, combined_into_id from shipments_shipment "
        "where tracking_code = any(%s) and tracking_code <> '' and status <> 'cancelled' order by id",
        (list(set(codes)),),
    )
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


def _without_words(
    steps: Sequence[tuple[ShipmentState, TrackItem]], erased: frozenset[UUID]
) -> list[tuple[ShipmentState, TrackItem]]:
    """Keep of a step of an erased order what happened and when, not what the carrier wrote of people and places."""
    return [
        (s, structs.replace(item, text="", place="") if s.order_id in erased else item)
        for s, item in steps
    ]


def _write(unit: UnitOfWork, steps: Sequence[tuple[ShipmentState, TrackItem]]) -> None:
    rows = [
        {
            "id": ids.new_id(),
            "shipment_id": s.id,
            "status": i.status,
            "at": i.at,
            "text": i.text,
            "place": i.place,
        }
        for s, i in steps
    ]
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
    for row, (shipment, item) in zip(rows, steps, strict=True):
        if row["id"] not in fresh:
            continue
        if item.status in Problem.values:
            reports.append(Reported(shipment, item.status, item.text, item.place, item.at))
        shipment.version += 1
        count[shipment.id] = count.get(shipment.id, 0) + 1
        subject = Subject(
            "shipment", shipment.id, shipment.version, shipment.order_id, shipment.shop_id
        )
        data = {
            "number": shipment.number,
            "status": item.status,
            "at": item.at,
            "text": item.text,
            "place": item.place,
        }
        if item.status == "delivered" and shipment.status == "shipped":
            shipment.status = "delivered"
            delivered[shipment.id] = item.at
            unit.record(SHIPMENT_DELIVERED, subject, Move("shipped", "delivered"), data)
        else:
            unit.record(SHIPMENT_TRACKED, subject, STILL, data)
    sql.execute(_MOVE, (list(count), list(count.values()), [delivered.get(key) for key in count]))
    raise_exceptions(unit, reports)
