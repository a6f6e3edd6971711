"""Notes what was scanned at the packing table and did not belong into the box."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.shipments.events import SHIPMENT_SCAN_REFUSED
from orderwerk.shipments.locking import check_known, lock_shipments


class WrongScanItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A code that was refused at the table at that `step`, and what was asked for, where that is one thing."""

    shipment_id: UUID
    code: Annotated[fields.Line, msgspec.Meta(min_length=1)]
    step: Literal["article", "serial"] = "article"
    expected: fields.Line = ""


# A scanner that lies on a code fills no history.
MOST_KEPT = 200
_KEPT = """
select e.aggregate_id, count(*) from core_event e where e.order_id = any(%s) and e.kind = %s group by e.aggregate_id
"""


def note_wrong_scans(items: Sequence[WrongScanItem], *, actor: Actor) -> list[Outcome]:
    """Keep wrong scans in the history of their shipments, two hundred of each, whatever becomes of these; refuses with NotFound.

    The outcome says whether it was `kept`.
    """
    return retrying(lambda: _note(items, actor))


def _note(items: Sequence[WrongScanItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, _ = lock_shipments(unit, [item.shipment_id for item in items])
        orders = list({shipment.order_id for shipment in shipments.values()})
        kept: Counter[UUID] = Counter(dict(sql.fetch(_KEPT, (orders, SHIPMENT_SCAN_REFUSED.name))))
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shipment = check_known(shipments.get(item.shipment_id))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            kept[shipment.id] += 1
            if kept[shipment.id] > MOST_KEPT:
                outcomes.append(Outcome.done(shipment.id, kept=False))
                continue
            subject = Subject("shipment", shipment.id, None, shipment.order_id, shipment.shop_id)
            data = {"number": shipment.number, "step": item.step, "code": item.code, "expected": item.expected}  # fmt: skip
            unit.record(SHIPMENT_SCAN_REFUSED, subject, STILL, data)
            outcomes.append(Outcome.done(shipment.id, kept=True))
    return outcomes
