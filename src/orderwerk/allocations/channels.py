"""Reservations and safety stock per channel, read under the lock of their levels, and what a shop may have beside them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from typing_extensions import override

from orderwerk.allocations.routing import Available
from orderwerk.core import sql

Key = tuple[UUID, UUID]


@dataclass(slots=True)
class Channel:
    """What is kept for a shop at one level, and how many pieces its open claims hold there."""

    reserved: int
    safety_stock: int
    held: int

    @property
    def kept(self) -> int:
        """Pieces that other shops leave."""
        return max(0, self.reserved - self.held)


class Channels:
    """The channels of some levels, by (product, location) and shop; claims made meanwhile are counted as they are told."""

    def __init__(self, rows: Sequence[sql.Row] = ()) -> None:
        self._rows: dict[Key, dict[UUID, Channel]] = defaultdict(dict)
        for product, location, shop, *values in rows:
            self._rows[(product, location)][shop] = Channel(*values)

    def __bool__(self) -> bool:
        return bool(self._rows)

    def withheld(self, key: Key, shop: UUID) -> int:
        """Return how many of the available pieces a shop may not have: kept for others, or its own safety stock."""
        found = self._rows.get(key)
        if not found:
            return 0
        own = found[shop].safety_stock if shop in found else 0
        return own + sum(channel.kept for other, channel in found.items() if other != shop)

    def took(self, key: Key, shop: UUID, pieces: int) -> None:
        """Count pieces that a shop has claimed (or, negative, given back)."""
        found = self._rows.get(key)
        if found and shop in found:
            found[shop].held += pieces

    def view(self, available: Available, shop: UUID) -> Available:
        """Return what a shop may have; what is taken out of it is taken out of `available` for everybody."""
        return _View(available, self, shop) if self else available


class _View(MutableMapping[Key, int]):
    """What one shop may have of `available`."""

    def __init__(self, available: Available, channels: Channels, shop: UUID) -> None:
        self._available, self._channels, self._shop = available, channels, shop

    @override
    def __getitem__(self, key: Key) -> int:
        return max(0, self._available[key] - self._channels.withheld(key, self._shop))

    @override
    def __setitem__(self, key: Key, left: int) -> None:
        taken = self[key] - left
        self._available[key] -= taken
        self._channels.took(key, self._shop, taken)

    @override
    def __delitem__(self, key: Key) -> None:
        del self._available[key]

    @override
    def __iter__(self) -> Iterator[Key]:
        return iter(self._available)

    @override
    def __len__(self) -> int:
        return len(self._available)


# A statement of its own, after the levels are locked: one that waits for a lock sees other tables as they were before.
_READ = """
select c.product_id, c.location_id, c.shop_id, c.reserved, c.safety_stock, coalesce((
  select sum(a.quantity) from allocations_allocation a where a.product_id = c.product_id and a.location_id = c.location_id
    and a.shop_id = c.shop_id and a.status in ('allocated', 'picking', 'picked')), 0)::int
from allocations_channel c
join shops_shop_location x on x.location_id = c.location_id and x.shop_id = c.shop_id
where c.product_id = any(%s) and c.location_id = any(%s) and (c.reserved > 0 or c.safety_stock > 0)
"""


def read_channels(levels: Collection[tuple[UUID, UUID]]) -> Channels:
    """Read what is kept at levels (product, location) that are locked; a shop that no longer draws from a location keeps nothing there."""
    if not levels:
        return Channels()
    products, locations = (list(set(column)) for column in zip(*levels, strict=True))
    return Channels(sql.fetch(_READ, (products, locations)))
