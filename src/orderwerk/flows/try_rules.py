"""Tries routing rules on orders that have been placed, without changing anything: what would differ?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from orderwerk.allocations.groups import Group
from orderwerk.allocations.order_facts import read_facts
from orderwerk.allocations.room import Room
from orderwerk.allocations.routing import Available, Demand
from orderwerk.allocations.rules import LocationFacts, known_costs
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.flows.intake_reads import ShopPolicy, read_shops
from orderwerk.flows.route_order import Decision, ToRoute, decide

MOST_ORDERS = 500


@dataclass(frozen=True, slots=True)
class Side:
    """What one set of rules makes of an order: the rule and its group, pieces per location code, pieces that wait, whether it is held.

    `cost` is what its parcels cost together, in minor units, as far as it is told in the shop's currency; `is_limited`: the rule lets it not be split as its goods lie.
    """

    rule: str
    places: dict[str, int]
    waiting: int
    is_held: bool
    cost: int = 0
    is_limited: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """An order that would be sent otherwise."""

    number: str
    placed_at: datetime
    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class Trial:
    """What changed rules would make of the last orders: how many, parcels and what they cost before and after, and
    every difference.
    """

    orders: int
    parcels_before: int
    parcels_after: int
    waiting_before: int
    waiting_after: int
    differences: list[Difference]
    currency: str = "EUR"
    cost_before: int = 0
    cost_after: int = 0


_ORDERS = """
select o.id, o.number, o.placed_at from orders_order o
where o.shop_id = (select s.id from shops_shop s where s.code = %s) and o.status <> 'cancelled' and o.collect_location_id is null order by o.placed_at desc, o.id desc limit %s
"""
_DEMANDS = """
select l.order_id, l.id, w.product_id, w.pieces from orders_line l cross join lateral (
  select l.product_id, l.quantity - l.cancelled as pieces
  where l.product_id is not null and not exists (select 1 from orders_component c where c.order_line_id = l.id)
  union all
  select c.product_id, c.needed from orders_component c where c.order_line_id = l.id) w
where l.order_id = any(%s) and w.pieces > 0 order by l.order_id, l.position, w.product_id
"""
# What is there today, and what these very orders took: as if none of them had been sent anywhere yet.
_STOCK = """
select product_id, location_id, sum(n) from (
  select v.product_id, v.location_id, greatest(0, v.on_hand - v.allocated - v.blocked - v.safety_stock - channel_withheld(v.product_id, v.location_id, %s)) as n from stock_level v
  where v.product_id = any(%s) and v.location_id = any(%s)
  union all
  select a.product_id, a.location_id, a.quantity from allocations_allocation a
  where a.order_id = any(%s) and a.status <> 'released') x
group by product_id, location_id
"""


def try_routing_rules(
    shop: str, groups: Sequence[Group], *, last: int = 200, actor: Actor
) -> Trial:
    """Route the last orders of a shop by its rules in force and by other groups, each on the same stock, oldest first.

    Refuses with NotFound a shop that is not there for this actor. Reads only; every order meets the capacity as it is now.
    """
    policy = read_shops([shop])[0].get(shop)
    if policy is None or not actor.may_see_shop(policy.id):
        raise NotFound(f"There is no shop {shop[:60]}.", code="unknown_shop", pointer="/shop")
    orders = sql.fetch(_ORDERS, (shop, min(last, MOST_ORDERS)))[::-1]
    ids = [row[0] for row in orders]
    demands: dict[UUID, list[Demand]] = defaultdict(list)
    for order_id, line_id, product_id, pieces in sql.fetch(_DEMANDS, (ids,)):
        demands[order_id].append(Demand(line_id, product_id, pieces))
    products = list({d.product_id for found in demands.values() for d in found})
    stock = sql.fetch(_STOCK, (policy.id, products, list(policy.locations), ids))
    facts = read_facts(ids, dict.fromkeys(ids, policy.timezone), placed=True)
    wanted = {key: ToRoute(found[0], found[1]) for key, found in facts.items()}
    sides = [
        _run(ids, demands, wanted, one, {(r[0], r[1]): int(r[2]) for r in stock})
        for one in (policy, replace(policy, groups=tuple(groups)))
    ]
    return replace(_compare(orders, sides[0], sides[1]), currency=policy.currency)


def _run(
    ids: Sequence[UUID],
    demands: dict[UUID, list[Demand]],
    wanted: dict[UUID, ToRoute],
    policy: ShopPolicy,
    available: Available,
) -> dict[UUID, Side]:
    places = {place.id: place for place in policy.places}
    # The orders are of many days: none takes room from another.
    room = Room()
    return {
        key: _side(decide(wanted[key], demands[key], policy, available, room), demands[key], places)
        for key in ids
    }


def _side(decision: Decision, demands: Sequence[Demand], known: dict[UUID, LocationFacts]) -> Side:
    places: dict[str, int] = defaultdict(int)
    for claim in decision.routed.claims:
        places[known[claim.location_id].code] += claim.quantity
    costs = known_costs(known.values())
    cost = sum(costs.get(key, 0) for key in {c.location_id for c in decision.routed.claims})
    waiting = sum(d.quantity for d in demands) - sum(places.values())
    return Side(
        decision.chosen.rule,
        dict(sorted(places.items())),
        waiting,
        decision.is_unanswered,
        cost,
        decision.routed.is_limited,
        decision.chosen.group,
    )


def _compare(orders: Sequence[sql.Row], before: dict[UUID, Side], after: dict[UUID, Side]) -> Trial:
    differences = [
        Difference(number, placed_at, before[key], after[key])
        for key, number, placed_at in reversed(orders)
        if (before[key].places, before[key].waiting, before[key].is_held)
        != (after[key].places, after[key].waiting, after[key].is_held)
    ]
    return Trial(
        len(orders),
        sum(len(side.places) for side in before.values()),
        sum(len(side.places) for side in after.values()),
        sum(side.waiting for side in before.values()),
        sum(side.waiting for side in after.values()),
        differences,
        cost_before=sum(side.cost for side in before.values()),
        cost_after=sum(side.cost for side in after.values()),
    )
