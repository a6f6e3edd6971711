"""Sets up stock locations together with the shops that may draw from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotAllowed, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.shops.commands.link_locations import LocationShops, check_shops, link_locations
from orderwerk.stock.calendar import CutOff, SpecialDays, Week, wrong_days
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from orderwerk.stock.commands.upsert_postal_places import Latitude, Longitude

_U = msgspec.UnsetType


class LocationItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stock location; fields left out keep their value, `shops` are all that may draw from it.

    `handling_cost_currency` null: the cost is in the currency of whichever shop asks; otherwise shops in another do not know it.
    `latitude` and `longitude`: where it lies, in degrees; without, where its postal code lies, if that was taken in.
    `week` are all weekdays and `special_days` all single days that differ from `daily_capacity` and `cut_off`. `version`: of
    the location that was looked at, where nobody may have changed it or its shops meanwhile (0: it was not there).
    """

    code: fields.Code
    name: fields.Name
    priority: fields.Quantity | _U = msgspec.UNSET
    address: dict[str, fields.Line | None] | _U | None = msgspec.UNSET
    country: fields.Country | _U | None = msgspec.UNSET
    is_active: bool | _U = msgspec.UNSET
    daily_capacity: fields.Count | _U | None = msgspec.UNSET
    cut_off: CutOff | _U | None = msgspec.UNSET
    handling_cost_minor: fields.Count | _U = msgspec.UNSET
    handling_cost_currency: fields.Currency | _U | None = msgspec.UNSET
    latitude: Latitude | _U | None = msgspec.UNSET
    longitude: Longitude | _U | None = msgspec.UNSET
    week: Week | _U = msgspec.UNSET
    special_days: SpecialDays | _U = msgspec.UNSET
    shops: list[fields.Code] | _U = msgspec.UNSET
    version: int | None = None


def set_up_locations(items: Sequence[LocationItem], *, actor: Actor) -> list[Outcome]:
    """Create or change locations and their shops; refuses with NotFound a shop that is not there, with BadInput days
    that contradict each other, with Conflict a `version` that is not the present one.

    A location that this actor may not see is refused like one that is not there, though its code is taken; one that
    shops outside the actor's limits draw from too is refused with NotAllowed.
    """
    return retrying(lambda: _set_up(items, actor))


def _set_up(items: Sequence[LocationItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        # Before looking who may see what: a code that is free now is somebody else's a moment later.
        unit.lock_settings([("location", item.code) for item in items])
        unknown = check_shops(
            [code for item in items if isinstance(item.shops, list) for code in item.shops],
            actor=actor,
        )
        seen = _visible([item.code for item in items], actor)
        refused: dict[int, Outcome] = {}
        for index, item in enumerate(items):
            refusal = _refusal(item, unknown, seen.get(item.code), actor)
            if refusal is not None:
                refused[index] = Outcome.refused(refusal)
        good = [item for index, item in enumerate(items) if index not in refused]
        made = upsert_locations([_data(item) for item in good], actor=actor)
        links = [
            LocationShops(location=item.code, shops=item.shops)
            for item, outcome in zip(good, made, strict=True)
            if outcome.ok and isinstance(item.shops, list)
        ]
        if links:
            link_locations(links, actor=actor)
        done = iter(made)
        return [refused[index] if index in refused else next(done) for index in range(len(items))]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A location that is there: whether the actor sees it, and whether shops outside its limits draw from it."""

    is_visible: bool
    is_shared: bool


def _visible(codes: Sequence[str], actor: Actor) -> dict[str, _Seen]:
    """Tell of each location that is there whether this actor sees it, and whether other shops draw from it too."""
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    rows = sql.fetch(
        "select l.id, l.code, %s::uuid[] is null or exists (select 1 from shops_shop_location x "
        "where x.location_id = l.id and x.shop_id = any(%s::uuid[])), %s::uuid[] is not null and exists (select 1 "
        "from shops_shop_location x where x.location_id = l.id and x.shop_id <> all(%s::uuid[])) "
        "from stock_location l where l.code = any(%s)",
        (shops, shops, shops, shops, list(set(codes))),
    )
    return {
        code: _Seen(linked and actor.may_see_location(key), shared)
        for key, code, linked, shared in rows
    }


def _refusal(
    item: LocationItem,
    unknown: set[str],
    seen: _Seen | None,
    actor: Actor,
) -> Refusal | None:
    named = item.shops if isinstance(item.shops, list) else []
    missing = [code for code in named if code in unknown]
    if missing:
        return NotFound(f"There is no shop {missing[0]}.", code="unknown_shop", pointer="/shops")
    if seen is not None and not seen.is_visible:
        return NotFound(
            f"There is no stock location {item.code}.", code="unknown_location", pointer="/code"
        )
    if seen is not None and seen.is_shared:
        return NotAllowed(
            f"Other shops draw from {item.code} too; only who is not limited to shops changes it.",
            code="shared_location",
            pointer="/code",
        )
    if seen is None and (
        actor.location_ids is not None or (actor.shop_ids is not None and not named)
    ):
        return NotAllowed(
            "Who is limited to locations makes no new ones; who is limited to shops names the shops of a new one.",
            code="limited",
            pointer="/code",
        )
    return wrong_days(item.week, item.special_days)


def _data(item: LocationItem) -> LocationData:
    return LocationData(
        code=item.code,
        name=item.name,
        priority=item.priority,
        address=item.address,
        country=item.country,
        is_active=item.is_active,
        daily_capacity=item.daily_capacity,
        cut_off=item.cut_off,
        handling_cost_minor=item.handling_cost_minor,
        handling_cost_currency=item.handling_cost_currency,
        latitude=item.latitude,
        longitude=item.longitude,
        week=item.week,
        special_days=item.special_days,
        version=item.version,
    )
