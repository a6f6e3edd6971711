"""What the pages of an order need beside the order itself."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops


def open_shipments_of(
    actor: Actor, order_ids: Sequence[UUID]
) -> dict[UUID, list[tuple[UUID, str]]]:
    """Return per order its shipments with goods that are claimed and not yet on a list, with the location's code."""
    where = Conditions()
    where.add("s.order_id = any(%s::uuid[])", list(order_ids))
    limit_to_shops(where, actor, "s.shop_id")
    limit_to_locations(where, actor, "s.location_id")
    rows = sql.read(
        f"""
        select s.order_id, s.id, l.code from shipments_shipment s join stock_location l on l.id = s.location_id
        where s.status in ('open', 'announced') and {where.where()} and exists (
          select 1 from shipments_line sl join allocations_allocation a on a.id = sl.allocation_id
          where sl.shipment_id = s.id and sl.is_live and a.status = 'allocated')
        order by s.order_id, s.id
        """,
        where.params,
    )
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    for order_id, shipment_id, code in rows:
        found.setdefault(order_id, []).append((shipment_id, code))
    return found


def email_of(order_id: UUID, email_id: UUID) -> bool:
    """Tell whether a message belongs to an order that the caller has read before."""
    query = "select 1 from emails_email where id = %s and order_id = %s"
    return bool(sql.read(query, (email_id, order_id)))


_NEWEST = 3000


def order_choices(actor: Actor) -> tuple[list[str], list[str]]:
    """Return the countries and tags of the newest orders, for the filters; one statement."""
    where = Conditions()
    limit_to_shops(where, actor, "o.shop_id")
    rows = sql.read(
        f"""
        with newest as materialized (
          select o.country, o.tags from orders_order o where {where.where()} order by o.placed_at desc, o.id desc limit {_NEWEST})
        select array(select distinct country from newest order by 1),
               array(select distinct t.tag from newest, unnest(tags) as t(tag) order by 1 limit 100)
        """,
        where.params,
    )
    return rows[0][0], rows[0][1]
