"""Reads shipments under the lock of their orders."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import Again, NotFound, WrongState
from orderwerk.core.uow import UnitOfWork
from orderwerk.orders.counters import OrderState, lock_orders_of
from orderwerk.shipments.labels import ADDRESS
from orderwerk.shipments.statuses import NOT_SHIPPED


@dataclass(slots=True)
class ShipmentState:
    """A shipment as it stands under the lock of its order."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    location_id: UUID
    number: str
    status: str
    version: int
    carrier: str
    service: str
    tracking_code: str
    tracking_url: str
    use_pick_lists: bool
    location: str
    carried_by: str
    collects: bool
    waits_for: str
    label_elsewhere: bool
    created_at: datetime


# What it waits for, in words: pieces that travel to its location first, so that all leaves in one shipment. What somebody
# has split off waits for nothing.
_WAITS_FOR = """
coalesce((
  select string_agg(format('transfer %%s from %%s, %%s %%s', t.number, t.origin, t.n, case when t.n = 1 then 'piece' else 'pieces' end)
    || coalesce(', expected on ' || t.expected_on::text, ''), '; ' order by t.number)
  from (
    select i.number, f.code as origin, i.expected_on, sum(p.quantity - p.arrived - p.dropped) as n
    from allocations_transfer_peg p join stock_inbound_line x on x.id = p.inbound_line_id
    join stock_inbound i on i.id = x.inbound_id join stock_location f on f.id = i.origin_id
    where s.part = 0 and p.order_id = s.order_id and p.location_id = s.location_id and p.quantity > p.arrived + p.dropped
    group by i.number, f.code, i.expected_on) t), '')
"""
_READ = f"""
select s.id, s.shop_id, s.order_id, s.location_id, s.number, s.status, s.version, s.carrier, s.service,
  s.tracking_code, s.tracking_url, p.use_pick_lists, l.code,
  coalesce((select b.number from shipments_shipment b where b.id = s.combined_into_id and b.status in ('open', 'announced')), ''),
  exists (select 1 from orders_order o where o.id = s.order_id and o.collect_location_id is not null),
  {_WAITS_FOR},
  exists (select 1 from shipments_label b join orders_order o on o.id = b.order_id
    where b.shipment_id = s.id and b.status = 'made' and b.address <> {ADDRESS}),
  s.created_at
from shipments_shipment s join shops_shop p on p.id = s.shop_id join stock_location l on l.id = s.location_id
where s.id = any(%s)
"""


_WAITING = f"""
select * from (select s.id, s.number, {_WAITS_FOR} as waits from shipments_shipment s
  where s.id = any(%s) and s.order_id = any(%s) and s.location_id = any(%s)) t where t.waits <> ''
"""


def lock_shipments(
    unit: UnitOfWork, shipment_ids: Sequence[UUID]
) -> tuple[dict[UUID, ShipmentState], dict[UUID, OrderState]]:
    """Lock the orders of shipments and read both; those outside the actor's shops or locations are left out."""
    orders = lock_orders_of(unit, "shipments_shipment", shipment_ids)
    mine = {
        key: s
        for key, s in read_shipments(shipment_ids).items()
        if s.order_id in orders and unit.actor.may_see_location(s.location_id)
    }
    return mine, orders


def read_shipments(shipment_ids: Iterable[UUID]) -> dict[UUID, ShipmentState]:
    """Return shipments whose orders the caller has locked."""
    return {row[0]: ShipmentState(*row) for row in sql.fetch(_READ, (list(shipment_ids),))}


def waiting_for_transfers(
    shipment_ids: Collection[UUID], order_ids: Collection[UUID], location_ids: Collection[UUID]
) -> dict[UUID, str]:
    """Return of shipments (of these orders, at these locations) to which pieces travel what each waits for, in words."""
    if not shipment_ids:
        return {}
    rows = sql.fetch(_WAITING, (list(shipment_ids), list(order_ids), list(location_ids)))
    return {row[0]: f"{row[1]} waits for {row[2]}" for row in rows}


def carried_by(shipment_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Return per shipment the ones that lie in its parcel and wait as it does."""
    found: dict[UUID, list[UUID]] = {}
    for leader, key in sql.fetch(
        "select combined_into_id, id from shipments_shipment where combined_into_id = any(%s) and status <> 'cancelled' order by id",
        (list(shipment_ids),),
    ):
        found.setdefault(leader, []).append(key)
    return found


def lock_parcels(
    unit: UnitOfWork, shipment_ids: Sequence[UUID]
) -> tuple[dict[UUID, ShipmentState], dict[UUID, OrderState], dict[UUID, list[UUID]]]:
    """Lock shipments as `lock_shipments` does, with those that lie in their parcels; returns these too, per shipment."""
    before = carried_by(shipment_ids)
    others = [key for keys in before.values() for key in keys]
    shipments, orders = lock_shipments(unit, [*shipment_ids, *others])
    now = carried_by(shipment_ids)
    if now != before:
        # Somebody combined or separated between looking and locking.
        raise Again("The parcels changed meanwhile; try again.")
    return shipments, orders, now


def check_by_itself(shipment: ShipmentState) -> None:
    """Refuse (WrongState) a shipment that lies in the parcel of another one."""
    if shipment.carried_by:
        raise WrongState(
            f"{shipment.number} lies in the parcel of {shipment.carried_by}; do it there, or separate them first.",
            code="carried",
        )


def check_complete(shipment: ShipmentState) -> None:
    """Refuse (WrongState) to let a shipment leave whole, or be collected, while pieces travel to it."""
    if shipment.waits_for:
        raise WrongState(
            f"{shipment.number} waits for {shipment.waits_for}; receive it, close the transfer, or ship a part.",
            code="waits_for_transfer",
        )


def check_label(shipment: ShipmentState) -> None:
    """Refuse (WrongState) to let a parcel leave under a label that shows another address than it has now."""
    if shipment.label_elsewhere:
        raise WrongState(
            f"A label of {shipment.number} shows another address than the shipment has now; give it up first.",
            code="label_elsewhere",
        )


def check_sent(shipment: ShipmentState) -> None:
    """Refuse (WrongState) a shipment that the customer collects: it stays where it is until it is handed over."""
    if shipment.collects:
        raise WrongState(
            f"{shipment.number} is collected at {shipment.location}; make it ready and hand it over there.",
            code="is_collected",
        )


def check_collected(shipment: ShipmentState) -> None:
    """Refuse (WrongState) a shipment that nobody comes to collect."""
    if not shipment.collects:
        raise WrongState(f"{shipment.number} is sent; nobody collects it.", code="is_sent")


def check_known(found: ShipmentState | None) -> ShipmentState:
    """Return a shipment that is there; refuses with NotFound."""
    if found is None:
        raise NotFound(
            "There is no such shipment.", code="unknown_shipment", pointer="/shipment_id"
        )
    return found


def check_not_shipped(found: ShipmentState | None) -> ShipmentState:
    """Return a shipment that has not left; refuses with NotFound or WrongState."""
    shipment = check_known(found)
    if shipment.status not in NOT_SHIPPED:
        raise WrongState(
            f"Shipment {shipment.number} is {shipment.status} already.",
            code=f"shipment_{shipment.status}",
        )
    return shipment
