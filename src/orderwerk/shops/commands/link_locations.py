"""Sets which shops may draw stock from a location."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.shops.events import SHOP_LOCATIONS_SET
from orderwerk.stock.location_versions import lock_locations, set_versions


class LocationShops(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All shops that may draw from a location; those not named may not any more."""

    location: fields.Code
    shops: list[fields.Code]


def link_locations(items: Sequence[LocationShops], *, actor: Actor) -> list[Outcome]:
    """Set the shops of each location; refuses with NotFound a location or shop that is not there.

    Where that changes anything it is a new version of the location, so that nobody overwrites shops he has not seen.
    """
    return retrying(lambda: _link(items, actor))


def _link(items: Sequence[LocationShops], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        unit.claim_locks("settings", [("location shops", i.location) for i in items])
        places = lock_locations([item.location for item in items])
        shops = _shops(sorted({code for item in items for code in item.shops}))
        linked = _linked([key for key, _ in places.values()], actor)
        versions: dict[UUID, int] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                location, version = _place(places, item.location, actor)
                wanted = {_shop(shops, code, actor) for code in item.shops}
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            if wanted != linked[location]:
                linked[location] = wanted
                versions[location] = versions.get(location, version) + 1
                subject = Subject("location", location, versions[location])
                unit.record(SHOP_LOCATIONS_SET, subject, STILL, msgspec.to_builtins(item))
            outcomes.append(Outcome.done(location, shops=item.shops))
        _write({key: linked[key] for key in versions}, actor)
        set_versions(versions)
    return outcomes


def _mine(actor: Actor) -> list[UUID] | None:
    # Links of shops that this actor may not see stay as they are.
    return None if actor.shop_ids is None else sorted(actor.shop_ids)


def _shops(codes: Sequence[str]) -> dict[str, UUID]:
    rows = sql.fetch("select code, id from shops_shop where code = any(%s)", (list(codes),))
    return {row[0]: row[1] for row in rows}


def _linked(location_ids: Sequence[UUID], actor: Actor) -> dict[UUID, set[UUID]]:
    """Return which shops draw from locations, of those that the actor may see; asked once the locations are locked."""
    rows = sql.fetch(
        "select location_id, shop_id from shops_shop_location "
        "where location_id = any(%s) and (%s::uuid[] is null or shop_id = any(%s::uuid[]))",
        (list(location_ids), _mine(actor), _mine(actor)),
    )
    found: dict[UUID, set[UUID]] = {key: set() for key in location_ids}
    for location, shop in rows:
        found[location].add(shop)
    return found


def _write(links: Mapping[UUID, set[UUID]], actor: Actor) -> None:
    sql.execute(
        "delete from shops_shop_location where location_id = any(%s) "
        "and (%s::uuid[] is null or shop_id = any(%s::uuid[]))",
        (list(links), _mine(actor), _mine(actor)),
    )
    pairs = [
        {"id": ids.new_id(), "shop_id": shop, "location_id": place}
        for place, shops in links.items()
        for shop in sorted(shops)
    ]
    sql.insert_rows(
        "shops_shop_location",
        "id uuid, shop_id uuid, location_id uuid",
        pairs,
        tail="on conflict do nothing returning id",
    )


def _place(places: Mapping[str, tuple[UUID, int]], code: str, actor: Actor) -> tuple[UUID, int]:
    if code not in places or not actor.may_see_location(places[code][0]):
        raise NotFound(
            f"There is no stock location {code}.", code="unknown_location", pointer="/location"
        )
    return places[code]


def _shop(shops: Mapping[str, UUID], code: str, actor: Actor) -> UUID:
    if code not in shops or not actor.may_see_shop(shops[code]):
        raise NotFound(f"There is no shop {code}.", code="unknown_shop", pointer="/shops")
    return shops[code]


def check_shops(codes: Sequence[str], *, actor: Actor) -> set[str]:
    """Return those codes that name no shop, or none for this actor."""
    rows = sql.fetch("select code, id from shops_shop where code = any(%s)", (list(set(codes)),))
    return set(codes) - {row[0] for row in rows if actor.may_see_shop(row[1])}
