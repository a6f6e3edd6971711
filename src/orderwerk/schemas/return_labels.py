"""The public shapes of return labels and of the carriers that make them."""

from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.return_requests.label_queries import ReturnCarrierRow, ReturnLabelRow


class ReturnCarrier(msgspec.Struct, frozen=True):
    """A shop's account at the carrier that brings its returns; the key is never given out."""

    id: UUID
    shop: str
    carrier: str
    mode: str
    customer_code: str
    customer_number: str
    company: str
    reply_number: str
    postal_code: str
    city: str
    countries: list[str]
    is_paperless: bool
    is_automatic: bool
    is_active: bool
    updated_at: datetime


class ReturnLabel(msgspec.Struct, frozen=True):
    """A carrier's label for a return request; `in_doubt`: nobody knows yet whether the carrier has made it.

    `note` says why there is none.
    """

    id: UUID
    return_request_id: UUID
    order_id: UUID
    shop: str
    carrier: str
    status: str
    barcode: str
    attempts: int
    is_paperless: bool
    in_doubt: bool
    note: str
    created_at: datetime
    made_at: datetime | None


def return_carrier(row: ReturnCarrierRow) -> ReturnCarrier:
    """Return the public shape of a shop's carrier."""
    return ReturnCarrier(**{name: getattr(row, name) for name in ReturnCarrier.__struct_fields__})


def return_label(row: ReturnLabelRow) -> ReturnLabel:
    """Return the public shape of a label."""
    return ReturnLabel(**{name: getattr(row, name) for name in ReturnLabel.__struct_fields__})
