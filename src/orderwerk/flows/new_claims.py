"""Turns what routing decided into allocations that say why."""

from uuid import UUID

from orderwerk.allocations.commands.claim import NewAllocation
from orderwerk.allocations.routing import Routed
from orderwerk.core import ids


def new_allocations(
    shop_id: UUID, order_id: UUID, routed: Routed, codes: dict[UUID, str]
) -> list[NewAllocation]:
    """Turn the claims of one routed order into allocations that say why."""
    lacks = {codes[place]: n for place, n in routed.lacks.items()}
    return [
        NewAllocation(
            ids.new_id(), shop_id, order_id, c.line_id, c.product_id, c.location_id, c.quantity,
            {"code": c.why, "location": codes[c.location_id], "lacks": lacks},
        )
        for c in routed.claims
    ]  # fmt: skip
