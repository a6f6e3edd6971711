"""How far it is from a location to where a parcel goes: over the great circle, between points that are known."""

from collections.abc import Collection
from math import asin, cos, radians, sin, sqrt

from orderwerk.core import sql

Point = tuple[float, float]
# A country and a postal code without blanks.
Destination = tuple[str, str]
_RADIUS = 6_371_009


def metres(a: Point, b: Point) -> int:
    """Return the distance of two points, latitude and longitude in degrees, on a globe."""
    south, north = radians(a[0]), radians(b[0])
    across = sin((north - south) / 2) ** 2
    along = sin(radians(b[1] - a[1]) / 2) ** 2
    return round(2 * _RADIUS * asin(min(1.0, sqrt(across + cos(south) * cos(north) * along))))


def read_points(destinations: Collection[Destination]) -> dict[Destination, Point]:
    """Return where destinations lie, as far as the merchant has taken in their postal codes; one statement."""
    wanted = sorted(set(destinations))
    rows = sql.fetch(
        "select t.country, t.code, postal_point(t.country, t.code) from unnest(%s::text[], %s::text[]) as t(country, code)",
        ([country for country, _ in wanted], [code for _, code in wanted]),
    )
    return {(country, code): (point[0], point[1]) for country, code, point in rows if point}
