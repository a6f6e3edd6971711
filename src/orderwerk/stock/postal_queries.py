"""Reads of where postal codes lie; the same for everybody, as they belong to the installation."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select


class PostalPlaceRow(msgspec.Struct, frozen=True):
    """Where a postal code of a country lies, or all that begin so, in degrees."""

    id: UUID
    country: str
    postal_code: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalPlaceFilters:
    """What a list of places is narrowed to; `postal_code`: what is known of this code, by itself or by how it begins."""

    country: str | None = None
    postal_code: str | None = None


_COLUMNS = "t.id, t.country, t.prefix, t.latitude, t.longitude"
_SOURCE = "stock_postal_place t"
_SORT = keyset.sortings(code=(("t.country", "text"), ("t.prefix", "text")))["code"]
# Codes are kept without spaces, in capitals; none is longer.
_LONGEST = 30


def postal_place_page(
    filters: PostalPlaceFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[PostalPlaceRow]:
    """Return one page of places by country and code; one statement."""
    where = Conditions()
    if filters.country is not None:
        where.add("t.country = %s", filters.country)
    if filters.postal_code is not None:
        code = "".join(filters.postal_code.split()).upper()[:_LONGEST]
        beginnings = [code[:n] for n in range(1, len(code) + 1)]
        where.add("t.prefix = any(%s::text[])", beginnings)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([PostalPlaceRow(*row) for row in rows], more)


def postal_place_detail(place_id: UUID) -> PostalPlaceRow:
    """Return one place; one statement. Refuses with NotFound."""
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where t.id = %s", [place_id])
    if not rows:
        raise NotFound(f"There is no postal place {place_id}.", code="unknown_postal_place")
    return PostalPlaceRow(*rows[0])


def known_postal_codes() -> list[tuple[str, int]]:
    """Return of which countries it is known where postal codes lie, and how many; one statement."""
    rows = sql.read("select country, count(*) from stock_postal_place group by country order by country", [])  # fmt: skip
    return [(row[0], row[1]) for row in rows]
