"""Writes allocations and the claim on stock that each is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.stock.movements import change_allocated


@dataclass(frozen=True, slots=True)
class NewAllocation:
    """A claim to be written; `explanation` says why, as `explain.in_words` reads it."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    order_line_id: UUID
    product_id: UUID
    location_id: UUID
    quantity: int
    explanation: dict[str, Any]
    picked: int = 0
    status: str = "allocated"


_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, order_line_id uuid, product_id uuid, location_id uuid, quantity int, picked int, "
    "status text, explanation jsonb, created_at timestamptz"
)


def claim_stock(allocations: Sequence[NewAllocation], *, already_counted: bool = False) -> None:
    """Write allocations and raise what is allocated; the levels must be locked before.

    `already_counted`: the pieces are part of an allocation that was split, the level counts them already.
    """
    if not allocations:
        return
    moment = clock.now()
    rows = [
        {
            "id": a.id, "shop_id": a.shop_id, "order_id": a.order_id, "order_line_id": a.order_line_id,
            "product_id": a.product_id, "location_id": a.location_id, "quantity": a.quantity, "picked": a.picked,
            "status": a.status, "explanation": a.explanation, "created_at": moment,
        }
        for a in allocations
    ]  # fmt: skip
    sql.insert_rows("allocations_allocation", _COLUMNS, rows)
    if already_counted:
        return
    deltas: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for allocation in allocations:
        deltas[(allocation.product_id, allocation.location_id)] += allocation.quantity
    change_allocated(deltas)
