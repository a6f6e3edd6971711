"""Puts open shipments of one order at one location together again: a pure regrouping."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.held import Held, held_by_shipments
from orderwerk.flows.split_shipments import check_not_picking
from orderwerk.picklists.picked_serials import forget_serials
from orderwerk.shipments.events import SHIPMENT_CANCELLED, SHIPMENT_LINES_CHANGED
from orderwerk.shipments.labels import CANCELLED, give_up_labels_of
from orderwerk.shipments.locking import ShipmentState, check_not_shipped, lock_shipments
from orderwerk.shipments.packing import cleared
from orderwerk.shipments.proposals import propose_again, unchosen
from orderwerk.shipments.regroup import put_lines, touch

MERGED = "merged"


class MergeShipmentsItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Open shipments that become one: the first stays, the contents of the others go into it."""

    shipment_ids: Annotated[list[UUID], msgspec.Meta(min_length=2, max_length=50)]


def merge_shipments(items: Sequence[MergeShipmentsItem], *, actor: Actor) -> list[Outcome]:
    """Move the contents of shipments into the first one of each item; the emptied ones are cancelled.

    Refuses with NotFound, with WrongState shipments that have left, whose goods are being picked, or of which only one lies ready to be collected, or that are of several
    orders or locations (those can be combined into one parcel), with BadInput a shipment named twice.
    """
    return retrying(lambda: _merge(items, actor))


def _merge(items: Sequence[MergeShipmentsItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, _ = lock_shipments(unit, [key for item in items for key in item.shipment_ids])
        held: dict[UUID, list[Held]] = defaultdict(list)
        for claim in held_by_shipments(shipments):
            held[claim.shipment_id].append(claim)
        into: dict[UUID, UUID] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                target, others = _check(item, shipments, held, into)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            into |= dict.fromkeys((other.id for other in others), target.id)
            into[target.id] = target.id
            outcomes.append(Outcome.done(target.id, number=target.number, status=target.status))
        emptied = {key: target for key, target in into.items() if key != target}
        untouched = unchosen(set(emptied.values()))
        forget_serials([(c.order_id, c.id) for key in emptied for c in held[key] if c.picked])
        put_lines({c.id: target for key, target in emptied.items() for c in held[key]})
        _record(unit, emptied, shipments, held)
        propose_again(unit, untouched)
        give_up_labels_of(unit, emptied, CANCELLED)
    return outcomes


def _check(
    item: MergeShipmentsItem,
    shipments: Mapping[UUID, ShipmentState],
    held: Mapping[UUID, list[Held]],
    taken: Mapping[UUID, UUID],
) -> tuple[ShipmentState, list[ShipmentState]]:
    if len(set(item.shipment_ids)) < len(item.shipment_ids) or set(item.shipment_ids) & set(taken):
        raise BadInput(
            "A shipment is named twice.", code="duplicate_shipment", pointer="/shipment_ids"
        )
    found = [check_not_shipped(shipments.get(key)) for key in item.shipment_ids]
    target, others = found[0], found[1:]
    for other in others:
        if (other.order_id, other.location_id) != (target.order_id, target.location_id):
            raise WrongState(
                f"{other.number} is of another order or location than {target.number}; combine them into one parcel.",
                code="not_mergeable",
                pointer="/shipment_ids",
            )
        if target.collects and other.status != target.status:
            raise WrongState(
                "What lies ready to be collected takes nothing in that does not.",
                code="not_mergeable",
                pointer="/shipment_ids",
            )
        if other.waits_for and not target.waits_for:
            raise WrongState(
                f"{other.number} waits for {other.waits_for}; merge into that one.",
                code="waits_for_transfer",
                pointer="/shipment_ids",
            )
        for claim in held[other.id]:
            check_not_picking(claim)
    return target, others


_EMPTY = f"""
with gone as (
  update shipments_shipment s set status = 'cancelled', cancelled_at = %s, version = s.version + 1
  where s.id = any(%s) returning s.id, s.version
), {cleared("gone")}
select * from gone
"""


def _record(
    unit: UnitOfWork,
    emptied: Mapping[UUID, UUID],
    shipments: Mapping[UUID, ShipmentState],
    held: Mapping[UUID, list[Held]],
) -> None:
    versions = touch(list(set(emptied.values())))
    added: dict[UUID, int] = defaultdict(int)
    for key, target in emptied.items():
        added[target] += sum(claim.quantity for claim in held[key])
    for key, version in versions.items():
        s = shipments[key]
        subject = Subject("shipment", key, version, s.order_id, s.shop_id)
        unit.record(
            SHIPMENT_LINES_CHANGED, subject, STILL, {"number": s.number, "added": added[key]}
        )
    for key, version in sql.fetch(_EMPTY, (clock.now(), list(emptied))):
        s = shipments[key]
        subject = Subject("shipment", key, version, s.order_id, s.shop_id)
        data = {"number": s.number, "reason": MERGED}
        unit.record(SHIPMENT_CANCELLED, subject, Move(s.status, "cancelled"), data)
