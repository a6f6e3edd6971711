"""How many parcels locations can still take on the day on which an order of now leaves them; counted down within a call.

A location without a number has no room to count. Read and locked by `flows.intake_reads`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from orderwerk.allocations.rules import LocationFacts, Slot


class Room:
    """Parcels that are left per location and day; an empty one counts nothing, and locations keep what they say."""

    def __init__(self, left: Mapping[Slot, int] | None = None) -> None:
        self._left = dict(left or {})

    def seen(self, places: Sequence[LocationFacts]) -> Sequence[LocationFacts]:
        """Return the locations as they are after what has been taken."""
        if not self._left:
            return places
        return [replace(place, left=self._left.get(place.slot, place.left)) for place in places]

    def take(self, slots: Mapping[UUID, Slot], places: Iterable[UUID], parcels: int = 1) -> None:
        """Count parcels from some locations (negative: they are given back)."""
        for place in places:
            slot = slots.get(place)
            if slot in self._left:
                self._left[slot] -= parcels

    def left(self, slot: Slot | None) -> int | None:
        """Return how many parcels are left; None: nobody counts."""
        return None if slot is None else self._left.get(slot)

    def copy(self) -> "Room":
        """Return the same room, to be counted by itself."""
        return Room(self._left)

    def is_within(self, before: "Room") -> bool:
        """Tell whether no location has fallen below nothing that had not before, nor further than before."""
        return all(left >= min(0, before._left[slot]) for slot, left in self._left.items())  # noqa: SLF001 - its own kind


def room_of(places: Iterable[LocationFacts]) -> Room:
    """Return the room of locations as shops see them; whose day begins otherwise elsewhere: the least that one sees."""
    left: dict[Slot, int] = {}
    for place in places:
        if place.left is not None:
            left[place.slot] = min(place.left, left.get(place.slot, place.left))
    return Room(left)


def slots_of(places: Iterable[LocationFacts]) -> dict[UUID, Slot]:
    """Return per location with a number where its parcels of now are counted."""
    return {place.id: place.slot for place in places if place.left is not None}
