"""How far a walk is. Pure, and the objective of batching.

Aisles lie side by side, numbered from 0 at the depot; every stop has a depth in its aisle. The walk is S-shaped, the way
most pickers go: an aisle with a stop is walked through to its end, except an odd last one, where the picker turns at its
deepest stop. So a walk through n aisles, the farthest of them number f, is

    2 * PITCH * f  +  n * length                              (n even)
    2 * PITCH * f  +  (n - 1) * length  +  2 * deepest stop   (n odd)

A location whose bins name no aisle is one aisle along its walking route: a walk goes to its farthest stop and back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# From one aisle to the next, in the unit of depths (a pallet place, or a metre).
PITCH = 5

# An aisle and a depth in it.
Spot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Footprint:
    """What of an order matters for the length of a walk: its aisles as bits, and its deepest stop in each."""

    aisles: int
    deepest: Mapping[int, int]


def footprint(stops: Iterable[Spot]) -> Footprint:
    """Return the footprint of stops."""
    deepest: dict[int, int] = {}
    for aisle, depth in stops:
        deepest[aisle] = max(depth, deepest.get(aisle, 0))
    return Footprint(sum(1 << aisle for aisle in deepest), deepest)


def walk_length(parcels: Sequence[Footprint], length: int) -> int:
    """Return how far the walk for some footprints is, through aisles of one length."""
    aisles = 0
    for each in parcels:
        aisles |= each.aisles
    if not aisles:
        return 0
    count, last = aisles.bit_count(), aisles.bit_length() - 1
    across = 2 * PITCH * last
    if count % 2 == 0:
        return across + count * length
    turn = max(each.deepest.get(last, 0) for each in parcels)
    return across + (count - 1) * length + 2 * turn


def lower_bound(
    footprints: Sequence[Footprint], sizes: Sequence[int], most: int, length: int
) -> int:
    """Return a distance that no division into walks of at most `most` pieces can be below.

    Orders are never divided. Those that reach an aisle need so many walks that their sizes fit; the k-th of these walks
    holds an order that goes at least as deep as the deepest one after the first (k - 1) * most pieces, and walks at
    least twice that depth there, or through. The same holds for the way across, by the farthest aisle. Both parts add up.
    """
    together = list(zip(footprints, sizes, strict=True))
    aisles = {aisle for each in footprints for aisle in each.deepest}
    bound = 0
    for aisle in aisles:
        reaching = [(f.deepest[aisle], n) for f, n in together if aisle in f.deepest]
        bound += sum(min(length, 2 * depth) for depth in _starts(reaching, most))
    across = [(f.aisles.bit_length() - 1, n) for f, n in together if f.aisles]
    return bound + sum(2 * PITCH * far for far in _starts(across, most))


def _starts(measured: Sequence[tuple[int, int]], most: int) -> list[int]:
    # Largest first: whatever begins after k * most pieces cannot all lie in the first k walks.
    found: list[int] = []
    before = 0
    for measure, size in sorted(measured, reverse=True):
        before += size
        while before > len(found) * most:
            found.append(measure)
    return found
