"""The public shape of claims."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core.money import format_amount
from orderwerk.returns.claim_queries import ClaimRow, claim_lines, claim_photo_positions


class ClaimLine(msgspec.Struct, frozen=True):
    """So many claimed pieces of an order line."""

    id: UUID
    order_line_id: UUID
    sku: str
    name: str
    quantity: int


class Claim(msgspec.Struct, frozen=True):
    """Goods that arrived damaged, or never, or are here for repair; `credited` is what was given back, `new_order_id` what was sent again.

    `carrier` and `tracking_code` say how what was here for repair went back.
    """

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    shop: str
    kind: str
    status: str
    shipment_id: UUID | None
    new_order_id: UUID | None
    credited: str
    return_request_id: UUID | None
    carrier: str
    tracking_code: str
    created_at: datetime
    decided_at: datetime | None
    photos: int
    lines: list[ClaimLine]


def claims(rows: Sequence[ClaimRow]) -> list[Claim]:
    """Return the public shapes of a page of claims; two statements."""
    keys = [row.id for row in rows]
    lines, photos = claim_lines(keys), claim_photo_positions(keys)
    return [
        Claim(
            id=row.id,
            number=row.number,
            order_id=row.order_id,
            order_number=row.order_number,
            shop=row.shop,
            kind=row.kind,
            status=row.status,
            shipment_id=row.shipment_id,
            new_order_id=row.new_order_id,
            credited=format_amount(row.credited_minor, row.currency),
            return_request_id=row.return_request_id,
            carrier=row.carrier,
            tracking_code=row.tracking_code,
            created_at=row.created_at,
            decided_at=row.decided_at,
            photos=len(photos[row.id]),
            lines=[
                ClaimLine(k.id, k.order_line_id, k.sku, k.name, k.quantity) for k in lines[row.id]
            ],
        )
        for row in rows
    ]
