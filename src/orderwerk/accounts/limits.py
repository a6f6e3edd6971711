"""Turning the codes of shops and locations in a person's or a token's limits into ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from orderwerk.accounts.errors import no_place, unknown_place
from orderwerk.accounts.models import User, UserLocation, UserShop
from orderwerk.shops.models import Shop
from orderwerk.stock.models import StockLocation

Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The ids of all shops and locations that a batch of items names by code."""

    shops: dict[str, UUID]
    locations: dict[str, UUID]

    def shop_ids(self, codes: Codes | None) -> list[UUID] | None:
        """Return the ids of shops, None for all; refuses (BadInput) an unknown code, and a limit to nothing."""
        return None if codes is None else _ids(self.shops, codes, "shop")

    def location_ids(self, codes: Codes | None) -> list[UUID] | None:
        """Return the ids of locations, None for all; refuses (BadInput) an unknown code, and a limit to nothing."""
        return None if codes is None else _ids(self.locations, codes, "location")


def _ids(known: dict[str, UUID], codes: Codes, kind: str) -> list[UUID]:
    if not codes:
        raise no_place(kind)
    missing = [code for code in codes if code not in known]
    if missing:
        raise unknown_place(kind, missing[0])
    return sorted({known[code] for code in codes})


def find_places(shops: Iterable[Codes | None], locations: Iterable[Codes | None]) -> Places:
    """Look up every named shop and location at once: two statements, however many items there are."""
    shop_codes = {code for codes in shops for code in codes or ()}
    location_codes = {code for codes in locations for code in codes or ()}
    return Places(
        dict(Shop.objects.filter(code__in=shop_codes).values_list("code", "id")),
        dict(StockLocation.objects.filter(code__in=location_codes).values_list("code", "id")),
    )


def write_limits(limits: dict[UUID, tuple[list[UUID] | None, list[UUID] | None]]) -> None:
    """Replace the limits of people: user id → ids of shops and of locations, None for all."""
    UserShop.objects.filter(user_id__in=limits).delete()
    UserLocation.objects.filter(user_id__in=limits).delete()
    UserShop.objects.bulk_create(
        UserShop(user_id=user_id, shop_id=shop_id)
        for user_id, (shops, _) in limits.items()
        for shop_id in shops or ()
    )
    UserLocation.objects.bulk_create(
        UserLocation(user_id=user_id, location_id=location_id)
        for user_id, (_, locations) in limits.items()
        for location_id in locations or ()
    )


def note_limits(user: User, shops: list[UUID] | None, locations: list[UUID] | None) -> None:
    """Set the two switches of a person that say whether there are limits at all."""
    user.all_shops = shops is None
    user.all_locations = locations is None
