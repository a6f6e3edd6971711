"""Routes many orders together: what each got stays, but over fewer shipments; pure, and the same for the same input.

Every order is routed by itself first, in its turn. Then some orders at a time give their pieces back and are routed again in
another order and over other locations; what needs no more shipments is kept. An order never gets a piece less than before,
so nobody loses his turn to the sum.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.allocations.routing import Available, Claim, Demand, Routed, route

# Shuffling pays off less and less; the stock is locked meanwhile. Tried on real days: bench/allocation.py.
_ROUNDS_PER_ORDER = 12
MOST_ROUNDS = 400
_AT_A_TIME = 4
# Of a product that very many want, so many orders are looked at.
_MANY = 500


@dataclass(slots=True)
class Together:
    """One order of a batch: what it wants, where it may come from by priority, where it has open parcels, what it got."""

    demands: Sequence[Demand]
    locations: Sequence[UUID]
    already: frozenset[UUID]
    routed: Routed

    @property
    def shipments(self) -> int:
        """Further shipments that it needs."""
        return len({claim.location_id for claim in self.routed.claims} - self.already)


def fewer_shipments(orders: Sequence[Together], available: Available) -> int:
    """Rearrange routed orders over fewer shipments, within what they and `available` hold; returns how many fewer."""
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
        saved += _try(orders, chosen, available, chance)
        for index in chosen:
            split.discard(index)
            split |= {index} if orders[index].shipments > 1 else set()
    if saved <= 0:
        # Nothing was won: every order stays where its own priority put it.
        for order, routed in zip(orders, kept, strict=True):
            order.routed = routed
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
    orders: Sequence[Together], chosen: Sequence[int], available: Available, chance: random.Random
) -> int:
    """Route some orders anew and return how many shipments that saves; else everything is as it was."""
    before = {index: orders[index].routed for index in chosen}
    cost = sum(orders[index].shipments for index in chosen)
    for routed in before.values():
        _move(routed, available, 1)
    order_of_turn = list(chosen)
    chance.shuffle(order_of_turn)
    for index in order_of_turn:
        order = orders[index]
        places = list(order.locations)
        chance.shuffle(places)
        order.routed = route(order.demands, places, available, already=order.already)
    now = sum(orders[index].shipments for index in chosen)
    if now <= cost and all(_has_all(orders[i].routed, before[i]) for i in chosen):
        for index in chosen:
            order = orders[index]
            claims = [Claim(c.line_id, c.product_id, c.location_id, c.quantity, "together") for c in order.routed.claims]  # fmt: skip
            order.routed = Routed(claims, before[index].lacks)
        return cost - now
    for index in chosen:
        _move(orders[index].routed, available, 1)
        orders[index].routed = before[index]
        _move(before[index], available, -1)
    return 0


def _move(routed: Routed, available: Available, sign: int) -> None:
    for claim in routed.claims:
        key = (claim.product_id, claim.location_id)
        available[key] = available.get(key, 0) + sign * claim.quantity


def _has_all(routed: Routed, before: Routed) -> bool:
    got: Counter[tuple[UUID, UUID]] = Counter()
    for claim in routed.claims:
        got[(claim.line_id, claim.product_id)] += claim.quantity
    for claim in before.claims:
        got[(claim.line_id, claim.product_id)] -= claim.quantity
    return all(n >= 0 for n in got.values())
