"""Combines open shipments of several orders of one customer into one parcel, and separates them again."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.shipments.doors import Door, doors_of
from orderwerk.shipments.events import SHIPMENT_COMBINED, SHIPMENT_SEPARATED
from orderwerk.shipments.labels import COMBINED, check_no_label, give_up_labels, live_labels
from orderwerk.shipments.locking import ShipmentState, check_not_shipped, check_sent, lock_shipments


class CombineShipmentsItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Open shipments that travel in one parcel: the first carries the label, the others lie in it."""

    shipment_ids: Annotated[list[UUID], msgspec.Meta(min_length=2, max_length=50)]


class SeparateShipmentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shipment that travels by itself again; named is one that lies in another's parcel."""

    shipment_id: UUID


def combine_shipments(items: Sequence[CombineShipmentsItem], *, actor: Actor) -> list[Outcome]:
    """Let shipments go in one parcel: they are shipped together, with one tracking code.

    Refuses with NotFound, with WrongState shipments that have left or lie in another parcel already, from different
    locations or shops, that are collected, for another customer or address, or that have a label of their own (but the first),
    with BadInput a shipment named twice.
    """
    return retrying(lambda: _combine(items, actor))


def separate_shipments(items: Sequence[SeparateShipmentItem], *, actor: Actor) -> list[Outcome]:
    """Take shipments out of another's parcel. Refuses with NotFound, with WrongState one that lies in none or has left."""
    return retrying(lambda: _separate(items, actor))


def _combine(items: Sequence[CombineShipmentsItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, _ = lock_shipments(unit, [key for item in items for key in item.shipment_ids])
        doors = doors_of(shipments)
        labels = live_labels(list(shipments))
        leaders: dict[UUID, UUID] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                first, others = _check(item, shipments, doors, leaders)
                for other in others:
                    check_no_label(other.number, labels.get(other.id, ()), "/shipment_ids")
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            leaders |= dict.fromkeys(item.shipment_ids, first.id)
            numbers = [other.number for other in others]
            outcomes.append(Outcome.done(first.id, number=first.number, combined=numbers))
        sql.execute(_FORGET, ([k for k, v in leaders.items() if k == v],))
        inside = {k: v for k, v in leaders.items() if k != v}
        # One that failed, and that the carrier has not made, goes with the parcel that there would have been.
        give_up_labels(unit, [each.id for k in inside for each in labels.get(k, ())], COMBINED)
        _write(unit, inside, shipments)
    return outcomes


def _check(
    item: CombineShipmentsItem,
    shipments: Mapping[UUID, ShipmentState],
    doors: Mapping[UUID, Door],
    taken: Mapping[UUID, UUID],
) -> tuple[ShipmentState, list[ShipmentState]]:
    if len(set(item.shipment_ids)) < len(item.shipment_ids) or set(item.shipment_ids) & set(taken):
        raise BadInput(
            "A shipment is named twice.", code="duplicate_shipment", pointer="/shipment_ids"
        )
    found = [check_not_shipped(shipments.get(key)) for key in item.shipment_ids]
    first = found[0]
    for s in found:
        check_sent(s)
        if s.carried_by or (s is not first and doors[s.id].carries):
            raise WrongState(
                f"{s.number} travels with others already.", code="combined", pointer="/shipment_ids"
            )
        if (s.location_id, s.shop_id) != (first.location_id, first.shop_id):
            raise WrongState(
                f"{s.number} leaves from another location or shop than {first.number}.",
                code="other_location",
                pointer="/shipment_ids",
            )
        if doors[s.id].where != doors[first.id].where:
            raise WrongState(
                f"{s.number} goes to another customer or address than {first.number}.",
                code="other_address",
                pointer="/shipment_ids",
            )
    return first, found[1:]


# What lay in a parcel that was cancelled lies in none since; that it once did is forgotten when it leads one itself.
_FORGET = "update shipments_shipment set combined_into_id = null where id = any(%s) and combined_into_id is not null"
# What was said of the parcel that they lay in until now is not true of the next one.
_SET = """
with gone as (
  update shipments_shipment s set combined_into_id = t.leader, version = s.version + 1
  from unnest(%s::uuid[], %s::uuid[]) as t(id, leader) where s.id = t.id returning s.id, s.version
), uncarried as (
  delete from shipments_carried_line c using gone g join shipments_line l on l.shipment_id = g.id where c.shipment_line_id = l.id
)
select id, version from gone
"""


def _write(
    unit: UnitOfWork,
    leaders: Mapping[UUID, UUID | None],
    shipments: Mapping[UUID, ShipmentState],
) -> None:
    for key, version in sql.fetch(_SET, (list(leaders), list(leaders.values()))):
        s, leader = shipments[key], leaders[key]
        subject = Subject("shipment", key, version, s.order_id, s.shop_id)
        if leader is None:
            unit.record(SHIPMENT_SEPARATED, subject, STILL, {"number": s.number})
        else:
            data = {"number": s.number, "with": shipments[leader].number}
            unit.record(SHIPMENT_COMBINED, subject, STILL, data)


def _separate(items: Sequence[SeparateShipmentItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, _ = lock_shipments(unit, [item.shipment_id for item in items])
        going: dict[UUID, UUID | None] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                s = check_not_shipped(shipments.get(item.shipment_id))
                if not s.carried_by or s.id in going:
                    raise WrongState(f"{s.number} travels by itself.", code="not_combined")
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            going[s.id] = None
            outcomes.append(Outcome.done(s.id, number=s.number))
        _write(unit, going, shipments)
    return outcomes
