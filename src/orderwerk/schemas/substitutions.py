"""The public shape of a substitution."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core.money import format_amount
from orderwerk.orders.substitution_queries import SubstitutionRow
from orderwerk.schemas.orders import rate


class Substitution(msgspec.Struct, frozen=True):
    """Another article offered in place of pieces of a line; `total` is what all of them come to, VAT and all.

    `via`: whether the customer answered by the link (`link`) or told a colleague (`staff`); empty while nobody did.
    """

    id: UUID
    order_id: UUID
    order_number: str
    shop: str
    currency: str
    status: str
    order_line_id: UUID
    instead_of_sku: str
    instead_of_name: str
    sku: str
    name: str
    quantity: int
    unit_price: str
    total: str
    tax_rate: str
    proposed_by: str
    created_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    via: str
    new_line_id: UUID | None
    version: int


def substitution(row: SubstitutionRow) -> Substitution:
    """Return the public shape of a substitution."""
    amounts: dict[str, Any] = {
        "unit_price": format_amount(row.unit_price_minor, row.currency),
        "total": format_amount(row.gross_minor, row.currency),
        "tax_rate": rate(row.tax_rate),
    }
    same: dict[str, Any] = {
        name: getattr(row, name) for name in Substitution.__struct_fields__ if name not in amounts
    }
    return Substitution(**same, **amounts)
