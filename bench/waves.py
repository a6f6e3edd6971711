"""How dense the product's waves are: published wave-picking instances, against orders as they come and an upper bound.

A wave is a set of orders of between the least and the most units, and a set of aisles that hold enough for all of them; the
more units an aisle, the less is walked. `oldest` takes the orders of the file, and few aisles that hold them; `product` is what *Make pick
lists* finds, among as many of the oldest orders and in the time that it has; `longer` is the same search (`picklists.waves`) among all
orders and in the seconds below. The bound is that module's too, and weak: the true gap is smaller.

Part of `python -m bench.batching`.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from orderwerk.picklists.proposing import CANDIDATES, SECONDS
from orderwerk.picklists.waves import Wave, densest, oldest_first, upper_bound

_LONGER = 12.0


def waves(folder: Path) -> Iterator[tuple[str, Wave]]:
    """Yield the instances of the folder `wave-a` with their names, as its README describes them."""
    for path in sorted(folder.glob("*.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            numbers = iter([int(word) for word in file.read().split()])
        orders, _, aisles = next(numbers), next(numbers), next(numbers)
        read = [
            {next(numbers): next(numbers) for _ in range(next(numbers))}
            for _ in range(orders + aisles)
        ]
        yield path.name, Wave(read[:orders], read[orders:], next(numbers), next(numbers))


def _oldest(wave: Wave) -> float:
    choice = oldest_first(wave)
    return choice.per_aisle if choice.pieces >= wave.least else 0.0


def _in_the_product(wave: Wave) -> float:
    here = Wave(wave.orders[:CANDIDATES], wave.aisles, wave.least, wave.most)
    return densest(here, seconds=SECONDS).per_aisle


def report(folder: Path) -> None:
    """Print a line per instance, and the means."""
    print(
        f"\n{'wave':24}{'orders':>7}{'aisles':>7}{'oldest':>9}{'product':>9}{'seconds':>9}{'longer':>9}{'bound':>9}{'product':>9}{'longer':>9}{'seconds':>9}"
    )
    shares, longer = [], []
    for name, wave in waves(folder):
        began = perf_counter()
        product = _in_the_product(wave)
        started = perf_counter()
        found, bound = densest(wave, seconds=_LONGER).per_aisle, upper_bound(wave)
        ended = perf_counter()
        shares.append(product / bound)
        longer.append(found / bound)
        print(
            f"{name:24}{len(wave.orders):>7}{len(wave.aisles):>7}{_oldest(wave):>9.2f}{product:>9.2f}{started - began:>9.1f}"
            f"{found:>9.2f}{bound:>9.2f}{shares[-1]:>9.0%}{longer[-1]:>9.0%}{ended - started:>9.1f}",
            flush=True,
        )
    means = (sum(x) / len(x) for x in (shares, longer))
    print(
        f"{len(shares)} waves, of the upper bound (mean): product {next(means):.1%}, longer {next(means):.1%}"
    )
