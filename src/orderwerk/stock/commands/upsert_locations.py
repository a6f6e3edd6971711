"""Creates or changes stock locations by code; each new one gets its default bin and its staging bin."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.changes import differences
from orderwerk.core.countries import check_country
from orderwerk.core.errors import BadInput, Conflict, Refusal
from orderwerk.core.money import check_currency
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.stock.calendar import CutOff, SpecialDays, Week, wrong_days
from orderwerk.stock.commands.upsert_postal_places import Latitude, Longitude
from orderwerk.stock.events import LOCATION_CREATED, LOCATION_UPDATED
from orderwerk.stock.shelves import DEFAULT_BIN, STAGING_BIN

_COLUMNS = "id uuid, code text, name text, priority int, address jsonb, country text, is_active boolean, daily_capacity int, cut_off time, handling_cost_minor bigint, handling_cost_currency text, latitude double precision, longitude double precision, week jsonb, special_days jsonb, version int"
_DATA = (
    "name", "priority", "address", "country", "is_active", "daily_capacity", "cut_off", "handling_cost_minor",
    "handling_cost_currency", "latitude", "longitude", "week", "special_days",
)  # fmt: skip
_OVERWRITE = f"on conflict (code) do update set {', '.join(f'{c} = excluded.{c}' for c in (*_DATA, 'version'))} returning id"
_DEFAULTS: dict[str, Any] = {
    "priority": 1, "address": None, "country": None, "is_active": True, "daily_capacity": None, "cut_off": None,
    "handling_cost_minor": 0, "handling_cost_currency": None, "latitude": None, "longitude": None, "week": [], "special_days": [],
}  # fmt: skip


class LocationData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stock location as the merchant knows it; fields left out keep their value.

    `version`: of the location that was looked at, where nobody may have changed it meanwhile (0: it was not there).
    """

    code: fields.Code
    name: fields.Name
    priority: fields.Quantity | msgspec.UnsetType = msgspec.UNSET
    address: dict[str, fields.Line | None] | msgspec.UnsetType | None = msgspec.UNSET
    country: fields.Country | msgspec.UnsetType | None = msgspec.UNSET
    is_active: bool | msgspec.UnsetType = msgspec.UNSET
    daily_capacity: fields.Count | msgspec.UnsetType | None = msgspec.UNSET
    cut_off: CutOff | msgspec.UnsetType | None = msgspec.UNSET
    handling_cost_minor: fields.Count | msgspec.UnsetType = msgspec.UNSET
    handling_cost_currency: fields.Currency | msgspec.UnsetType | None = msgspec.UNSET
    latitude: Latitude | msgspec.UnsetType | None = msgspec.UNSET
    longitude: Longitude | msgspec.UnsetType | None = msgspec.UNSET
    week: Week | msgspec.UnsetType = msgspec.UNSET
    special_days: SpecialDays | msgspec.UnsetType = msgspec.UNSET
    version: int | None = None


def upsert_locations(items: Sequence[LocationData], *, actor: Actor) -> list[Outcome]:
    """Create or change stock locations; nothing that lies there is touched.

    Refuses with BadInput a day that is named twice, a week without an open day, one coordinate without the other, a country and a currency that are none; with Conflict a `version` that is not
    the present one.
    """
    return retrying(lambda: _upsert(items, actor))


def _upsert(items: Sequence[LocationData], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        codes = sorted({item.code for item in items})
        unit.lock_settings([("location", code) for code in codes])
        known = _known(codes)
        written: dict[str, dict[str, Any]] = {}
        fresh: list[UUID] = []
        for item in items:
            old = known.get(item.code)
            refusal = (
                wrong_days(item.week, item.special_days)
                or _wrong_country(item.country, old)
                or _wrong_currency(item.handling_cost_currency)
                or _half_a_point(item, old)
                or _stale(item, old)
            )
            if refusal is not None:
                outcomes.append(Outcome.refused(refusal))
                continue
            row = (
                dict(old)
                if old
                else {"id": ids.new_id(), "code": item.code, "version": 0, **_DEFAULTS}
            )
            row.update(
                {
                    name: msgspec.to_builtins(getattr(item, name))
                    for name in _DATA
                    if getattr(item, name) is not msgspec.UNSET
                }
            )
            change = differences(old or {}, {name: row[name] for name in _DATA})
            if old is None or change:
                row["version"] += 1
                kind, data = (
                    (LOCATION_UPDATED, {"changes": change})
                    if old
                    else (LOCATION_CREATED, {"code": item.code})
                )
                unit.record(kind, Subject("location", row["id"], row["version"]), STILL, data)
                known[item.code] = written[item.code] = row
                fresh += [row["id"]] if old is None else []
            outcomes.append(Outcome.done(row["id"], code=item.code, created=old is None))
        if written:
            sql.insert_rows("stock_location", _COLUMNS, list(written.values()), tail=_OVERWRITE)
            _make_bins(fresh)
    return outcomes


def _wrong_currency(currency: str | msgspec.UnsetType | None) -> Refusal | None:
    try:
        if isinstance(currency, str):
            check_currency(currency, "/handling_cost_currency")
    except Refusal as refusal:
        return refusal
    return None


def _wrong_country(
    country: str | msgspec.UnsetType | None, old: Mapping[str, Any] | None
) -> Refusal | None:
    """Return why goods cannot lie there: goods that are collected are taxed by it. What stood there before is let stand."""
    try:
        if isinstance(country, str) and country != (old or _DEFAULTS)["country"]:
            check_country(country, "/country", is_exact=True)
    except Refusal as refusal:
        return refusal
    return None


def _half_a_point(item: LocationData, old: Mapping[str, Any] | None) -> Refusal | None:
    """Return why where it would lie then is no place; nothing where both coordinates are there, or none."""
    lies = [
        (old or _DEFAULTS)[name] if given is msgspec.UNSET else given
        for name, given in (("latitude", item.latitude), ("longitude", item.longitude))
    ]
    if lies.count(None) != 1:
        return None
    name = "latitude" if lies[0] is None else "longitude"
    return BadInput("A place has a latitude and a longitude, or neither.", code="half_a_point", pointer=f"/{name}")  # fmt: skip


def _stale(item: LocationData, old: Mapping[str, Any] | None) -> Conflict | None:
    """Return why what was looked at is not what is there now; nothing where it is, or where nobody asks."""
    version = old["version"] if old else 0
    if item.version in {None, version}:
        return None
    if item.version == 0:
        return Conflict(f"There is a stock location {item.code} already.", code="location_exists", pointer="/code")  # fmt: skip
    return Conflict(
        f"Somebody changed stock location {item.code} meanwhile: it is at version {version} now. Look at it again first.",
        code="stale_location",
        pointer="/version",
    )


def _known(codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = sql.fetch(
        f"select id, code, version, {', '.join(_DATA)} from stock_location "
        "where code = any(%s) order by code for no key update",
        (list(codes),),
    )
    known = {row[1]: dict(zip(("id", "code", "version", *_DATA), row, strict=True)) for row in rows}
    for row in known.values():
        for name in ("address", "week", "special_days"):
            row[name] = sql.from_json(row[name])
        row["cut_off"] = row["cut_off"] and f"{row['cut_off']:%H:%M}"
    return known


def _make_bins(location_ids: Sequence[UUID]) -> None:
    rows = [
        {
            "id": ids.new_id(),
            "location_id": location,
            "code": code,
            "kind": kind,
            "position": position,
        }
        for location in location_ids
        for code, kind, position in ((DEFAULT_BIN, "pick", 0), (STAGING_BIN, "staging", 1_000_000))
    ]
    sql.insert_rows(
        "stock_bin", "id uuid, location_id uuid, code text, kind text, position int", rows
    )
