"""Shipment lines that somebody names, with so many pieces of each: found among the claims of their shipment."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound
from orderwerk.flows.held import Held


class NamedLine(Protocol):
    """So many pieces of one shipment line."""

    @property
    def shipment_line_id(self) -> UUID: ...  # noqa: D102
    @property
    def quantity(self) -> int: ...  # noqa: D102


def allocations_of(lines: Iterable[NamedLine]) -> dict[UUID, UUID]:
    """Return the allocation in which the goods of each live shipment line stand; one statement."""
    named = [line.shipment_line_id for line in lines]
    rows = sql.fetch(
        "select id, allocation_id from shipments_line where id = any(%s) and is_live", (named,)
    )
    return {row[0]: row[1] for row in rows}


def named_pieces(
    lines: Sequence[NamedLine], claims: Sequence[Held], names: Mapping[UUID, UUID], *, too_many: str
) -> dict[UUID, int]:
    """Return the pieces of each claim that lines name; a line may be named by its allocation too.

    Refuses with NotFound a line that the shipment does not have, with BadInput one named twice, with LimitExceeded
    (code `too_many`) more than it holds.
    """
    by_id = {claim.id: claim for claim in claims}
    pieces: dict[UUID, int] = {}
    for index, line in enumerate(lines):
        claim = by_id.get(names.get(line.shipment_line_id, line.shipment_line_id))
        pointer = f"/lines/{index}"
        if claim is None:
            raise NotFound(
                "The shipment has no such line.",
                code="unknown_shipment_line",
                pointer=f"{pointer}/shipment_line_id",
            )
        if claim.id in pieces:
            raise BadInput(
                "The line is named twice.",
                code="duplicate_line",
                pointer=f"{pointer}/shipment_line_id",
            )
        if line.quantity > claim.quantity:
            raise LimitExceeded(
                f"The line holds {claim.quantity}, not {line.quantity}.",
                code=too_many,
                pointer=f"{pointer}/quantity",
            )
        pieces[claim.id] = line.quantity
    return pieces
