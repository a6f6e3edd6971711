"""How goods come back: with the carrier's label, by a carrier of the customer's own, or brought to a place of the merchant's."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.errors import BadInput, WrongState
from orderwerk.return_requests.rules import Policy
from orderwerk.return_requests.statuses import Way
from orderwerk.return_requests.way_words import BRING, CLOSED, COLON, OWN


class _Sent(Protocol):
    """What is to come back, and how."""

    @property
    def as_favour(self) -> bool: ...
    @property
    def gift(self) -> object: ...
    @property
    def way(self) -> str | None: ...
    @property
    def bring_to(self) -> str | None: ...


class DropLocation(msgspec.Struct, frozen=True):
    """A place of the merchant's to which goods may be brought; one that is not `is_open` any more takes nothing."""

    code: str
    name: str
    address: str
    is_open: bool = True


def places_named(items: Sequence[_Sent]) -> dict[str, UUID]:
    """Return the stock locations in use that are named, by code; one statement where any is."""
    codes = sorted({item.bring_to for item in items if item.bring_to is not None})
    return dict(sql.fetch("select code, id from stock_location where code = any(%s) and is_active", (codes,))) if codes else {}  # fmt: skip


def check_way(item: _Sent, policy: Policy, places: Mapping[str, UUID]) -> UUID | None:
    """Return the place to which goods are brought, if they are; refuses a way or a place that the shop does not offer.

    A favour lets pass any way and any place in use. A label shows the buyer's address: no gift comes with one.
    """
    if (item.way == Way.LOCATION) != (item.bring_to is not None):
        raise BadInput(
            "With the way location, and only with it, say to which place it is brought.",
            code="bring_where",
            pointer="/bring_to",
        )
    if item.way == Way.LABEL and item.gift is not None:
        raise WrongState(
            "A carrier's label shows the buyer's address; a gift is sent back with the slip.",
            code="gift_without_label",
            pointer="/way",
        )
    if item.way is not None and item.way not in policy.ways and not item.as_favour:
        raise WrongState("The shop does not offer this way.", code="way_not_offered", pointer="/way")  # fmt: skip
    if item.bring_to is None:
        return None
    is_offered = item.bring_to in policy.drop_locations or item.as_favour
    if item.bring_to not in places or not is_offered:
        raise WrongState(
            "Nothing is taken back at this place.", code="place_not_offered", pointer="/bring_to"
        )
    return places[item.bring_to]


def drop_locations(codes: Sequence[str]) -> list[DropLocation]:
    """Return the places of these codes that are in use, by name; one statement where any is named."""
    if not codes:
        return []
    rows = sql.read("select code, name, address from stock_location where code = any(%s) and is_active order by name, code", (list(codes),))  # fmt: skip
    return [DropLocation(code, name, _address(sql.from_json(stored) or {})) for code, name, stored in rows]  # fmt: skip


def chosen_places(request_ids: Sequence[UUID]) -> dict[UUID, DropLocation]:
    """Return the places to which requests are brought, by request, those that have closed since too; one statement."""
    rows = sql.read("select r.id, g.code, g.name, g.address, g.is_active from return_requests_request r join stock_location g on g.id = r.bring_to_id where r.id = any(%s)", (list(request_ids),))  # fmt: skip
    return {key: DropLocation(code, name, _address(sql.from_json(stored) or {}), is_open) for key, code, name, stored, is_open in rows}  # fmt: skip


def how_to_return(
    way: str, place: DropLocation | None, instructions: Mapping[str, str], language: str
) -> str:
    """Return what a customer is to do with the goods: as they chose; where they send it, as the shop tells.

    What is brought to a place needs no word of sending it.
    """
    if place is not None:
        if not place.is_open:
            return CLOSED[language].format(place=place.name)
        return "\n".join(
            part
            for part in (f"{BRING[language]}{COLON[language]}", place.name, place.address)
            if part
        )
    told = instructions.get(language, "")
    return f"{OWN[language]}\n\n{told}".strip() if way == Way.OWN else told


def _address(stored: Mapping[str, str | None]) -> str:
    street = " ".join(stored.get(k) or "" for k in ("street", "house_number", "house_number_suffix"))  # fmt: skip
    place = f"{stored.get('postal_code') or ''} {stored.get('city') or ''}"
    return ", ".join(" ".join(part.split()) for part in (street, place) if part.strip())
