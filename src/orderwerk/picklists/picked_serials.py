"""Serial numbers that were scanned at the shelf and whose pieces are in nobody's hands any more."""

from collections.abc import Collection
from uuid import UUID

from orderwerk.core import sql

_FORGET = """
delete from shipments_serial s using picklists_line k, shipments_shipment h
where k.order_id = any(%s) and k.allocation_id = any(%s) and s.order_id = k.order_id and s.pick_line_id = k.id
  and h.id = s.shipment_id and h.status in ('open', 'announced')
"""


def forget_serials(claims: Collection[tuple[UUID, UUID]]) -> None:
    """Forget the numbers of claims whose picked pieces went back or to another parcel; (order, allocation) each, orders locked.

    Which of the numbers belong to the pieces that stay is not known, so all of a claim are scanned again at the packing table.
    """
    if claims:
        sql.execute(_FORGET, (list({c[0] for c in claims}), [c[1] for c in claims]))
