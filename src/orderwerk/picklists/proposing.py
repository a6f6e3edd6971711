"""Proposes a wave out of what is ready at a location: orders that share aisles, urgent ones and those of today before all others."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal
from uuid import UUID

import msgspec

from orderwerk.core.errors import Refusal, WrongState
from orderwerk.picklists.making import Planned
from orderwerk.picklists.selection import (
    Claim,
    Wish,
    orders_of,
    ready_shipments,
    waiting_claims,
)
from orderwerk.picklists.waves import (
    Choice,
    Goods,
    Wave,
    densest,
    oldest_first,
    total,
    upper_bound,
)
from orderwerk.stock.shelves import BinRow, Key, Shelf, read_shelves

# How many shipments a wave is chosen from, the oldest of the highest priority, and for how long: nothing is locked meanwhile.
CANDIDATES = 20_000
SECONDS = 3.0
# Of so many pairs of an order and an aisle the bound looks at each.
_PAIRS = 100_000
Place = int | UUID


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and most pieces of a wave, the most shipments, and the zones that it may take from (none named: all)."""

    least: int
    most: int
    shipments: int
    zones: Collection[str] = ()


class Figures(msgspec.Struct, frozen=True):
    """How dense a wave is: pieces, the aisles (bins where none names an aisle) that they lie in, and pieces an aisle.

    `oldest_first` are the pieces an aisle that the oldest orders would give, in as few aisles as hold them; no wave has more than
    `upper_bound`. `first` of its shipments went in before others were looked for: they are urgent, or due.
    """

    units: int
    counted: Literal["aisles", "bins"]
    visited: int
    units_each: str
    oldest_first: str
    upper_bound: str
    first: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A wave as it was chosen: its shipments, in the order in which they are served, the bins of its aisles, and its figures."""

    shipment_ids: list[UUID]
    bins: frozenset[UUID]
    first: int
    oldest: float
    bound: float
    by_aisle: bool

    def told(self, planned: Sequence[Planned]) -> Figures:
        """Return the figures of the wave as its pieces are planned."""
        rows = [(row, n) for each in planned for row, n in each.parts]
        units = sum(n for _, n in rows)
        visited = len({_place(row, by_aisle=self.by_aisle) for row, _ in rows})
        return Figures(
            units, "aisles" if self.by_aisle else "bins", visited, f"{units / max(visited, 1):.2f}", f"{self.oldest:.2f}",
            f"{self.bound:.2f}", self.first,
        )  # fmt: skip


def propose(
    wanted: Mapping[int, tuple[Wish, Limits]], shops: Sequence[UUID] | None
) -> dict[int, Proposal | Refusal]:
    """Choose a wave for each wish, without a lock; what one takes is gone for the next. A fixed number of statements.

    Answers with WrongState where no wave keeps the limits.
    """
    if not wanted:
        return {}
    wishes = [wish for wish, _ in wanted.values()]
    ready = ready_shipments(wishes, shops)
    orders = orders_of({key for keys in ready.values() for key in keys})
    waiting = waiting_claims(orders, sorted({wish.location for wish in wishes}))
    claims = {key: mine for here in waiting.values() for key, mine in here.items()}
    shelves = read_shelves(
        {(c.product_id, c.location_id) for mine in claims.values() for c in mine}
    )
    found: dict[int, Proposal | Refusal] = {}
    ends = monotonic() + SECONDS
    for index, (_, limits) in wanted.items():
        here = {key: claims[key] for key in ready.get(index, ()) if key in claims}
        # All waves of a call share the time: the last ones are filled with the oldest orders when it is over.
        answer = found[index] = _choose(here, shelves, limits, max(0.0, ends - monotonic()))
        for key in answer.shipment_ids if isinstance(answer, Proposal) else ():
            del claims[key]
    return found


def _choose(
    here: Mapping[UUID, Sequence[Claim]],
    shelves: Mapping[Key, Shelf],
    limits: Limits,
    seconds: float,
) -> Proposal | Refusal:
    floor = _Floor(here, shelves, limits.zones)
    wave, places = _wave(floor, limits)
    choice = densest(wave, seconds=seconds)
    plain = oldest_first(wave)
    if not choice.orders:
        return WrongState(
            f"Only {plain.pieces} pieces can be put together; a wave of {limits.least} to {limits.most} is asked for.",
            code="wave_too_small",
            pointer="/min_units",
        )
    thorough = len(wave.orders) * len(wave.aisles) <= _PAIRS
    return Proposal(
        [places[i] for i in choice.orders],
        floor.bins_of(choice),
        len(wave.first),
        plain.per_aisle,
        max(upper_bound(wave, thorough=thorough, seconds=seconds / 2), choice.per_aisle),
        floor.by_aisle,
    )


def _place(row: BinRow, *, by_aisle: bool) -> Place:
    return row.aisle if by_aisle else row.bin_id


class _Floor:
    """The shipments that are ready and the aisles that hold their goods, as numbers of articles with pieces."""

    def __init__(
        self,
        here: Mapping[UUID, Sequence[Claim]],
        shelves: Mapping[Key, Shelf],
        zones: Collection[str],
    ) -> None:
        keys = dict.fromkeys((c.product_id, c.location_id) for mine in here.values() for c in mine)
        items = {key: index for index, key in enumerate(keys)}
        rows = [
            (item, row)
            for key, item in items.items()
            for row in shelves[key].bins
            if row.kind == "pick"
            and not row.is_blocked
            and row.free > 0
            and (not zones or row.zone in zones)
        ]
        self.by_aisle = any(row.aisle for _, row in rows)
        stock: dict[Place, Goods] = {}
        self._bins: dict[Place, set[UUID]] = {}
        for item, row in rows:
            place = _place(row, by_aisle=self.by_aisle)
            goods = stock.setdefault(place, {})
            goods[item] = goods.get(item, 0) + row.free
            self._bins.setdefault(place, set()).add(row.bin_id)
        self._places = list(stock)
        self.aisles = list(stock.values())
        self.tiers = {key: min(c.tier for c in mine) for key, mine in here.items()}
        self.goods = dict(self._wanted(here, items))

    def _wanted(
        self, here: Mapping[UUID, Sequence[Claim]], items: Mapping[Key, int]
    ) -> Iterable[tuple[UUID, Goods]]:
        held = total(self.aisles)
        for key, mine in here.items():
            wanted = [(items[(c.product_id, c.location_id)], c.quantity) for c in mine]
            # With zones a claim stands on another list where they do not hold all of it.
            goods = total({item: n} for item, n in wanted if n <= held.get(item, 0))
            if goods:
                yield key, goods

    def bins_of(self, choice: Choice) -> frozenset[UUID]:
        """Return the bins of chosen aisles."""
        return frozenset(bin_id for i in choice.aisles for bin_id in self._bins[self._places[i]])


def _wave(floor: _Floor, limits: Limits) -> tuple[Wave, list[UUID]]:
    """Return what a wave is chosen from, and the shipments at its places.

    Urgent ones go in first, then those that are due; where not all of them fit, the wave is chosen from these alone.
    """
    first: list[UUID] = []
    rest: list[UUID] = []
    for tier in range(3):
        rest = [key for key in floor.goods if floor.tiers[key] == tier]
        if tier == 2 or not _fit(floor, [*first, *rest], limits):
            break
        first += rest
    chosen = {*first, *rest}
    places = [key for key in floor.goods if key in chosen]
    at = {key: index for index, key in enumerate(places)}
    wave = Wave(
        [floor.goods[key] for key in places], floor.aisles, limits.least, limits.most, limits.shipments,
        tuple(at[key] for key in first),
    )  # fmt: skip
    return wave, places


def _fit(floor: _Floor, keys: Sequence[UUID], limits: Limits) -> bool:
    wanted, held = total(floor.goods[key] for key in keys), total(floor.aisles)
    return (
        len(keys) <= limits.shipments
        and sum(wanted.values()) <= limits.most
        and all(n <= held[item] for item, n in wanted.items())
    )
