"""Routes many orders together: what each got stays, but over fewer shipments; pure, and the same for the same input.

Every order is routed by itself first, in its turn. Then some orders at a time give their pieces back and are routed again in
another order and over other locations; what needs no more shipments in all is kept. An order may get a shipment more so that
others get fewer, but never a piece less than before: nobody loses his turn to the sum. None comes to a location that is
closed today or has no room left for it.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.allocations.room import Room
from orderwerk.allocations.routing import Available, Claim, Demand, Routed, route
from orderwerk.allocations.rules import Slot

# Shuffling pays off less and less; the stock is locked meanwhile. Tried on real days: bench/allocation.py.
_ROUNDS_PER_ORDER = 12
MOST_ROUNDS = 400
_AT_A_TIME = 4
# Of a product that very many want, so many orders are looked at.
_MANY = 500


@dataclass(slots=True)
class Together:
    """One order of a batch: what it wants, where it may come from by priority, where it has open parcels, what it got.

    `closed` are locations that send nothing today; `slots` say of those with a number where its parcels are counted.
    """

    demands: Sequence[Demand]
    locations: Sequence[UUID]
    already: frozenset[UUID]
    routed: Routed
    closed: frozenset[UUID] = frozenset()
    slots: Mapping[UUID, Slot] = field(default_factory=dict)

    @property
    def places(self) -> set[UUID]:
        """Where it gets a further shipment."""
        return {claim.location_id for claim in self.routed.claims} - self.already

    @property
    def shipments(self) -> int:
        """Further shipments that it needs."""
        return len(self.places)


def fewer_shipments(orders: Sequence[Together], available: Available, room: Room) -> int:
    """Rearrange routed orders over fewer shipments, within what they, `available` and `room` hold; returns how many fewer."""
    split = {i for i, order in enumerate(orders) if order.shipments > 1}
    if len(orders) < 2 or not split:
        return 0
    kept, stock = [order.routed for order in orders], dict(available)
    sharing = _sharing(orders)
    chance = random.Random(len(orders))  # noqa: S311 - no secret: the same batch is to be routed the same way
    saved = 0
    for _ in range(min(MOST_ROUNDS, _ROUNDS_PER_ORDER * len(orders))):
        if not split:
            break
        first = chance.choice(sorted(split)) if len(split) < _MANY else next(iter(split))
        near = sorted({i for d in orders[first].demands for i in sharing[d.product_id]} - {first})
        chosen = [first, *chance.sample(near, min(len(near), chance.randint(1, _AT_A_TIME)))]
        saved += _try([orders[index] for index in chosen], available, room, chance)
        for index in chosen:
            split.discard(index)
            split |= {index} if orders[index].shipments > 1 else set()
    if saved <= 0:
        # Nothing was won: every order stays where its own priority put it.
        for order, routed in zip(orders, kept, strict=True):
            room.take(order.slots, order.places, -1)
            order.routed = routed
            room.take(order.slots, order.places)
        available.clear()
        available.update(stock)
    return saved


def _sharing(orders: Sequence[Together]) -> dict[UUID, list[int]]:
    """Return some orders per product: an order can change places only with those that want what it wants."""
    found: dict[UUID, list[int]] = defaultdict(list)
    for index, order in enumerate(orders):
        for product in {demand.product_id for demand in order.demands}:
            if len(found[product]) < _MANY:
                found[product].append(index)
    return found


def _try(
    chosen: Sequence[Together], available: Available, room: Room, chance: random.Random
) -> int:
    """Route some orders anew and return how many shipments that saves; else everything is as it was."""
    before, full = [order.routed for order in chosen], room.copy()
    cost = sum(order.shipments for order in chosen)
    for order in chosen:
        _move(order, available, room, 1)
    turns = list(range(len(chosen)))
    chance.shuffle(turns)
    for turn in turns:
        order = chosen[turn]
        places = _allowed(order, room)
        chance.shuffle(places)
        order.routed = route(order.demands, places, available, already=order.already)
        room.take(order.slots, order.places)
    now = sum(order.shipments for order in chosen)
    kept = all(_has_all(order.routed, was) for order, was in zip(chosen, before, strict=True))
    if now <= cost and kept and room.is_within(full):
        for order, was in zip(chosen, before, strict=True):
            claims = [Claim(c.line_id, c.product_id, c.location_id, c.quantity, "together") for c in order.routed.claims]  # fmt: skip
            order.routed = Routed(claims, was.lacks)
        return cost - now
    for order in chosen:
        _move(order, available, room, 1)
    for order, was in zip(chosen, before, strict=True):
        order.routed = was
        _move(order, available, room, -1)
    return 0


def _allowed(order: Together, room: Room) -> list[UUID]:
    """Return where an order may come from: where it is, and where something can leave today that has room for it."""
    own = order.places | order.already
    return [
        place
        for place in order.locations
        if place in own or (place not in order.closed and _has_room(order, place, room))
    ]


def _has_room(order: Together, place: UUID, room: Room) -> bool:
    left = room.left(order.slots.get(place))
    return left is None or left > 0


def _move(order: Together, available: Available, room: Room, sign: int) -> None:
    """Give back what an order has got (1), or take it (-1): pieces and parcels."""
    room.take(order.slots, order.places, -sign)
    for claim in order.routed.claims:
        key = (claim.product_id, claim.location_id)
        available[key] = available.get(key, 0) + sign * claim.quantity


def _has_all(routed: Routed, before: Routed) -> bool:
    got: Counter[tuple[UUID, UUID]] = Counter()
    for claim in routed.claims:
        got[(claim.line_id, claim.product_id)] += claim.quantity
    for claim in before.claims:
        got[(claim.line_id, claim.product_id)] -= claim.quantity
    return all(n >= 0 for n in got.values())
