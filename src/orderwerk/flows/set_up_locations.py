"""Sets up stock locations together with the shops that may draw from them."""

from collections.abc import Sequence

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.shops.commands.link_locations import LocationShops, check_shops, link_locations
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations

_U = msgspec.UnsetType


class LocationItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stock location; fields left out keep their value, `shops` are all that may draw from it."""

    code: fields.Code
    name: fields.Name
    priority: fields.Quantity | _U = msgspec.UNSET
    address: dict[str, fields.Line | None] | _U | None = msgspec.UNSET
    country: fields.Country | _U | None = msgspec.UNSET
    is_active: bool | _U = msgspec.UNSET
    shops: list[fields.Code] | _U = msgspec.UNSET


def set_up_locations(items: Sequence[LocationItem], *, actor: Actor) -> list[Outcome]:
    """Create or change locations and their shops; refuses with NotFound a shop that is not there."""
    return retrying(lambda: _set_up(items, actor))


def _set_up(items: Sequence[LocationItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor):
        unknown = check_shops(
            [code for item in items if isinstance(item.shops, list) for code in item.shops],
            actor=actor,
        )
        refused: dict[int, Outcome] = {}
        for index, item in enumerate(items):
            missing = (
                [code for code in item.shops if code in unknown]
                if isinstance(item.shops, list)
                else []
            )
            if missing:
                refused[index] = Outcome.refused(
                    NotFound(
                        f"There is no shop {missing[0]}.", code="unknown_shop", pointer="/shops"
                    )
                )
        good = [item for index, item in enumerate(items) if index not in refused]
        done = iter(upsert_locations([_data(item) for item in good], actor=actor))
        links = [
            LocationShops(location=i.code, shops=i.shops) for i in good if isinstance(i.shops, list)
        ]
        if links:
            link_locations(links, actor=actor)
        return [refused[index] if index in refused else next(done) for index in range(len(items))]


def _data(item: LocationItem) -> LocationData:
    return LocationData(
        code=item.code,
        name=item.name,
        priority=item.priority,
        address=item.address,
        country=item.country,
        is_active=item.is_active,
    )
