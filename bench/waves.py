"""How dense the product's waves are: published wave-picking instances, against orders as they come and an upper bound.

A wave is a set of orders of between the least and the most units, and a set of aisles that hold enough for all of them; the
more units an aisle, the less is walked. `oldest` takes the orders of the file, and few aisles that hold them; `found` is what the
product's own search (`picklists.waves`) gives in the seconds below, where *Make pick lists* gives it two; the bound is that module's
too, and weak: the true gap is smaller.

Part of `python -m bench.batching`.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from orderwerk.picklists.waves import Wave, densest, oldest_first, upper_bound

_SECONDS = 12.0


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


def report(folder: Path) -> None:
    """Print a line per instance, and the means."""
    print(
        f"\n{'wave':24}{'orders':>7}{'aisles':>7}{'oldest':>9}{'found':>9}{'bound':>9}{'of it':>7}{'seconds':>9}"
    )
    shares = []
    for name, wave in waves(folder):
        started = perf_counter()
        found, bound = densest(wave, seconds=_SECONDS).per_aisle, upper_bound(wave)
        seconds = perf_counter() - started
        shares.append(found / bound)
        print(
            f"{name:24}{len(wave.orders):>7}{len(wave.aisles):>7}{_oldest(wave):>9.2f}{found:>9.2f}{bound:>9.2f}"
            f"{shares[-1]:>7.0%}{seconds:>9.1f}",
            flush=True,
        )
    print(f"{len(shares)} waves: {sum(shares) / len(shares):.1%} of the upper bound (mean)")
