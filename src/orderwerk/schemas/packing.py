"""The public shapes of the packing station: what can be packed now, what of a pick list waits, and what a code means there."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core.keyset import Page
from orderwerk.picklists.packing_queries import Meant, PackingList, ToPack, WaitingParcel


class ParcelToPack(msgspec.Struct, frozen=True):
    """A parcel that can be packed now, with so many pieces of its own shipment."""

    shipment_id: UUID
    shipment_number: str
    order_id: UUID
    order_number: str
    customer_name: str
    quantity: int
    urgent: bool


class ParcelsToPack(msgspec.Struct, frozen=True):
    """A page of what can be packed now at a location, announced or not: urgent orders first, then the oldest."""

    items: list[ParcelToPack]
    next: str | None


class ParcelOfList(msgspec.Struct, frozen=True):
    """A parcel of a pick list that waits to be packed, with what lies in it of every order; `picked`: nothing of it is to be picked any more."""

    shipment_id: UUID
    shipment_number: str
    order_numbers: list[str]
    totes: list[int]
    skus: list[str]
    quantity: int
    picked: bool


class ParcelsOfList(msgspec.Struct, frozen=True):
    """What of a pick list waits to be packed, the oldest parcel first; `parcels` that it made, so many of them `packed`.

    Of a scanned article (`code`: its sku or GTIN) the parcels that want it: the first is the one that it goes into, or nothing wants it.
    """

    number: str
    location: str
    parcels: int
    packed: int
    items: list[ParcelOfList]


class ParcelByCode(msgspec.Struct, frozen=True):
    """The shipment that waits to leave and that a scanned code means; none, and `several`, where it means more than one."""

    shipment_id: UUID | None
    shipment_number: str | None
    several: bool


def parcels_to_pack_shape(page: Page[ToPack]) -> ParcelsToPack:
    """Return the public shape of what can be packed now."""
    items = [
        ParcelToPack(
            shipment_id=row.shipment_id,
            shipment_number=row.number,
            order_id=row.order_id,
            order_number=row.order,
            customer_name=row.customer,
            quantity=row.quantity,
            urgent=row.is_urgent,
        )
        for row in page.items
    ]
    return ParcelsToPack(items, page.next)


def parcels_of_list_shape(found: PackingList, parcels: Sequence[WaitingParcel]) -> ParcelsOfList:
    """Return the public shape of what of a pick list waits to be packed, as far as it is asked for."""
    items = [
        ParcelOfList(
            shipment_id=row.shipment_id,
            shipment_number=row.number,
            order_numbers=list(row.order_numbers),
            totes=list(row.tote_numbers),
            skus=list(row.skus),
            quantity=row.quantity,
            picked=row.picked,
        )
        for row in parcels
    ]
    return ParcelsOfList(found.number, found.location, found.parcels, found.packed, items)


def parcel_by_code_shape(meant: Meant) -> ParcelByCode:
    """Return the public shape of what a scanned code means."""
    return ParcelByCode(meant.shipment_id, meant.number, meant.several)
