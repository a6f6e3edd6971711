"""Takes in where postal codes lie."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.stock.events import POSTAL_PLACES_SAVED

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=30)]
_SIGNS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-")


class PostalPlaceItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a postal code lies, or all codes that begin so; of several beginnings the longest counts."""

    country: fields.Country
    postal_code: _Code
    latitude: Latitude
    longitude: Longitude


_COLUMNS = (
    "id uuid, country text, prefix text, latitude double precision, longitude double precision"
)
_OVERWRITE = (
    "on conflict (country, prefix) do update set latitude = excluded.latitude, longitude = excluded.longitude "
    "returning country, prefix, id, xmax = 0"
)


def upsert_postal_places(items: Sequence[PostalPlaceItem], *, actor: Actor) -> list[Outcome]:
    """Take in where postal codes lie; of one that is named twice the last counts. One event per country.

    Refuses with BadInput a code of other signs than letters, digits and dashes, with NotAllowed who is limited to shops or
    locations.
    """
    actor.ensure_everything()
    return retrying(lambda: _upsert(items, actor))


def _upsert(items: Sequence[PostalPlaceItem], actor: Actor) -> list[Outcome]:
    keys = [(item.country, "".join(item.postal_code.split()).upper()) for item in items]
    rows: dict[tuple[str, str], dict[str, Any]] = {
        (country, prefix): {
            "id": ids.new_id(),
            "country": country,
            "prefix": prefix,
            "latitude": item.latitude,
            "longitude": item.longitude,
        }
        for (country, prefix), item in zip(keys, items, strict=True)
        if 0 < len(prefix) <= 20 and _SIGNS.issuperset(prefix)
    }
    with unit_of_work(actor) as unit:
        countries = Counter(country for country, _ in rows)
        unit.lock_settings([("postal_places", country) for country in sorted(countries)])
        written = sql.insert_rows("stock_postal_place", _COLUMNS, [rows[key] for key in sorted(rows)], tail=_OVERWRITE)  # fmt: skip
        for country, n in sorted(countries.items()):
            subject = Subject("postal_places", ids.new_id())
            unit.record(POSTAL_PLACES_SAVED, subject, STILL, {"country": country, "codes": n})
    made = {(row[0], row[1]): (row[2], row[3]) for row in written}
    return [
        Outcome.done(made[key][0], created=made[key][1])
        if key in made
        else Outcome.refused(_unreadable(item))
        for key, item in zip(keys, items, strict=True)
    ]


def _unreadable(item: PostalPlaceItem) -> BadInput:
    return BadInput(
        f"{item.postal_code[:30]} is no postal code: it has letters, digits and dashes.",
        code="bad_postal_code",
        pointer="/postal_code",
    )
