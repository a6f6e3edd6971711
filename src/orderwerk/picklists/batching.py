"""Which parcels are collected on one walk. Pure: parcels and limits go in, batches come out."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import combinations
from random import Random
from uuid import UUID

from orderwerk.picklists.walking import Footprint, Spot, footprint, walk_length

METHODS = ("singles", "totes", "sort")


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that goes on one walk: orders, lines and grams; None: as many as there are."""

    orders: int | None = None
    lines: int | None = None
    weight_grams: int | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment (or its part in one zone) that is to be collected: where it takes from, and what it weighs.

    Parcels of different `group` never share a walk.
    """

    shipment_id: UUID
    lines: int
    weight_grams: int
    stops: tuple[Spot, ...]
    group: Hashable = None


@dataclass(slots=True)
class Walk:
    """A batch while it is filled: its parcels and what they add up to."""

    parcels: list[Parcel] = field(default_factory=list)
    lines: int = 0
    weight_grams: int = 0

    def takes(self, parcel: Parcel, caps: Caps) -> bool:
        """Tell whether a parcel fits; one that is above a limit all by itself still has an empty walk."""
        return not self.parcels or (
            (caps.orders is None or len(self.parcels) < caps.orders)
            and (caps.lines is None or self.lines + parcel.lines <= caps.lines)
            and (
                caps.weight_grams is None
                or self.weight_grams + parcel.weight_grams <= caps.weight_grams
            )
        )

    def add(self, parcel: Parcel) -> None:
        """Put a parcel on the walk."""
        self.parcels.append(parcel)
        self.lines += parcel.lines
        self.weight_grams += parcel.weight_grams


def plain_batches(parcels: Sequence[Parcel], caps: Caps) -> list[list[Parcel]]:
    """Fill walks with parcels in the order given; the next walk begins where a limit is reached.

    A parcel that is above a limit all by itself has a walk of its own.
    """
    groups: dict[Hashable, list[Walk]] = {}
    for parcel in parcels:
        walks = groups.setdefault(parcel.group, [Walk()])
        if not walks[-1].takes(parcel, caps):
            walks.append(Walk())
        walks[-1].add(parcel)
    return [walk.parcels for walks in groups.values() for walk in walks]


# More parcels than these are divided plainly: the oldest orders first is a fair rule too, and takes no time.
MOST_PARCELS = 600
# How many walks are measured at most while a division is improved: half a second, since orders are locked meanwhile.
EFFORT = 60_000
# How often parcels are loosened and put back, per walk.
_SHAKES = 30


@dataclass(slots=True)
class _Search:
    """A division into walks while it is improved: parcels by index, and what measuring may still cost."""

    parcels: Sequence[Parcel]
    caps: Caps
    feet: list[Footprint]
    length: int
    effort: int

    def far(self, walk: Sequence[int]) -> int:
        """Return how far a walk is."""
        self.effort -= 1
        return walk_length([self.feet[i] for i in walk], self.length)

    def fits(self, walk: Sequence[int]) -> bool:
        """Tell whether a walk keeps the limits."""
        if len(walk) < 2:
            return True
        caps = self.caps
        return (
            (caps.orders is None or len(walk) <= caps.orders)
            and (caps.lines is None or sum(self.parcels[i].lines for i in walk) <= caps.lines)
            and (
                caps.weight_grams is None
                or sum(self.parcels[i].weight_grams for i in walk) <= caps.weight_grams
            )
        )


def near_batches(
    parcels: Sequence[Parcel], caps: Caps, *, effort: int = EFFORT
) -> list[list[Parcel]]:
    """Divide parcels into walks so that little is walked altogether; never farther than the plain division.

    Savings first (Clarke and Wright: join the two walks that save most), then single parcels move or change places as
    long as that shortens the way. The same input gives the same walks. Parcels of a walk keep the order given.
    """
    found: list[list[Parcel]] = []
    groups: dict[Hashable, list[Parcel]] = {}
    for parcel in parcels:
        groups.setdefault(parcel.group, []).append(parcel)
    for mine in groups.values():
        found += _near(mine, caps, effort)
    return found


def _near(parcels: Sequence[Parcel], caps: Caps, effort: int) -> list[list[Parcel]]:
    plain = plain_batches(parcels, caps)
    if len(plain) == 1 or len(parcels) > MOST_PARCELS:
        return plain
    feet = [footprint(parcel.stops) for parcel in parcels]
    length = max((depth for each in feet for depth in each.deepest.values()), default=0) + 1
    search = _Search(parcels, caps, feet, length, effort)
    place = {id(parcel): index for index, parcel in enumerate(parcels)}
    begun = [[place[id(parcel)] for parcel in walk] for walk in plain]
    best = min((begun, _joined(search)), key=lambda walks: sum(search.far(walk) for walk in walks))
    _improve(search, best)
    _shake(search, best)
    return [[parcels[i] for i in sorted(walk)] for walk in sorted(filter(None, best), key=min)]


def _joined(search: _Search) -> list[list[int]]:
    walks: dict[int, list[int]] = {i: [i] for i in range(len(search.parcels))}
    alone = {i: search.far(walk) for i, walk in walks.items()}
    heap = [
        (search.far([i, j]) - alone[i] - alone[j], i, j)
        for i in walks
        for j in range(i)
        if search.fits([i, j])
    ]
    heapify(heap)
    while heap:
        gain, i, j = heappop(heap)
        if gain >= 0:
            break
        if i not in walks or j not in walks:
            continue
        joined = walks.pop(i) + walks.pop(j)
        new = len(alone)
        walks[new], alone[new] = joined, search.far(joined)
        for other, walk in walks.items():
            if other != new and search.fits([*walk, *joined]):
                saved = search.far([*walk, *joined]) - alone[other] - alone[new]
                heappush(heap, (saved, other, new))
    return list(walks.values())


def _improve(search: _Search, walks: list[list[int]]) -> None:
    lengths = [search.far(walk) for walk in walks]
    better = True
    while better and search.effort > 0:
        better = False
        for a, b in combinations(range(len(walks)), 2):
            if search.effort <= 0:
                return
            while _exchange(search, walks, lengths, a, b):
                better = True


def _exchange(search: _Search, walks: list[list[int]], lengths: list[int], a: int, b: int) -> bool:
    """Move one parcel between two walks, or change two, where that shortens both together; say whether it did."""
    now = lengths[a] + lengths[b]
    for left, right in _exchanges(walks[a], walks[b]):
        if search.effort <= 0:
            return False
        if search.fits(left) and search.fits(right):
            far = (search.far(left), search.far(right))
            if sum(far) < now:
                walks[a], walks[b] = left, right
                lengths[a], lengths[b] = far
                return True
    return False


def _exchanges(one: list[int], other: list[int]) -> Iterator[tuple[list[int], list[int]]]:
    for i in one:
        yield [x for x in one if x != i], [*other, i]
    for j in other:
        yield [*one, j], [x for x in other if x != j]
    for i in one:
        for j in other:
            yield [*(x for x in one if x != i), j], [*(x for x in other if x != j), i]


def _shake(search: _Search, walks: list[list[int]]) -> None:
    """Loosen a few parcels of a few walks, put them back where they cost least, improve, and keep what is shorter."""
    # The same numbers each time: the same input gives the same walks.
    dice = Random(1)  # noqa: S311 - no secret
    for _ in range(_SHAKES * len(walks)):
        if search.effort <= 0 or len(walks) < 2:
            return
        chosen = dice.sample(range(len(walks)), min(4, len(walks)))
        trial = [list(walks[i]) for i in chosen]
        before = sum(search.far(walk) for walk in trial)
        loose = [walk.pop(dice.randrange(len(walk))) for walk in trial for _ in (1, 2) if walk]
        dice.shuffle(loose)
        if not all(_put(search, trial, parcel) for parcel in loose):
            continue
        _improve(search, trial)
        if sum(search.far(walk) for walk in trial) < before:
            for index, walk in zip(chosen, trial, strict=True):
                walks[index] = walk
            walks[:] = [walk for walk in walks if walk]


def _put(search: _Search, walks: list[list[int]], parcel: int) -> bool:
    """Put a parcel on the walk that it lengthens least; say whether any has room."""
    open_walks = [walk for walk in walks if search.fits([*walk, parcel])]
    if not open_walks:
        return False
    best = min(open_walks, key=lambda walk: search.far([*walk, parcel]) - search.far(walk))
    best.append(parcel)
    return True
