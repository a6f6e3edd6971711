"""Promise dates: what waiting lines may expect from what is on its way. Derived whenever it is read, never stored."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from orderwerk.allocations.pegging import (
    Peg,
    Promise,
    Sent,
    Supply,
    Waiting,
    keep_for_orders,
    peg,
)
from orderwerk.allocations.serving import read_serving
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_orders

# In the order in which backorders are released. What is not paid has no turn; what is on hold keeps it. A line of a kit waits
# for its components.
_WHO = """
from unnest(%s::uuid[]) as t(product_id)
cross join lateral (
  select l.id, l.order_id, l.product_id, l.quantity - l.allocated - l.shipped - l.cancelled as missing from orders_line l
  where l.product_id = t.product_id and l.quantity > l.allocated + l.shipped + l.cancelled
    and not exists (select 1 from orders_component c where c.order_line_id = l.id)
  union all
  select c.order_line_id, c.order_id, c.product_id, c.needed - c.allocated - c.shipped from orders_component c
  where c.product_id = t.product_id and c.needed > c.allocated + c.shipped) w
join orders_line l on l.id = w.id join orders_order o on o.id = w.order_id
where o.status in ('awaiting_stock', 'partially_shipped', 'on_hold')
  and (o.on_account or o.captured_minor + o.authorized_minor >= o.grand_total_minor - o.cancelled_minor)
"""
_WAITING = f"""
select l.id, o.id, o.shop_id, w.product_id, w.missing, o.collect_location_id {_WHO}
order by o.priority desc, o.placed_at, o.id, l.position, w.product_id limit %s
"""
# What comes in on a day on which its location is closed can go on the next one that is open.
_SUPPLY = """
select i.id, i.number, i.location_id, x.product_id, x.expected - x.received - x.closed, location_leaves(w, i.expected_on::timestamp)
from stock_inbound_line x join stock_inbound i on i.id = x.inbound_id join stock_location w on w.id = i.location_id
where x.product_id = any(%s) and x.expected > x.received + x.closed and i.status = 'open'
order by i.expected_on nulls last, i.number, x.id
"""
# What was sent for an order comes for that order, whoever else waits.
_PEGGED = """
select p.order_line_id, p.product_id, i.id, i.number, location_leaves(w, i.expected_on::timestamp), p.quantity - p.arrived - p.dropped
from allocations_transfer_peg p join stock_inbound_line x on x.id = p.inbound_line_id join stock_inbound i on i.id = x.inbound_id
join stock_location w on w.id = i.location_id
where p.product_id = any(%s) and p.quantity > p.arrived + p.dropped
order by i.expected_on nulls last, i.number, p.id
"""
_PRODUCTS = """
select distinct w.product_id from (
  select l.product_id from orders_line l
  where l.order_id = any(%s) and l.product_id is not null and l.quantity > l.allocated + l.shipped + l.cancelled
    and not exists (select 1 from orders_component c where c.order_line_id = l.id)
  union all
  select c.product_id from orders_component c where c.order_id = any(%s) and c.needed > c.allocated + c.shipped) w
"""


def orders_in_turn(actor: Actor, product_id: UUID, *, limit: int) -> list[sql.Row]:
    """Return the first orders in turn that wait for a product and that the actor may see; one statement.

    Of each: id, number, shop, customer, status, priority, when it was placed, how many pieces wait, and how many such orders and
    pieces there are in all.
    """
    where = Conditions()
    limit_to_orders(where, actor, order="o.id", shop="o.shop_id")
    return sql.read(
        "select o.id, o.number, (select s.code from shops_shop s where s.id = o.shop_id), o.customer_name, o.status, o.priority, "
        "o.placed_at, sum(w.missing)::bigint, count(*) over (), (sum(sum(w.missing)) over ())::bigint "
        f"{_WHO} and {where.where()} group by o.id order by o.priority desc, o.placed_at, o.id limit %s",
        ([product_id], *where.params, limit),
    )


def pegs_of_products(
    product_ids: Collection[UUID], *, most: int | None = None
) -> tuple[list[Waiting], list[Peg]]:
    """Return who waits for products, in turn (the first `most` lines), and what of it comes with which inbound.

    Three statements, one more where something comes, and one for each 500 orders that it may go to, two where rules ask about them.
    """
    keys = list(product_ids)
    waiting = [Waiting(*row) for row in sql.read(_WAITING, (keys, most))]
    supplies = [Supply(*row) for row in sql.read(_SUPPLY, (keys,))]
    sent = [Sent(*row) for row in sql.read(_PEGGED, (keys,))]
    pegs, rest = keep_for_orders(waiting, supplies, sent)
    return waiting, pegs + peg(rest, supplies, read_serving(rest, supplies))


def promises(order_ids: Sequence[UUID]) -> dict[UUID, Promise]:
    """Return per line of these orders that waits in turn what it may expect; one statement where nothing waits, else seven at most.

    Two more for each further 500 orders that are asked about until what comes is used up. All that waits for the same products is
    looked at, so that nobody is promised what is somebody else's.
    """
    wanted = list(order_ids)
    products = [row[0] for row in sql.read(_PRODUCTS, (wanted, wanted))]
    if not products:
        return {}
    mine = set(wanted)
    waiting, pegs = pegs_of_products(products)
    found: dict[UUID, Promise] = defaultdict(Promise)
    for demand in waiting:
        if demand.order_id in mine:
            found[demand.line_id].waiting += demand.quantity
    for one in pegs:
        if one.waiting.order_id in mine:
            found[one.waiting.line_id].pegs.append(one)
    return dict(found)


class PeggedRow(msgspec.Struct, frozen=True):
    """Pieces of an order that come with an inbound."""

    order_id: UUID
    order_number: str
    customer_name: str
    sku: str
    name: str
    quantity: int


def pegged_to_inbound(actor: Actor, inbound_id: UUID) -> list[PeggedRow]:
    """Return whose pieces come with an inbound, in turn, as far as the actor may see their orders.

    Eight statements at most, two more for each further 500 orders that are asked about until what comes is used up.
    """
    rows = sql.read(
        "select x.product_id, p.sku, p.name from stock_inbound_line x join catalog_product p on p.id = x.product_id "
        "where x.inbound_id = %s and x.expected > x.received + x.closed",
        (inbound_id,),
    )
    names = {row[0]: (row[1], row[2]) for row in rows}
    _, pegs = pegs_of_products(names)
    mine = [one for one in pegs if one.inbound_id == inbound_id]
    where = Conditions()
    where.add("l.id = any(%s)", [one.waiting.line_id for one in mine])
    limit_to_orders(where, actor, order="o.id", shop="o.shop_id")
    names_of_orders = (
        "select l.id, o.id, o.number, o.customer_name from orders_line l join orders_order o on o.id = l.order_id "
        f"where {where.where()}"
    )
    orders = {row[0]: row[1:] for row in sql.read(names_of_orders, where.params)}
    found = []
    for one in mine:
        if one.waiting.line_id in orders:
            order_id, number, customer = orders[one.waiting.line_id]
            sku, name = names[one.waiting.product_id]
            found.append(PeggedRow(order_id, number, customer, sku, name, one.quantity))
    return found
