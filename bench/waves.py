"""How dense a wave can be: published wave-picking instances, against orders as they come and an upper bound of our own.

A wave is a set of orders of between the least and the most units, and a set of aisles that hold enough for all of them; the
more units an aisle, the less is walked. The product lets people narrow a wave and takes the oldest orders; `oldest` is what that
gives here (the orders of the file, and few aisles that hold them), `found` what a search over aisles gives. The bound counts for
every number of aisles how many units the fullest of them could give at most to orders that need no more aisles by themselves, and for few
aisles tries all choices where that is quick; it is weak, the true gap is smaller.

Part of `python -m bench.batching`. The search stops by itself after so many trials, or after some seconds.
"""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from pathlib import Path
from random import Random
from time import perf_counter

_TRIALS = 4_000
_SECONDS = 12.0
_LOOKED_AT = 6
# So many orders and choices of aisles are compared for the bound at most.
_LOOKS = 400_000
# Up to so many aisles, orders that need more by themselves are left out of the bound.
_FEW = 40
# Of so many orders each is looked at at every step; of more only the aisles are.
_FEW_ORDERS = 500


@dataclass(frozen=True, slots=True)
class Wave:
    """An instance: orders and aisles by item, and the least and most units of a wave."""

    name: str
    orders: list[dict[int, int]]
    aisles: list[dict[int, int]]
    least: int
    most: int


def waves(folder: Path) -> Iterator[Wave]:
    """Yield the instances of the folder `wave-a`, as its README describes them."""
    for path in sorted(folder.glob("*.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            numbers = iter([int(word) for word in file.read().split()])
        orders, _, aisles = next(numbers), next(numbers), next(numbers)
        read = [
            {next(numbers): next(numbers) for _ in range(next(numbers))}
            for _ in range(orders + aisles)
        ]
        yield Wave(path.name, read[:orders], read[orders:], next(numbers), next(numbers))


def upper_bound(wave: Wave) -> float:
    """Return the most units an aisle that any wave can have; never less than the truth."""
    wanted, needs = _sum(wave.orders), _needs(wave)
    best = 0.0
    for number in range(1, len(wave.aisles) + 1):
        if number <= _FEW + 1:
            fits = (
                o for o, n in zip(wave.orders, needs, strict=True) if n <= number or number > _FEW
            )
            wanted = _sum(fits)
        useful = sorted((_useful(aisle, wanted) for aisle in wave.aisles), reverse=True)
        most = sum(useful[:number])
        if comb(len(useful), number) * (len(wave.orders) + 50) <= _LOOKS:
            most = _most_of(wave, number)
        if most >= wave.least:
            best = max(best, min(most, wave.most) / number)
        if wave.most / (number + 1) <= best:
            break
    return best


def _needs(wave: Wave) -> list[int]:
    """Return per order how many aisles it needs at least: as many of those that hold most of it as have enough together."""
    found = []
    for order in wave.orders:
        missing, number = sum(order.values()), 0
        for units in sorted((_useful(order, aisle) for aisle in wave.aisles), reverse=True):
            if missing <= 0:
                break
            missing -= units
            number += 1
        found.append(number)
    return found


def _most_of(wave: Wave, number: int) -> int:
    """Return the most units that so many aisles give, counting only orders that they could serve: all choices are tried."""
    most = 0
    for chosen in combinations(wave.aisles, number):
        held = _sum(chosen)
        served = [o for o in wave.orders if all(held.get(item, 0) >= n for item, n in o.items())]
        most = max(most, _useful(held, _sum(served)))
    return most


def _useful(aisle: dict[int, int], wanted: dict[int, int]) -> int:
    return sum(min(n, wanted.get(item, 0)) for item, n in aisle.items())


def _sum(parts: Iterable[dict[int, int]]) -> dict[int, int]:
    total: dict[int, int] = {}
    for part in parts:
        for item, n in part.items():
            total[item] = total.get(item, 0) + n
    return total


def oldest_first(wave: Wave) -> float:
    """Take orders as they come, as far as their goods are there; returns the units an aisle."""
    left = _sum(wave.aisles)
    chosen = _fill(range(len(wave.orders)), wave, left)
    return _ratio(wave, chosen, _cover(wave, chosen))


def _fill(line: Iterable[int], wave: Wave, left: dict[int, int]) -> list[int]:
    """Take the orders of a line that fit what is left and the most units; uses up what is left."""
    chosen, units = [], 0
    for index in line:
        order = wave.orders[index]
        size = sum(order.values())
        if units + size <= wave.most and all(left.get(item, 0) >= n for item, n in order.items()):
            for item, n in order.items():
                left[item] -= n
            chosen.append(index)
            units += size
    return chosen


def _cover(wave: Wave, chosen: Sequence[int]) -> set[int]:
    """Return few aisles that hold what orders want: always the one that gives most of what is missing."""
    missing = _sum(wave.orders[i] for i in chosen)
    taken: set[int] = set()
    while missing:
        best = max(
            (i for i in range(len(wave.aisles)) if i not in taken),
            key=lambda i: _useful(wave.aisles[i], missing),
        )
        taken.add(best)
        for item, n in wave.aisles[best].items():
            if item in missing:
                missing[item] -= n
                if missing[item] <= 0:
                    del missing[item]
    return taken


def _ratio(wave: Wave, chosen: Sequence[int], aisles: set[int]) -> float:
    units = sum(sum(wave.orders[i].values()) for i in chosen)
    return units / len(aisles) if aisles and wave.least <= units <= wave.most else 0.0


class _Search:
    """Looks for aisles that give much: one after another, then by changing a few of them."""

    def __init__(self, wave: Wave) -> None:
        self.wave = wave
        self.line = sorted(range(len(wave.orders)), key=lambda i: -sum(wave.orders[i].values()))
        self.wanted = _sum(wave.orders)
        self.size = [sum(order.values()) for order in wave.orders]
        self.worth = [_useful(aisle, self.wanted) for aisle in wave.aisles]
        self.trials, self.ends = _TRIALS, perf_counter() + _SECONDS
        self.best, self.aisles = 0.0, set[int]()

    @property
    def goes_on(self) -> bool:
        return self.trials > 0 and perf_counter() < self.ends

    def weigh(self, aisles: set[int]) -> int:
        """Note how dense the wave is that these aisles give; returns its units."""
        self.trials -= 1
        chosen = _fill(self.line, self.wave, _sum(self.wave.aisles[i] for i in aisles))
        # What the orders leave in an aisle may make it one too many.
        cover = _cover(self.wave, chosen)
        few = cover if len(cover) < len(aisles) else aisles
        ratio = _ratio(self.wave, chosen, few)
        if ratio > self.best:
            self.best, self.aisles = ratio, set(few)
        return sum(sum(self.wave.orders[i].values()) for i in chosen)

    def grow(self, first: set[int]) -> None:
        """Add the aisle that gives most again and again, until the wave is full or no more aisles help."""
        aisles = set(first)
        while self.goes_on and len(aisles) < len(self.wave.aisles):
            held = _sum(self.wave.aisles[i] for i in aisles)
            missing = {item: n - held.get(item, 0) for item, n in self.wanted.items() if n > held.get(item, 0)}  # fmt: skip
            others = [i for i in range(len(self.wave.aisles)) if i not in aisles]
            others.sort(key=lambda i: -_useful(self.wave.aisles[i], missing))
            gains = {i: self.weigh({*aisles, i}) for i in others[:_LOOKED_AT]}
            aisles.add(max(gains, key=lambda i: gains[i]))
            units = max(gains.values())
            if units >= self.wave.most or (self.best and self.wave.most / len(aisles) <= self.best):
                return

    def follow(self) -> None:
        """Add the order that gives most units for each article that is still missing, with the aisles that hold those."""
        aisles, left = set[int](), dict[int, int]()
        line = list(self.line)
        while line and self.goes_on and self.wave.most > (len(aisles) + 1) * self.best:
            order = self.wave.orders[max(line, key=lambda i: self._gain(i, left))]
            missing = {item: n - left.get(item, 0) for item, n in order.items() if n > left.get(item, 0)}  # fmt: skip
            while missing:
                others = (i for i in range(len(self.wave.aisles)) if i not in aisles)
                best = max(others, key=lambda i: (_useful(self.wave.aisles[i], missing), self.worth[i]), default=None)  # fmt: skip
                if best is None:
                    return
                aisles.add(best)
                left = _sum((left, self.wave.aisles[best]))
                missing = {item: n - self.wave.aisles[best].get(item, 0) for item, n in missing.items()}  # fmt: skip
                missing = {item: n for item, n in missing.items() if n > 0}
            chosen = set(_fill(line, self.wave, left))
            line = [i for i in line if i not in chosen]
            if self.weigh(aisles) >= self.wave.most or not chosen:
                return

    def _gain(self, index: int, left: dict[int, int]) -> float:
        order = self.wave.orders[index]
        return self.size[index] / (1 + sum(1 for item, n in order.items() if left.get(item, 0) < n))

    def shake(self) -> None:
        """Leave out an aisle or two of the best ones, or change them for others."""
        dice = Random(1)
        weights = [_useful(aisle, self.wanted) + 1 for aisle in self.wave.aisles]
        while self.goes_on:
            trial = set(self.aisles)
            for gone in dice.sample(sorted(trial), min(dice.randint(0, 2), len(trial))):
                trial.discard(gone)
            trial.update(dice.choices(range(len(weights)), weights, k=dice.randint(0, 2)))
            if trial and trial != self.aisles:
                self.weigh(trial)
            else:
                self.trials -= 1


def dense(wave: Wave) -> float:
    """Return the units an aisle of the densest wave that was found."""
    search = _Search(wave)
    if len(wave.orders) <= _FEW_ORDERS:
        search.follow()
    search.grow(set())
    search.weigh(set(range(len(wave.aisles))))
    search.shake()
    return search.best


def report(folder: Path) -> None:
    """Print a line per instance, and the means."""
    print(
        f"\n{'wave':24}{'orders':>7}{'aisles':>7}{'oldest':>9}{'found':>9}{'bound':>9}{'of it':>7}{'seconds':>9}"
    )
    shares = []
    for wave in waves(folder):
        started = perf_counter()
        found, bound = dense(wave), upper_bound(wave)
        seconds = perf_counter() - started
        shares.append(found / bound)
        print(
            f"{wave.name:24}{len(wave.orders):>7}{len(wave.aisles):>7}{oldest_first(wave):>9.2f}{found:>9.2f}{bound:>9.2f}"
            f"{shares[-1]:>7.0%}{seconds:>9.1f}",
            flush=True,
        )
    print(f"{len(shares)} waves: {sum(shares) / len(shares):.1%} of the upper bound (mean)")
