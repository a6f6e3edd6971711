"""Lets another location send a whole open shipment: all its claims move there, or none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from orderwerk.allocations.channels import Channels, read_channels
from orderwerk.allocations.commands.claim import NewAllocation
from orderwerk.core import fields, ids
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.flows.allocate_orders import write_claims
from orderwerk.flows.give_back import give_back
from orderwerk.flows.held import Held, held_by_shipments, lock_stock_of
from orderwerk.flows.move_allocations import Targets, find_targets, take_target
from orderwerk.flows.release_allocations import book_given_back
from orderwerk.orders.counters import check_not_held
from orderwerk.shipments.locking import ShipmentState, check_not_shipped, check_sent, lock_shipments
from orderwerk.stock.shelves import Shelf

Key = tuple[UUID, UUID]
_MOVED = "moved to another location"


class MoveShipmentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An open shipment, and the location that is to send it instead."""

    shipment_id: UUID
    location: fields.Code


def move_shipments(items: Sequence[MoveShipmentItem], *, actor: Actor) -> list[Outcome]:
    """Claim everything of a shipment at another location and give it back where it stands; all of it or nothing.

    The goods join what waits for the order there. Refuses with NotFound (also a location that the actor does not see),
    with WrongState a shipment that has left, is empty, that the customer collects, whose goods are being picked or picked, or whose order is on
    hold, with LimitExceeded when the location has too few of anything, with BadInput a location that the shop does not draw from.
    """
    return retrying(lambda: _move(items, actor))


def _move(items: Sequence[MoveShipmentItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, states = lock_shipments(unit, [item.shipment_id for item in items])
        held: dict[UUID, list[Held]] = defaultdict(list)
        for claim in held_by_shipments(shipments):
            held[claim.shipment_id].append(claim)
        targets = find_targets([item.location for item in items], actor)
        everything = [claim for claims in held.values() for claim in claims]
        wanted = {(c.product_id, place) for c in everything for place, _ in targets.values()}
        shelves = lock_stock_of(unit, everything, wanted)
        channels = read_channels(wanted)
        going: dict[UUID, Held] = {}
        claims: list[NewAllocation] = []
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shipment = check_not_shipped(shipments.get(item.shipment_id))
                check_sent(shipment)
                check_not_held(states[shipment.order_id])
                mine = _movable(shipment, held[shipment.id], going)
                place = _take(item, mine, targets, shelves, channels)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            going |= {claim.id: claim for claim in mine}
            claims += [_there(claim, place, item.location) for claim in mine]
            pieces = sum(claim.quantity for claim in mine)
            outcomes.append(Outcome.done(shipment.id, location=item.location, units=pieces))
        take = {key: claim.quantity for key, claim in going.items()}
        given = give_back(unit, list(going.values()), take, reason=_MOVED)
        between = book_given_back(unit, given, states, _MOVED)
        write_claims(unit, claims, between)
    return outcomes


def _movable(
    shipment: ShipmentState, claims: Sequence[Held], going: Mapping[UUID, Held]
) -> Sequence[Held]:
    if not claims or claims[0].id in going:
        raise WrongState(f"Shipment {shipment.number} is empty.", code="shipment_empty")
    for claim in claims:
        if claim.status != "allocated" or claim.picked:
            raise WrongState(
                f"Goods of {shipment.number} are being picked or picked; put them back first.",
                code=f"allocation_{claim.status}",
            )
    return claims


def _take(
    item: MoveShipmentItem,
    claims: Sequence[Held],
    targets: Targets,
    shelves: Mapping[Key, Shelf],
    channels: Channels,
) -> UUID:
    taken: dict[UUID, int] = {}
    for claim in claims:
        try:
            take_target(claim, item.location, targets, shelves, channels)
        except Refusal:
            # All of it or nothing: what was counted as claimed there is free for the next item.
            for product, pieces in taken.items():
                shelves[(product, targets[item.location][0])].level.allocated -= pieces
                channels.took((product, targets[item.location][0]), claim.shop_id, -pieces)
            raise
        taken[claim.product_id] = taken.get(claim.product_id, 0) + claim.quantity
    return targets[item.location][0]


def _there(claim: Held, place: UUID, code: str) -> NewAllocation:
    return NewAllocation(
        ids.new_id(), claim.shop_id, claim.order_id, claim.order_line_id, claim.product_id, place, claim.quantity,
        claim.why_then("moved", code),
    )  # fmt: skip
