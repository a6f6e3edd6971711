"""Which documents of an order may go with a message that is written by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor

# What somebody must be allowed to read who lays a document beside a message: it goes to whatever address the order has.
READ_WITH = {
    "invoice": "billing:read",
    "packing_slip": "shipping:read",
    "return_slip": "returns:read",
    "return_label": "returns:read",
}
# Only what changes no more: a slip of what has left, a label that the carrier has made. Of the sheet for a box nothing changes while
# it may be sent.
_FOUND = """
select 'invoice' as kind, v.id, v.order_id, v.number || '.pdf' as name, '' as refused, null::uuid as location_id
from invoices_invoice v where {invoices}
union all
select 'packing_slip', h.id, h.order_id, 'packing-slip-' || h.number || '.pdf',
  case when h.status in ('shipped', 'delivered') then '' else 'not_shipped' end, h.location_id
from shipments_shipment h where {shipments}
union all
select 'return_slip', r.id, r.order_id, 'return-slip-' || r.number || '.pdf',
  case when r.status = 'approved' then '' else 'return_request_not_approved' end, null
from return_requests_request r where {requests}
union all
select 'return_label', l.id, r.order_id, 'return-label-' || r.number || '.pdf',
  case when octet_length(l.content) > 1 then '' else 'return_label_not_made' end, null
from return_requests_label l join return_requests_request r on r.id = l.request_id where {labels}
"""
_BY_ID = _FOUND.format(
    invoices="v.id = any(%s)",
    shipments="h.id = any(%s)",
    requests="r.id = any(%s)",
    labels="l.id = any(%s)",
)
_OF_ORDER = _FOUND.format(
    invoices="v.order_id = %s",
    shipments="h.order_id = %s",
    requests="r.order_id = %s",
    labels="r.order_id = %s",
)
_PARTS = _FOUND.count("{")


@dataclass(frozen=True, slots=True)
class Attachable:
    """A document of an order; `refused`: the code of why it cannot go with a message now, empty where it can."""

    kind: str
    id: UUID
    order_id: UUID
    name: str
    refused: str


def documents_by_id(keys: Sequence[UUID], actor: Actor) -> dict[tuple[str, UUID], Attachable]:
    """Return those of the documents that there are, but no slip of another location for who is limited to some; one statement."""
    found = _seen(sql.fetch(_BY_ID, (list(keys),) * _PARTS), actor)
    return {(file.kind, file.id): file for file in found}


def documents_of_order(order_id: UUID, actor: Actor) -> list[Attachable]:
    """Return what may go with a message about an order that the caller has read before, by name; one statement."""
    found = _seen(sql.read(f"{_OF_ORDER} order by name", (order_id,) * _PARTS), actor)
    return [file for file in found if not file.refused]


def _seen(rows: Iterable[Sequence[Any]], actor: Actor) -> list[Attachable]:
    return [Attachable(*row) for *row, place in rows if place is None or actor.may_see_location(place)]  # fmt: skip
