"""What can be read of one kind of object, and how its lists and single objects are made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from orderwerk.accounts.queries import Access
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Page


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of a list: its filters, size, place and sort."""

    access: Access
    filters: Any
    limit: int
    cursor: str | None
    sort: str

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.access.actor

    @property
    def place(self) -> dict[str, Any]:
        """Size and place, as every list takes them."""
        return {"cursor": self.cursor, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class Resource:
    """What can be read of one kind of object; `words` are the values that a filter may have."""

    plural: str
    scopes: tuple[str, ...]
    shape: type[Any]
    filters: type[Any]
    page: Callable[[Asked], Page[Any]]
    one: Callable[[Actor, UUID], Any] | None = None
    words: Mapping[str, list[str]] = field(default_factory=dict)
    sorts: tuple[str, ...] = ()


def each(
    read: Callable[..., Page[Any]], shape: Callable[[Any], Any]
) -> Callable[[Asked], Page[Any]]:
    """Read a page and give each row its public shape."""

    def page(asked: Asked) -> Page[Any]:
        found = read(asked.actor, asked.filters, **asked.place)
        return Page([shape(row) for row in found.items], found.next)

    return page


def one(
    read: Callable[[Actor, UUID], Any], shape: Callable[[Any], Any]
) -> Callable[[Actor, UUID], Any]:
    """Read one object and give it its public shape."""
    return lambda actor, key: shape(read(actor, key))
