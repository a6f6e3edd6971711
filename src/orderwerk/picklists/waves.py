"""Which orders make a wave in which little is walked. Pure: orders and aisles go in, orders and aisles come out.

A wave is a set of orders of between the least and the most pieces, and a set of aisles that hold enough for all of them; the
objective is the pieces an aisle that is visited. Goods are numbers of articles with pieces. The search looks for aisles that give
much, one after another, then changes a few of them; it begins with the orders as they come and never gives less than those.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import combinations
from math import comb, inf
from random import Random
from time import monotonic

Goods = dict[int, int]

# How many choices of aisles are weighed at most, and of how many aisles each next one is chosen.
TRIALS = 4_000
_LOOKED_AT = 6
# Of so many orders each is looked at at every step; of more only the aisles are.
_FEW_ORDERS = 500
# For the bound: so many orders and choices of aisles are compared at most, and up to so many aisles, orders that need more
# by themselves are left out.
_LOOKS = 400_000
_FEW_AISLES = 40


@dataclass(frozen=True, slots=True)
class Wave:
    """Orders, aisles, and the limits of a wave in pieces and orders. Those at the places `first` go in whatever they cost."""

    orders: Sequence[Goods]
    aisles: Sequence[Goods]
    least: int
    most: int
    most_orders: int | None = None
    first: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Orders and the aisles that hold enough for them, by their places; the pieces of them all."""

    orders: tuple[int, ...] = ()
    aisles: frozenset[int] = frozenset()
    pieces: int = 0

    @property
    def per_aisle(self) -> float:
        """Pieces an aisle: the objective."""
        return self.pieces / len(self.aisles) if self.aisles else 0.0


def total(parts: Iterable[Goods]) -> Goods:
    """Return the sum of goods."""
    found: Goods = {}
    for part in parts:
        for item, n in part.items():
            found[item] = found.get(item, 0) + n
    return found


def useful(aisle: Goods, wanted: Goods) -> int:
    """Return how many pieces of an aisle are wanted."""
    return sum(min(n, wanted.get(item, 0)) for item, n in aisle.items())


def oldest_first(wave: Wave) -> Choice:
    """Take orders as they come, as far as goods and limits allow, and few aisles that hold them."""
    return _choice(wave, _fill(wave, range(len(wave.orders)), total(wave.aisles)))


def densest(wave: Wave, *, seconds: float, trials: int = TRIALS) -> Choice:
    """Return the densest wave that is found in so many seconds and trials; an empty one where none keeps the limits."""
    # Of few aisles there are not many choices.
    few = 4 * 2 ** min(len(wave.aisles), 16)
    search = _Search(wave, min(trials, few), monotonic() + seconds)
    search.note(oldest_first(wave))
    if len(wave.orders) <= _FEW_ORDERS:
        search.follow()
    search.grow()
    search.weigh(set(range(len(wave.aisles))))
    search.shake()
    return search.best


def _choice(wave: Wave, chosen: Sequence[int]) -> Choice:
    orders = [wave.orders[i] for i in chosen]
    pieces = sum(sum(order.values()) for order in orders)
    return Choice(tuple(sorted(chosen)), frozenset(_cover(wave, total(orders))), pieces)


def _fill(wave: Wave, line: Iterable[int], left: Goods) -> list[int]:
    """Take those that go in first, then the orders of a line that fit the limits and what is left; uses that up."""
    chosen: list[int] = []
    pieces = 0
    for index in wave.first:
        if not _holds(left, wave.orders[index]):
            return []
        pieces += _take(left, wave.orders[index])
        chosen.append(index)
    skipped = set(wave.first)
    for index in line:
        order = wave.orders[index]
        if wave.most_orders is not None and len(chosen) >= wave.most_orders:
            break
        if index in skipped or pieces + sum(order.values()) > wave.most or not _holds(left, order):
            continue
        pieces += _take(left, order)
        chosen.append(index)
    return chosen


def _holds(left: Goods, order: Goods) -> bool:
    return all(left.get(item, 0) >= n for item, n in order.items())


def _take(left: Goods, order: Goods) -> int:
    for item, n in order.items():
        left[item] -= n
    return sum(order.values())


def _cover(wave: Wave, wanted: Goods) -> set[int]:
    """Return few aisles that hold what is wanted, as far as any do: always the one that gives most of what is missing."""
    missing, taken = dict(wanted), set[int]()
    # What an aisle gives only falls as others are taken: who is looked at again and still gives most is the one.
    line = [(-useful(aisle, missing), i) for i, aisle in enumerate(wave.aisles)]
    heapify(line)
    while missing and line:
        best = heappop(line)[1]
        now = (-useful(wave.aisles[best], missing), best)
        if line and now > line[0]:
            heappush(line, now)
            continue
        if not now[0]:
            break
        taken.add(best)
        missing = _less(missing, wave.aisles[best])
    return taken


def _less(wanted: Goods, held: Goods) -> Goods:
    return {item: n - held.get(item, 0) for item, n in wanted.items() if n > held.get(item, 0)}


class _Search:
    """Looks for aisles that give much, and keeps the best wave that it met."""

    def __init__(self, wave: Wave, trials: int, ends: float) -> None:
        self.wave, self.trials, self.ends = wave, trials, ends
        self.size = [sum(order.values()) for order in wave.orders]
        self.line = sorted(range(len(wave.orders)), key=lambda i: -self.size[i])
        self.wanted = total(wave.orders)
        self.worth = [useful(aisle, self.wanted) for aisle in wave.aisles]
        # What goes in first needs some aisles in any case.
        self.base = _cover(wave, total(wave.orders[i] for i in wave.first))
        self.best = Choice()

    @property
    def goes_on(self) -> bool:
        return self.trials > 0 and monotonic() < self.ends

    def note(self, choice: Choice) -> None:
        """Keep a wave that keeps the limits and is denser than the best one."""
        fits = self.wave.least <= choice.pieces <= self.wave.most
        if fits and choice.per_aisle > self.best.per_aisle:
            self.best = choice

    def weigh(self, aisles: set[int]) -> int:
        """Note the wave that these aisles give; returns its pieces."""
        self.trials -= 1
        chosen = _fill(self.wave, self.line, total(self.wave.aisles[i] for i in aisles))
        choice = _choice(self.wave, chosen)
        # What the orders leave in an aisle may make it one too many; now and then few aisles are not found to be enough.
        few = choice.aisles if len(choice.aisles) < len(aisles) else frozenset(aisles)
        self.note(Choice(choice.orders, few, choice.pieces))
        return choice.pieces

    def grow(self) -> None:
        """Add the aisle that gives most again and again, until the wave is full or no more aisles help."""
        aisles, most = set(self.base), self.wave.most
        while self.goes_on and len(aisles) < len(self.wave.aisles):
            missing = _less(self.wanted, total(self.wave.aisles[i] for i in aisles))
            others = [i for i in range(len(self.wave.aisles)) if i not in aisles]
            others.sort(key=lambda i: -useful(self.wave.aisles[i], missing))
            gains = {i: self.weigh({*aisles, i}) for i in others[:_LOOKED_AT]}
            aisles.add(max(gains, key=lambda i: gains[i]))
            if max(gains.values()) >= most or most <= len(aisles) * self.best.per_aisle:
                return

    def follow(self) -> None:
        """Add the order that gives most pieces for each article that is still missing, with the aisles that hold those."""
        wave, aisles = self.wave, set(self.base)
        left = total(wave.aisles[i] for i in aisles)
        for index in wave.first:
            left = total((left, {item: -n for item, n in wave.orders[index].items()}))
        plain = Wave(wave.orders, wave.aisles, wave.least, wave.most, wave.most_orders)
        line = [i for i in self.line if i not in set(wave.first)]
        while line and self.goes_on and wave.most > (len(aisles) + 1) * self.best.per_aisle:
            order = wave.orders[max(line, key=lambda i: self._gain(i, left))]
            more = self._fetch(_less(order, left), aisles)
            aisles |= more
            left = total((left, *(wave.aisles[i] for i in more)))
            chosen = set(_fill(plain, line, left))
            line = [i for i in line if i not in chosen]
            if self.weigh(aisles) >= wave.most or not chosen:
                return

    def _fetch(self, missing: Goods, aisles: set[int]) -> set[int]:
        """Return further aisles that hold what is missing, those first that are worth most."""
        more = set[int]()
        while missing:
            others = (i for i in range(len(self.wave.aisles)) if i not in aisles and i not in more)
            best = max(others, key=lambda i: (useful(self.wave.aisles[i], missing), self.worth[i]), default=None)  # fmt: skip
            if best is None:
                break
            more.add(best)
            missing = _less(missing, self.wave.aisles[best])
        return more

    def _gain(self, index: int, left: Goods) -> float:
        order = self.wave.orders[index]
        return self.size[index] / (1 + sum(1 for item, n in order.items() if left.get(item, 0) < n))

    def shake(self) -> None:
        """Leave out an aisle or two of the best ones, or change them for others."""
        # The same numbers each time: the same input gives the same wave, as far as the time is enough.
        dice = Random(1)  # noqa: S311 - no secret
        weights = [n + 1 for n in self.worth]
        while self.goes_on and weights:
            trial = set(self.best.aisles)
            for gone in dice.sample(sorted(trial), min(dice.randint(0, 2), len(trial))):
                trial.discard(gone)
            trial.update(dice.choices(range(len(weights)), weights, k=dice.randint(0, 2)))
            trial |= self.base
            if trial and trial != self.best.aisles:
                self.weigh(trial)
            else:
                self.trials -= 1


def upper_bound(wave: Wave, *, thorough: bool = True, seconds: float = inf) -> float:
    """Return the most pieces an aisle that any wave can have; never less than the truth, often more, the more so in few seconds.

    For every number of aisles: what the fullest of them could give at most, `thorough`ly only to orders that need no more aisles
    by themselves; for few aisles all choices are tried where that is quick.
    """
    ends = monotonic() + seconds
    wanted = total(wave.orders)
    needs = _needs(wave) if thorough else []
    worth = sorted((useful(aisle, wanted) for aisle in wave.aisles), reverse=True)
    best = 0.0
    for number in range(1, len(wave.aisles) + 1):
        if needs and number <= _FEW_AISLES + 1:
            fits = (o for o, n in zip(wave.orders, needs, strict=True) if n <= number or number > _FEW_AISLES)  # fmt: skip
            wanted = total(fits)
            worth = sorted((useful(aisle, wanted) for aisle in wave.aisles), reverse=True)
        most = sum(worth[:number])
        if comb(len(worth), number) * (len(wave.orders) + 50) <= _LOOKS:
            most = _most_of(wave, number)
        if most >= wave.least:
            best = max(best, min(most, wave.most) / number)
        # No wave of more aisles can have more than this.
        rest = wave.most / (number + 1)
        if rest <= best:
            break
        if monotonic() > ends:
            return max(best, rest)
    return best


def _needs(wave: Wave) -> list[int]:
    """Return per order how many aisles it needs at least: as many of those that hold most of it as have enough together."""
    found = []
    for order in wave.orders:
        missing, number = sum(order.values()), 0
        for pieces in sorted((useful(order, aisle) for aisle in wave.aisles), reverse=True):
            if missing <= 0:
                break
            missing -= pieces
            number += 1
        found.append(number)
    return found


def _most_of(wave: Wave, number: int) -> int:
    """Return the most pieces that so many aisles give, counting only orders that they could serve: all choices are tried."""
    most = 0
    for chosen in combinations(wave.aisles, number):
        held = total(chosen)
        most = max(most, useful(held, total(o for o in wave.orders if _holds(held, o))))
    return most
