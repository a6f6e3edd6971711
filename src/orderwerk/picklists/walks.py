"""A pick list as somebody walks it: one stop per line, or, where orders are not kept apart yet, per article in a bin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orderwerk.picklists.queries import PickLineRow

# Nothing is sorted while walking: what lies together is taken together.
TOGETHER = ("singles", "sort")


@dataclass(frozen=True, slots=True)
class Stop:
    """What is taken from one bin at once; the lines are served in their order."""

    lines: Sequence[PickLineRow]

    @property
    def line(self) -> PickLineRow:
        """The first line that is still open, or the first one."""
        return next((line for line in self.lines if line.is_open), self.lines[0])

    @property
    def is_open(self) -> bool:
        """Whether something is still to be taken."""
        return any(line.is_open for line in self.lines)

    @property
    def left(self) -> int:
        """Pieces still to be taken."""
        return sum(line.left for line in self.lines if line.is_open)

    @property
    def picked(self) -> int:
        """Pieces taken."""
        return sum(line.picked for line in self.lines)

    @property
    def short(self) -> int:
        """Pieces that were not to be had."""
        return sum(line.short for line in self.lines)

    @property
    def cancelled(self) -> int:
        """Pieces that are no longer needed."""
        return sum(line.cancelled for line in self.lines)

    @property
    def short_reason(self) -> str:
        """Why pieces were not to be had."""
        return next((line.short_reason for line in self.lines if line.short_reason), "")

    @property
    def orders(self) -> int:
        """How many orders the pieces are for."""
        return len({line.order_id for line in self.lines})

    def taken(self, picked: int, reason: str = "") -> list[dict[str, Any]]:
        """Return the command's items for so many pieces taken and the rest short (with a reason); early lines first."""
        items = []
        for line in self.lines:
            if not line.is_open or not line.left:
                continue
            part = min(picked, line.left)
            picked -= part
            short = line.left - part if reason else 0
            if part or short:
                item = {"pick_line_id": str(line.id), "picked": part, "short": short}
                items.append({**item, "reason": reason if short else ""})
        return items


def stops(method: str, lines: Sequence[PickLineRow]) -> list[Stop]:
    """Return the stops of a pick list whose lines stand in walking order."""
    together = method in TOGETHER
    found: dict[object, list[PickLineRow]] = {}
    for line in lines:
        key = (line.bin, line.product_id, line.lot) if together else line.id
        found.setdefault(key, []).append(line)
    return [Stop(mine) for mine in found.values()]


@dataclass(frozen=True, slots=True)
class Sorted:
    """What belongs to one order of a walk."""

    order_number: str
    shipment_number: str
    tote: int
    lines: Sequence[PickLineRow]


def by_order(lines: Sequence[PickLineRow]) -> list[Sorted]:
    """Return what belongs to which order, for sorting: by tote, then by order."""
    found: dict[object, list[PickLineRow]] = {}
    for line in lines:
        if line.quantity > line.cancelled:
            found.setdefault(line.shipment_id, []).append(line)
    orders = [
        Sorted(mine[0].order_number, mine[0].shipment_number, mine[0].tote, mine)
        for mine in found.values()
    ]
    return sorted(orders, key=lambda each: (each.tote, each.order_number))
