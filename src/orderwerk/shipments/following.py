"""Lets what left in the parcel of another shipment go as that parcel goes: one box has one carrier and one tracking code."""

from collections.abc import Collection
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.shipments.events import SHIPMENT_UPDATED

_NAMES = ("carrier", "service", "tracking_code", "tracking_url")
# A code that was typed for one of them stays where the parcel's first has none: it is the only one that is known of the box.
_FOLLOW = f"""
update shipments_shipment s set {", ".join(f"{name} = b.{name}" for name in _NAMES)}, version = s.version + 1
from shipments_shipment b, shipments_shipment o
where b.id = any(%s) and s.combined_into_id = b.id and o.id = s.id and s.status in ('shipped', 'delivered')
  and (b.tracking_code <> '' or s.tracking_code = '')
  and not exists (select from orders_order e where e.id = s.order_id and e.erased_at is not null)
  and ({", ".join(f"s.{name}" for name in _NAMES)}) <> ({", ".join(f"b.{name}" for name in _NAMES)})
returning s.id, s.version, s.order_id, s.shop_id, s.number, {", ".join(f"o.{name}, b.{name}" for name in _NAMES)}
"""


def follow_parcels(unit: UnitOfWork, shipment_ids: Collection[UUID]) -> None:
    """Give what left in the parcels of these shipments their carrier, service, code and link; the orders of all are locked.

    Not one whose order is erased: a link may tell of people.
    """
    if not shipment_ids:
        return
    for key, version, order, shop, number, *values in sql.fetch(_FOLLOW, (list(shipment_ids),)):
        pairs = zip(_NAMES, values[::2], values[1::2], strict=True)
        changes = {name: [old, new] for name, old, new in pairs if old != new}
        subject = Subject("shipment", key, version, order, shop)
        unit.record(SHIPMENT_UPDATED, subject, STILL, {"number": number, "changes": changes})
