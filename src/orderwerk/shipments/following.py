"""Lets what left in the parcel of another shipment go as that parcel goes: one box has one carrier and one tracking code."""

from collections.abc import Collection
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.shipments.events import SHIPMENT_UPDATED

# Under which code the box of shipment `b` is followed by what shipment `s` has in it: its own, else that of a package, first of one in
# which something of it is known to lie.
CODE_OF_PARCEL = """
coalesce(nullif(b.tracking_code, ''), (
  select g.tracking_code from shipments_package g where g.shipment_id = b.id and g.tracking_code <> ''
  order by exists (select from shipments_carried_line c join shipments_line k on k.id = c.shipment_line_id
    where c.package_id = g.id and k.shipment_id = s.id) desc, g.position limit 1), '')
"""
_NEW = {"carrier": "b.carrier", "service": "b.service", "tracking_code": "t.code", "tracking_url": "b.tracking_url"}  # fmt: skip
_OLD = {name: f"o.{name}" for name in _NEW}
# A code that was typed for one of them stays where the parcel's first has none: it is the only one that is known of the box.
_FOLLOW = f"""
with boxes as (
  select s.id, b.id as leader, {CODE_OF_PARCEL} as code
  from shipments_shipment b join shipments_shipment s on s.combined_into_id = b.id
  where b.id = any(%s) and s.status in ('shipped', 'delivered')
    and not exists (select from orders_order e where e.id = s.order_id and e.erased_at is not null)
)
update shipments_shipment s set {", ".join(f"{name} = {new}" for name, new in _NEW.items())}, version = s.version + 1
from boxes t join shipments_shipment b on b.id = t.leader join shipments_shipment o on o.id = t.id
where s.id = t.id and (t.code <> '' or o.tracking_code = '') and ({", ".join(_OLD.values())}) <> ({", ".join(_NEW.values())})
returning s.id, s.version, s.order_id, s.shop_id, s.number, {", ".join(f"{_OLD[name]}, {_NEW[name]}" for name in _NEW)}
"""


def follow_parcels(unit: UnitOfWork, shipment_ids: Collection[UUID]) -> None:
    """Give what left in the parcels of these shipments their carrier, service, code and link; the orders of all are locked.

    A code that only packages of the parcel bear is one too. Not to one whose order is erased: a link may tell of people.
    """
    if not shipment_ids:
        return
    for key, version, order, shop, number, *values in sql.fetch(_FOLLOW, (list(shipment_ids),)):
        pairs = zip(_NEW, values[::2], values[1::2], strict=True)
        changes = {name: [old, new] for name, old, new in pairs if old != new}
        subject = Subject("shipment", key, version, order, shop)
        unit.record(SHIPMENT_UPDATED, subject, STILL, {"number": number, "changes": changes})
