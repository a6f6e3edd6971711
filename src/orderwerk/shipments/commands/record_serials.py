"""Records which pieces lie in shipments that wait, by their serial numbers, and takes wrong ones off again."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.orders.document import MAX_LINES
from orderwerk.shipments.locking import check_not_shipped, lock_shipments
from orderwerk.shipments.serials import SerialBook, SerialPiece

Pieces = Annotated[list[SerialPiece], msgspec.Meta(max_length=MAX_LINES)]


class RecordSerialsItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shipment that waits, pieces that were scanned into it, and pieces that were taken out again."""

    shipment_id: UUID
    add: Pieces = []
    remove: Pieces = []


def record_serials(items: Sequence[RecordSerialsItem], *, actor: Actor) -> list[Outcome]:
    """Record serial numbers; of an item all are recorded, or none.

    Refuses with NotFound, with WrongState a shipment that has left, or a piece that is out already (recorded for this or another
    shipment and not returned since), with LimitExceeded more numbers than pieces, with BadInput an article that has no
    serial numbers, the code of an article instead of one, or no number at all.
    """
    return retrying(lambda: _record(items, actor))


def _record(items: Sequence[RecordSerialsItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, _ = lock_shipments(unit, [item.shipment_id for item in items])
        book = SerialBook(shipments, [piece for item in items for piece in (*item.add, *item.remove)], actor)  # fmt: skip
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shipment = check_not_shipped(shipments.get(item.shipment_id))
                if not (item.add or item.remove):
                    raise BadInput("Name a serial number.", code="no_serials", pointer="/add")
                change = book.plan(shipment, item.add, item.remove)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            book.use(change)
            recorded = sum(len(serials) for serials in change.now.values())
            outcomes.append(Outcome.done(shipment.id, recorded=recorded))
        book.write(unit)
    return outcomes
