"""Decides which location serves which line: pure functions over what is available, no database.

First the whole order from the first location by priority that has all of it; else the fewest locations that together
have the most of it; what is left waits as backorder. A rule's limits (parcels, value of a part, cost) may allow less of that.
"""

from collections import defaultdict
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from orderwerk.allocations.rules import Limits, extra_cost

# Up to so many locations every combination is tried (2^10 at most); beyond, the best next one is added step by step.
_MOST_FOR_ALL_COMBINATIONS = 10

Available = MutableMapping[tuple[UUID, UUID], int]


@dataclass(frozen=True, slots=True)
class Demand:
    """So many pieces of a product are wanted for one line."""

    line_id: UUID
    product_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Claim:
    """So many pieces of a line come from one location; `why` is a code of `explain.py`."""

    line_id: UUID
    product_id: UUID
    location_id: UUID
    quantity: int
    why: str


@dataclass(frozen=True, slots=True)
class Routed:
    """The outcome for one order: its claims, and what each location that was looked at lacks of the whole, in pieces.

    `is_limited`: there was stock, but a rule's limits left all or a part of it where it is.
    """

    claims: list[Claim]
    lacks: dict[UUID, int]
    is_limited: bool = False


def route(
    demands: Sequence[Demand],
    locations: Sequence[UUID],
    available: Available,
    *,
    may_split: bool = True,
    already: frozenset[UUID] = frozenset(),
    limits: Limits | None = None,
) -> Routed:
    """Choose locations for one order's open demand and take the pieces out of `available`.

    `locations` come by priority. `already` are locations where the order has an open shipment: using them again
    costs no further shipment, so they come first. Without `may_split` only the first location is asked. `limits` are
    those of a rule.
    """
    allowed = list(locations) if may_split else list(locations)[:1]
    wanted = _per_product(demands)
    lacks = {place: _lack(wanted, [place], available) for place in allowed}
    for place in sorted(allowed, key=lambda p: p not in already):
        if lacks[place] == 0:
            why = "open_shipment" if place in already else "whole_order"
            return Routed(_take(demands, [place], available, why), lacks)
    chosen = _fewest(wanted, allowed, available, already)
    if limits is not None and not _allowed(demands, chosen, available, already, limits):
        return _limited(demands, allowed, available, already, limits, lacks)
    why = "fewest_shipments" if _lack(wanted, chosen, available) == 0 else "as_much_as_possible"
    return Routed(_take(demands, chosen, available, why), lacks)


def _per_product(demands: Sequence[Demand]) -> dict[UUID, int]:
    wanted: dict[UUID, int] = defaultdict(int)
    for demand in demands:
        wanted[demand.product_id] += demand.quantity
    return wanted


def _lack(wanted: Mapping[UUID, int], places: Sequence[UUID], available: Available) -> int:
    return sum(
        max(0, n - sum(available.get((product, place), 0) for place in places))
        for product, n in wanted.items()
    )


def _fewest(
    wanted: Mapping[UUID, int],
    allowed: Sequence[UUID],
    available: Available,
    already: frozenset[UUID],
) -> list[UUID]:
    best = _lack(wanted, allowed, available)
    useful = [
        place for place in allowed if any(available.get((product, place), 0) for product in wanted)
    ]
    free = [place for place in useful if place in already]
    rest = [place for place in useful if place not in already]
    if len(rest) > _MOST_FOR_ALL_COMBINATIONS:
        return _greedy(wanted, free, rest, available, best)
    for size in range(len(rest) + 1):
        for group in combinations(rest, size):
            places = [place for place in useful if place in already or place in group]
            if _lack(wanted, places, available) == best:
                return places
    return useful


def _greedy(
    wanted: Mapping[UUID, int], free: list[UUID], rest: list[UUID], available: Available, best: int
) -> list[UUID]:
    chosen = list(free)
    while _lack(wanted, chosen, available) > best:
        chosen.append(
            min(
                (place for place in rest if place not in chosen),
                key=lambda p: _lack(wanted, [*chosen, p], available),
            )
        )
    return chosen


def _take(
    demands: Sequence[Demand], places: Sequence[UUID], available: Available, why: str
) -> list[Claim]:
    claims: list[Claim] = []
    for demand in demands:
        missing = demand.quantity
        whole = next(
            (p for p in places if available.get((demand.product_id, p), 0) >= missing), None
        )
        for place in [whole] if whole is not None else places:
            part = min(missing, available.get((demand.product_id, place), 0))
            if part > 0:
                available[(demand.product_id, place)] -= part
                claims.append(Claim(demand.line_id, demand.product_id, place, part, why))
                missing -= part
    return claims


def _limited(
    demands: Sequence[Demand],
    allowed: Sequence[UUID],
    available: Available,
    already: frozenset[UUID],
    limits: Limits,
    lacks: dict[UUID, int],
) -> Routed:
    """Take the group of locations that has the most of the order among those that the limits allow; maybe none."""
    wanted = _per_product(demands)
    useful = [
        place for place in allowed if _lack(wanted, [place], available) < sum(wanted.values())
    ]
    most = min(len(useful), limits.most_shipments or len(useful), _MOST_FOR_ALL_COMBINATIONS)
    groups = [
        list(group)
        for size in range(1, most + 1)
        for group in combinations(useful[:_MOST_FOR_ALL_COMBINATIONS], size)
        if _allowed(demands, group, available, already, limits)
    ]
    if not groups:
        return Routed([], lacks, is_limited=bool(useful))
    best = min(groups, key=lambda group: (_lack(wanted, group, available), len(group)))
    return Routed(_take(demands, best, available, "as_limits_allow"), lacks, is_limited=True)


def _allowed(
    demands: Sequence[Demand],
    places: Sequence[UUID],
    available: Available,
    already: frozenset[UUID],
    limits: Limits,
) -> bool:
    """Tell whether an order may be split so: parcels and the rest that waits counted, each part worth enough,
    and the further parcels no dearer than may be."""
    claims = _take(demands, places, dict(available), "")
    used = {claim.location_id for claim in claims}
    got: dict[UUID, int] = defaultdict(int)
    worth: dict[UUID, int] = defaultdict(int)
    for claim in claims:
        got[claim.line_id] += claim.quantity
        worth[claim.location_id] += claim.quantity * limits.values.get(claim.line_id, 0)
    rest = sum(d.quantity for d in demands) - sum(got.values())
    parcels = len(used | already) + len(limits.sent) + int(rest > 0)
    if limits.most_shipments is not None and parcels > max(limits.most_shipments, 1):
        return False
    if limits.most_cost is not None:
        # What has left is paid for already.
        places = [*(used | already), *limits.sent]
        extra = extra_cost(places, limits.costs, has_rest=rest > 0)
        if extra > limits.most_cost:
            return False
    if limits.least_value is None or parcels <= 1:
        return True
    left = sum(d.quantity * limits.values.get(d.line_id, 0) for d in demands) - sum(worth.values())
    parts = [worth[place] for place in used - already] + ([left] if rest else [])
    return all(part >= limits.least_value for part in parts)
