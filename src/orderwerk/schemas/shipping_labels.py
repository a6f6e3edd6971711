"""The public shapes of the labels of packages and of the accounts that make them."""

from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.shipments.commands.set_carrier_accounts import CarrierProduct
from orderwerk.shipments.label_queries import CarrierAccountRow, ShippingLabelRow


class CarrierAccount(msgspec.Struct, frozen=True):
    """The account of a carrier that makes labels; the key is never given out."""

    id: UUID
    carrier: str
    speaks: str
    mode: str
    customer_code: str
    customer_number: str
    collection_location: str
    products: list[CarrierProduct]
    is_automatic: bool
    is_active: bool
    updated_at: datetime


class ShippingLabel(msgspec.Struct, frozen=True):
    """A carrier's label of one package; `in_doubt`: nobody knows yet whether the carrier has made it.

    `package` is the place of the package in its shipment. `elsewhere`: it shows another address than the shipment has now. `note`
    says why there is none.
    """

    id: UUID
    shipment_id: UUID
    order_id: UUID
    shop: str
    location: str
    package: int
    carrier: str
    product: str
    status: str
    barcode: str
    attempts: int
    in_doubt: bool
    elsewhere: bool
    note: str
    created_at: datetime
    made_at: datetime | None
    voided_at: datetime | None


def carrier_account(row: CarrierAccountRow) -> CarrierAccount:
    """Return the public shape of an account."""
    return CarrierAccount(**{name: getattr(row, name) for name in CarrierAccount.__struct_fields__})


def shipping_label(row: ShippingLabelRow) -> ShippingLabel:
    """Return the public shape of a label."""
    return ShippingLabel(**{name: getattr(row, name) for name in ShippingLabel.__struct_fields__})
