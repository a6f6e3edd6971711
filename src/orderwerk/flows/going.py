"""What keeps goods from leaving or lying ready, whoever takes them."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core.errors import WrongState
from orderwerk.flows.held import Held
from orderwerk.shipments.locking import ShipmentState


def check_asked_back(
    shipment: ShipmentState, parts: Sequence[tuple[Held, int]], asked_back: frozenset[UUID]
) -> None:
    """Refuse (WrongState) goods that an open cancel request wants back."""
    if any(claim.order_line_id in asked_back for claim, _ in parts):
        raise WrongState(
            f"Shipment {shipment.number} holds goods that are to be cancelled; accept or reject the cancel request first.",
            code="cancel_requested",
        )


def check_picked(shipment: ShipmentState, parts: Sequence[tuple[Held, int]]) -> None:
    """Refuse (WrongState) goods that are being picked, or not picked where the shop uses pick lists."""
    for claim, quantity in parts:
        if claim.status == "picking":
            raise WrongState(
                f"Shipment {shipment.number} is being picked; finish or cancel its pick list first.",
                code="being_picked",
            )
        if shipment.use_pick_lists and quantity > claim.picked:
            raise WrongState(
                f"Shipment {shipment.number} is not picked yet, and this shop ships only what has been picked.",
                code="not_picked",
            )
