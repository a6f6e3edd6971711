"""What return requests need from a carrier; adapters stand in `integrations/carriers`.

Calls refuse as those to payment providers do (payments/ports.py): Postponed when the call certainly did nothing, Unclear
when nobody knows, Declined when the carrier said no.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from orderwerk.payments.ports import Declined, Postponed, Unclear

__all__ = [
    "CarrierAccount",
    "Declined",
    "LabelOrder",
    "MadeLabel",
    "Postponed",
    "ReturnCarriers",
    "ReturnLabelCarrier",
    "Unclear",
]


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """A shop's account at a carrier, with its key in the clear: never logged, stored or sent anywhere else.

    `reply_number`, `postal_code` and `city`: the business reply number to which the goods come.
    """

    id: UUID
    carrier: str
    mode: str
    customer_code: str
    customer_number: str
    company: str
    reply_number: str
    postal_code: str
    city: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """A label that is to be made: under which barcode (one for ever), for whose parcel, and how it is to be used.

    `sender`: the customer's address as the order has it. `is_paperless`: the customer shows a code, and prints nothing.
    """

    barcode: str
    number: str
    order_number: str
    sender: Mapping[str, str | None]
    email: str
    weight_grams: int
    is_paperless: bool


@dataclass(frozen=True, slots=True)
class MadeLabel:
    """A label as the carrier made it, a PDF."""

    barcode: str
    content: bytes = field(repr=False)


class ReturnLabelCarrier(Protocol):
    """A carrier. Each method talks to the outside: never inside a transaction, each with a time-out."""

    name: str

    def reserve(self, account: CarrierAccount) -> str:
        """Return a barcode that nobody else gets. Costs nothing; one that is never used is lost, and that is all."""

    def label(self, account: CarrierAccount, order: LabelOrder) -> MadeLabel:
        """Make the label of a reserved barcode; the same barcode again is the same parcel, and the same label."""


ReturnCarriers = Mapping[str, ReturnLabelCarrier]
