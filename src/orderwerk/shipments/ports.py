"""What shipments need from a carrier that makes labels; adapters stand in `integrations/carriers`.

Calls refuse as those to payment providers do (payments/ports.py): Postponed when the call certainly did nothing, Unclear
when nobody knows, Declined when the carrier said no.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from orderwerk.payments.ports import Declined, Postponed, Unclear

__all__ = [
    "Declined",
    "MadeLabel",
    "ParcelAccount",
    "ParcelCarrier",
    "ParcelCarriers",
    "ParcelOrder",
    "Postponed",
    "Unclear",
]


@dataclass(frozen=True, slots=True)
class ParcelAccount:
    """The account at a carrier, with its key in the clear: never logged, stored or sent anywhere else.

    `collection_location`: where the carrier collects the parcels, by its own number.
    """

    id: UUID
    carrier: str
    mode: str
    customer_code: str
    customer_number: str
    collection_location: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ParcelOrder:
    """A label that is to be made: under which barcode (one for ever), of what kind, from where to where, and how heavy.

    `sides_mm`: the longest first; empty where nobody measured.
    """

    barcode: str
    number: str
    order_number: str
    product: str
    sender_name: str
    sender: Mapping[str, str | None]
    receiver: Mapping[str, str | None]
    email: str
    weight_grams: int
    sides_mm: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MadeLabel:
    """A label as the carrier made it, a PDF."""

    barcode: str
    content: bytes = field(repr=False)


class ParcelCarrier(Protocol):
    """A carrier. Each method talks to the outside: never inside a transaction, each with a time-out."""

    name: str

    def reserve(self, account: ParcelAccount) -> str:
        """Return a barcode that nobody else gets. Costs nothing; one that is never used is lost, and that is all."""

    def label(self, account: ParcelAccount, order: ParcelOrder) -> MadeLabel:
        """Announce a parcel and make its label; the same barcode again is the same parcel, and the same label."""


ParcelCarriers = Mapping[str, ParcelCarrier]
