"""Moves claims to another location by hand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from orderwerk.allocations.channels import Channels, read_channels
from orderwerk.allocations.commands.claim import NewAllocation
from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.flows.allocate_orders import write_claims
from orderwerk.flows.give_back import give_back
from orderwerk.flows.held import Held, held_by_ids, lock_stock_of
from orderwerk.flows.release_allocations import book_given_back, releasable
from orderwerk.orders.collecting import check_sent_orders, collected_among
from orderwerk.orders.counters import check_not_held, lock_orders_of
from orderwerk.stock.shelves import Shelf

Key = tuple[UUID, UUID]
Targets = dict[str, tuple[UUID, frozenset[UUID]]]


class MoveAllocationItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An allocation, and the location that is to serve it instead."""

    allocation_id: UUID
    location: fields.Code


def move_allocations(items: Sequence[MoveAllocationItem], *, actor: Actor) -> list[Outcome]:
    """Give each claim back where it stands and claim the same pieces elsewhere.

    Refuses with NotFound (also a location that the actor does not see), with WrongState what is being picked or further,
    or is of an order on hold or that is collected, with LimitExceeded when the other location has too few available, with BadInput a location that the shop does not draw from.
    """
    return retrying(lambda: _move(items, actor))


def _move(items: Sequence[MoveAllocationItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders_of(
            unit, "allocations_allocation", [item.allocation_id for item in items]
        )
        held = {h.id: h for h in held_by_ids([item.allocation_id for item in items])}
        targets = find_targets([item.location for item in items], actor)
        wanted = {(h.product_id, place) for h in held.values() for place, _ in targets.values()}
        shelves = lock_stock_of(unit, held.values(), wanted)
        channels = read_channels(wanted)
        collected = collected_among(states)
        take: dict[UUID, int] = {}
        claims: list[NewAllocation] = []
        outcomes: list[Outcome] = []
        for item in items:
            try:
                claim = releasable(held.get(item.allocation_id), states, actor, take)
                check_not_held(states[claim.order_id])
                check_sent_orders(states[claim.order_id], collected)
                place = take_target(claim, item.location, targets, shelves, channels)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            take[claim.id] = claim.quantity
            claims.append(
                NewAllocation(
                    ids.new_id(), claim.shop_id, claim.order_id, claim.order_line_id, claim.product_id, place, claim.quantity,
                    claim.why_then("moved", item.location),
                )
            )  # fmt: skip
            outcomes.append(
                Outcome.done(claims[-1].id, location=item.location, quantity=claim.quantity)
            )
        given = give_back(
            unit, [held[key] for key in take], take, reason="moved to another location"
        )
        between = book_given_back(unit, given, states, "moved to another location")
        write_claims(unit, claims, between)
    return outcomes


def find_targets(codes: Sequence[str], actor: Actor) -> Targets:
    """Return the active locations of codes that the actor may see, with the shops that draw from each."""
    rows = sql.fetch(
        "select l.code, l.id, sl.shop_id from stock_location l "
        "left join shops_shop_location sl on sl.location_id = l.id where l.code = any(%s) and l.is_active",
        (list(set(codes)),),
    )
    shops: dict[tuple[str, UUID], set[UUID]] = defaultdict(set)
    for code, place, shop in rows:
        shops[(code, place)] |= {shop} if shop else set()
    return {
        code: (place, frozenset(linked))
        for (code, place), linked in shops.items()
        if actor.may_see_location(place) and (actor.shop_ids is None or linked & actor.shop_ids)
    }


def take_target(
    claim: Held, code: str, targets: Targets, shelves: Mapping[Key, Shelf], channels: Channels
) -> UUID:
    """Return the location that is to serve a claim and count the pieces there as claimed; refuses as `move_allocations`."""
    if code not in targets:
        raise NotFound(
            f"There is no active stock location {code}.",
            code="unknown_location",
            pointer="/location",
        )
    place, shops = targets[code]
    if claim.shop_id not in shops:
        raise BadInput(
            f"The shop does not draw stock from {code}.",
            code="location_not_linked",
            pointer="/location",
        )
    if place == claim.location_id:
        raise BadInput(
            f"The allocation stands at {code} already.", code="same_location", pointer="/location"
        )
    shelf = shelves.get((claim.product_id, place))
    withheld = channels.withheld((claim.product_id, place), claim.shop_id)
    available = max(0, shelf.level.available - withheld) if shelf else 0
    if shelf is None or available < claim.quantity:
        raise LimitExceeded(
            f"{code} has {available} of {claim.quantity} available.",
            code="not_enough_stock",
            pointer="/location",
        )
    shelf.level.allocated += claim.quantity
    channels.took((claim.product_id, place), claim.shop_id, claim.quantity)
    return place
