"""Sets which shops may draw stock from a location."""

from collections.abc import Sequence

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.shops.events import SHOP_LOCATIONS_SET


class LocationShops(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All shops that may draw from a location; those not named may not any more."""

    location: fields.Code
    shops: list[fields.Code]


def link_locations(items: Sequence[LocationShops], *, actor: Actor) -> list[Outcome]:
    """Set the shops of each location; refuses with NotFound a location or shop that is not there."""
    return retrying(lambda: _link(items, actor))


def _link(items: Sequence[LocationShops], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        unit.lock_settings([("location shops", i.location) for i in items])
        rows = sql.fetch(
            "select 'shop', id, code from shops_shop where code = any(%s) "
            "union all select 'location', id, code from stock_location where code = any(%s)",
            (
                sorted({code for i in items for code in i.shops}),
                sorted({i.location for i in items}),
            ),
        )
        found = {(kind, code): key for kind, key, code in rows}
        outcomes: list[Outcome] = []
        links: dict[object, list[object]] = {}
        for item in items:
            try:
                location = found.get(("location", item.location))
                if location is None or not actor.may_see_location(location):
                    raise NotFound(
                        f"There is no stock location {item.location}.",
                        code="unknown_location",
                        pointer="/location",
                    )
                links[location] = [_shop(found, code, actor) for code in item.shops]
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            unit.record(
                SHOP_LOCATIONS_SET, Subject("location", location), STILL, msgspec.to_builtins(item)
            )
            outcomes.append(Outcome.done(location, shops=item.shops))
        # Links of shops that this actor may not see stay as they are.
        mine = None if actor.shop_ids is None else sorted(actor.shop_ids)
        sql.execute(
            "delete from shops_shop_location where location_id = any(%s) "
            "and (%s::uuid[] is null or shop_id = any(%s::uuid[]))",
            (list(links), mine, mine),
        )
        pairs = [
            {"id": ids.new_id(), "shop_id": shop, "location_id": place}
            for place, shops in links.items()
            for shop in shops
        ]
        sql.insert_rows(
            "shops_shop_location",
            "id uuid, shop_id uuid, location_id uuid",
            pairs,
            tail="on conflict do nothing returning id",
        )
    return outcomes


def _shop(found: dict[tuple[str, str], object], code: str, actor: Actor) -> object:
    shop = found.get(("shop", code))
    if shop is None or not actor.may_see_shop(shop):  # type: ignore[arg-type]
        raise NotFound(f"There is no shop {code}.", code="unknown_shop", pointer="/shops")
    return shop


def check_shops(codes: Sequence[str], *, actor: Actor) -> set[str]:
    """Return those codes that name no shop, or none for this actor."""
    rows = sql.fetch("select code, id from shops_shop where code = any(%s)", (list(set(codes)),))
    return set(codes) - {row[0] for row in rows if actor.may_see_shop(row[1])}
