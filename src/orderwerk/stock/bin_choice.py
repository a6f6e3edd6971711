"""The rule by which pieces are taken from bins. Pure: it looks at rows and says how many from which.

Where lots are kept, what expires first goes first, wherever it lies; what has no such day goes last. Among pieces of one day: pick
faces before bulk, and what has just come in last. Within each, as few stops as possible: while no bin has all that is missing, the fullest one is
emptied; then the bin that is left with the smallest remainder (best none at all) gives the rest. Equal bins in walking order.
"""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import product
from typing import Protocol, TypeVar


class Row(Protocol):
    """A bin as the rule sees it: what is free in it, its use, and its place in the route."""

    code: str
    position: int
    lot: str
    use: str
    expires_on: date | None

    @property
    def free(self) -> int:
        """Pieces that nobody else is to take."""


R = TypeVar("R", bound=Row)


def choose_bins(rows: Sequence[R], quantity: int) -> list[tuple[R, int]]:
    """Return how many pieces to take from which bin, in walking order; fewer than asked when there are not so many."""
    chosen: list[tuple[R, int]] = []
    missing = quantity
    for day, use in product(_days(rows), ("face", "bulk", "receiving")):
        open_rows = [
            row for row in rows if (row.expires_on, row.use) == (day, use) and row.free > 0
        ]
        while missing > 0 and open_rows:
            row = _next(open_rows, missing)
            part = min(row.free, missing)
            chosen.append((row, part))
            missing -= part
            open_rows.remove(row)
    return sorted(chosen, key=lambda pair: _place(pair[0]))


def _days(rows: Sequence[Row]) -> list[date | None]:
    days = {row.expires_on for row in rows}
    return sorted(days, key=lambda day: (day is None, day or date.max))


def _next(rows: Sequence[R], missing: int) -> R:
    enough = [row for row in rows if row.free >= missing]
    # Fullest first where none has all: then the fewest bins are walked to.
    key: Callable[[R], int] = (lambda row: row.free) if enough else (lambda row: -row.free)
    return min(enough or rows, key=lambda row: (key(row), *_place(row)))


def _place(row: Row) -> tuple[int, str, str]:
    return row.position, row.code, row.lot
