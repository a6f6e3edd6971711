"""The version of a stock location: it counts each change, whether of the location itself or of the shops that draw from it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from orderwerk.core import sql

_LOCK = "select code, id, version from stock_location where code = any(%s) order by code for no key update"
_RAISE = """
update stock_location l set version = t.version from unnest(%s::uuid[], %s::int[]) as t(id, version) where l.id = t.id
"""


def lock_locations(codes: Sequence[str]) -> dict[str, tuple[UUID, int]]:
    """Lock the rows of locations until the end and return id and version of each that is there, by code."""
    return {row[0]: (row[1], row[2]) for row in sql.fetch(_LOCK, (sorted(set(codes)),))}


def set_versions(versions: Mapping[UUID, int]) -> None:
    """Write new versions of locations that are locked; whoever does records an event with each of them."""
    sql.execute(_RAISE, (list(versions), list(versions.values())))
