"""Which parcels are collected on one walk. Pure: parcels and limits go in, batches come out."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

METHODS = ("singles", "totes", "sort")
SPLITS = ("carrier", "service", "country", "zone", "cut_off")


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
    stops: tuple[int, ...]
    group: Hashable = None


def due_day(placed_at: datetime, cut_off: time | None, timezone: str) -> date:
    """Return the day on which an order should leave: that of its placing, or the next one after the cut-off."""
    local = placed_at.astimezone(ZoneInfo(timezone))
    late = cut_off is not None and local.time() > cut_off
    return local.date() + timedelta(days=1 if late else 0)


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
