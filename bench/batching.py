"""Measures how little is walked: published batching instances, against plain batches and a lower bound of our own.

    ORDERWERK_SHARED_DATA=… python -m bench.batching

Per instance: orders, walks, distance of plain batches (in the order of the file), distance found, lower bound, their ratio,
what is saved, seconds. Distances as `picklists.walking` documents them; two rack sides make one aisle. An order is never
divided; a walk holds at most 24 articles, Henn's 30, as the instances are known. Then the waves of `bench.waves`.
"""

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from uuid import UUID

from bench.bounds import parsed
from bench.waves import report
from orderwerk.picklists.batching import Caps, Parcel, near_batches, plain_batches
from orderwerk.picklists.walking import Spot, footprint, lower_bound, walk_length

_PICK = re.compile(r"Aisle (\d+)\s+Location (\d+)")


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance: its orders as stops, the most articles of a walk, and the length of an aisle."""

    name: str
    orders: list[list[Spot]]
    most: int
    length: int


def instances(folder: Path) -> Iterator[Instance]:
    """Yield the instances of the folder `batching`, as its README describes them."""
    for path in sorted((folder / "Henn").glob("*.txt")):
        yield Instance(path.name, _listed(path), 30, 45)
    for path in sorted((folder / "Hwang").rglob("*.txt")):
        if path.read_text().startswith("Order"):
            yield Instance(path.name, _listed(path), 24, 45)
    for path in sorted((folder / "MuterOncan").glob("*.txt")):
        yield Instance(path.name, _counted(path), 24, 11)


def _listed(path: Path) -> list[list[Spot]]:
    orders: list[list[Spot]] = []
    for line in path.read_text().splitlines():
        if line.startswith("Order"):
            orders.append([])
        elif found := _PICK.search(line):
            orders[-1].append((int(found[1]) // 2, int(found[2])))
    return [order for order in orders if order]


def _counted(path: Path) -> list[list[Spot]]:
    numbers = iter(int(word) for word in path.read_text().split())
    return [
        [(next(numbers) - 1, next(numbers)) for _ in range(next(numbers))]
        for _ in range(next(numbers))
    ]


def _far(instance: Instance, walks: Sequence[Sequence[Parcel]]) -> int:
    return sum(walk_length([footprint(p.stops) for p in walk], instance.length) for walk in walks)


def measure(instance: Instance) -> tuple[int, int, int, int, float]:
    """Return walks, plain distance, distance found, lower bound, and the seconds that it took."""
    parcels = [
        Parcel(UUID(int=index), len(order), 0, tuple(order))
        for index, order in enumerate(instance.orders)
    ]
    caps = Caps(lines=instance.most)
    started = perf_counter()
    found = near_batches(parcels, caps)
    seconds = perf_counter() - started
    feet, sizes = [footprint(p.stops) for p in parcels], [p.lines for p in parcels]
    bound = lower_bound(feet, sizes, instance.most, instance.length)
    plain = _far(instance, plain_batches(parcels, caps))
    return len(found), plain, _far(instance, found), bound, seconds


def main() -> None:
    """Print a line per instance, and the means."""
    parsed(argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter), minutes=30)  # fmt: skip
    folder = Path(os.environ["ORDERWERK_SHARED_DATA"]) / "warehouse" / "batching"
    ratios: list[float] = []
    saved: list[float] = []
    print(
        f"{'instance':32}{'orders':>7}{'walks':>6}{'plain':>8}{'found':>8}{'bound':>8}{'ratio':>7}{'saved':>7}{'seconds':>9}"
    )
    for instance in instances(folder):
        walks, plain, found, bound, seconds = measure(instance)
        ratios.append(found / bound)
        saved.append(1 - found / plain)
        print(
            f"{instance.name:32}{len(instance.orders):>7}{walks:>6}{plain:>8}{found:>8}{bound:>8}"
            f"{ratios[-1]:>7.2f}{saved[-1]:>7.0%}{seconds:>9.2f}"
        )
    print(
        f"{len(ratios)} instances: {sum(ratios) / len(ratios):.3f} times the bound, "
        f"{sum(saved) / len(saved):.1%} less than plain batches (means)"
    )
    report(folder.parent / "wave-a")


if __name__ == "__main__":
    main()
