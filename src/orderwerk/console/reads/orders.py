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


_NEWEST = 500
_NEWEST_OF_SHOPS = 3000


def order_choices(actor: Actor) -> tuple[list[str], list[str]]:
    """Return countries and tags for the filters of a list of orders; one statement, as cheap with a million orders.

    Whoever sees all shops chooses among all countries and the tags of the newest orders that bear any; whoever does not,
    among those of the newest orders that he may see.
    """
    where = Conditions()
    limit_to_shops(where, actor, "o.shop_id")
    found = _OF_ALL if actor.shop_ids is None else _OF_SHOPS.format(where=where.where(), limit=_NEWEST_OF_SHOPS)  # fmt: skip
    rows = sql.read(
        f"""
        with recursive {found}
        select array(select distinct country from country where country is not null order by 1),
               array(select distinct t.tag from tagged, unnest(tags) as t(tag) order by 1 limit 100)
        """,
        where.params,
    )
    return rows[0][0], rows[0][1]


# From one country to the next in the index, however many orders lie between.
_OF_ALL = f"""country as (
  (select country from orders_order order by country limit 1)
  union all
  select (select o.country from orders_order o where o.country > c.country order by o.country limit 1) from country c where c.country is not null),
tagged as materialized (select o.tags from orders_order o where o.tags <> '{{}}' order by o.placed_at desc, o.id desc limit {_NEWEST})"""
_OF_SHOPS = """country as materialized (
  select o.country, o.tags from orders_order o where {where} order by o.placed_at desc, o.id desc limit {limit}),
tagged as (select tags from country)"""
