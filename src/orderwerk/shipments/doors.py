"""Doors: who gets a parcel, and where. What lies in one parcel goes to one door, when it is combined and when it leaves."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import WrongState
from orderwerk.orders.counters import OrderState
from orderwerk.shipments.locking import ShipmentState


@dataclass(frozen=True, slots=True)
class Door:
    """Where a shipment goes: equal customers and addresses mean one door. `carries`: others lie in its parcel."""

    customer: str
    address: str
    carries: bool

    @property
    def where(self) -> tuple[str, str]:
        """The customer and the address: equal ones are one door."""
        return self.customer, self.address


# An address of the shipment itself goes before the order's.
_DOORS = """
select s.id, lower(coalesce(o.customer_email, o.customer_external_id, o.customer_name)),
  jsonb_strip_nulls(coalesce(s.delivery_address, o.delivery_address))::text,
  exists (select 1 from shipments_shipment f where f.combined_into_id = s.id and f.status in ('open', 'announced'))
from shipments_shipment s join orders_order o on o.id = s.order_id where s.id = any(%s)
"""


def doors_of(shipment_ids: Collection[UUID]) -> dict[UUID, Door]:
    """Return where shipments go, whose orders the caller has locked; one statement, none for no shipments."""
    if not shipment_ids:
        return {}
    return {row[0]: Door(*row[1:]) for row in sql.fetch(_DOORS, (list(shipment_ids),))}


# What lay in a parcel that was cancelled lies in none since.
_ALONE = "not exists (select 1 from shipments_shipment b where b.id = {}.combined_into_id and b.status <> 'cancelled')"
# Other open shipments that could lie in the parcel of one: of the same shop, location, customer and address.
SAME_DOOR = f"""h.id in (
  select y.id from shipments_shipment x join orders_order p on p.id = x.order_id
  join orders_order q on q.customer_email = p.customer_email and q.shop_id = p.shop_id
  join shipments_shipment y on y.order_id = q.id and y.location_id = x.location_id and y.id <> x.id
  where x.id = %s and p.collect_location_id is null and q.collect_location_id is null and x.status in ('open', 'announced') and {_ALONE.format("x")}
    and y.status in ('open', 'announced') and {_ALONE.format("y")}
    and not exists (select 1 from shipments_shipment f where f.combined_into_id = y.id and f.status in ('open', 'announced'))
    and jsonb_strip_nulls(coalesce(y.delivery_address, q.delivery_address))::text
      = jsonb_strip_nulls(coalesce(x.delivery_address, p.delivery_address))::text)"""


def check_same_door(
    leader: ShipmentState,
    others: Iterable[ShipmentState],
    doors: Mapping[UUID, Door],
    orders: Mapping[UUID, OrderState],
) -> None:
    """Refuse (WrongState) a parcel whose shipments went to one door when they were combined, and do not any more."""
    for other in others:
        if doors[other.id].where != doors[leader.id].where:
            number = orders[other.order_id].number
            raise WrongState(
                f"Order {number} goes to another customer or address than {leader.number}, in whose parcel {other.number} lies; "
                "separate them first.",
                code="other_address",
                details={"order": number},
            )
