"""Says why pieces of an order wait: what routing would make of them now, with today's stock, without claiming anything."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from orderwerk.allocations.room import Room
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.allocate_orders import open_demands, to_route
from orderwerk.flows.intake_reads import read_shops
from orderwerk.flows.route_order import decide, explained

_SHOP = "select shop_id from orders_order where id = %s"
# As claiming would find it, but without a lock.
_STOCK = """
select product_id, location_id,
  greatest(0, on_hand - allocated - blocked - safety_stock - channel_withheld(product_id, location_id, %s))
from stock_level where product_id = any(%s) and location_id = any(%s)
"""


def explain_waiting(order_id: UUID, actor: Actor) -> dict[str, Any] | None:
    """Return why pieces of an order wait, for `explain.why_waiting`; None where nothing waits. Reads only.

    Whoever is limited to some locations hears nothing of what lies at others; the order is one that the actor may see.

    `code`: `nothing` lies anywhere, `limited` by the rule, `nowhere` is a location that may be asked, or `free`: `free` says where
    how many pieces could be claimed now, `not_here` that none of it lies where the actor sees it. `otherwise` is what the rule wants then, `waiting` the pieces that wait.
    """
    demands, rests, collected = open_demands([order_id])
    if order_id not in demands:
        return None
    [(shop_id,)] = sql.read(_SHOP, (order_id,))
    [policy] = read_shops([], [shop_id])[0].values()
    wanted = to_route(demands, {order_id: policy}, collected)[order_id]
    products = list({demand.product_id for demand in demands[order_id]})
    rows = sql.read(_STOCK, (shop_id, products, list(policy.locations)))
    available = {(row[0], row[1]): int(row[2]) for row in rows}
    decision = decide(wanted, demands[order_id], policy, available, Room())
    codes = {place.id: place.code for place in policy.places}
    hidden = {place.code for place in policy.places if not actor.may_see_location(place.id)}
    free: dict[str, int] = defaultdict(int)
    for claim in decision.routed.claims:
        free[codes[claim.location_id]] += claim.quantity
    why = explained(decision, policy, is_rest=rests[order_id])
    for told in ("lacks", "skipped", "late"):
        if told in why:
            why[told] = {k: v for k, v in why[told].items() if k not in hidden}
    if hidden:
        why.pop("cost", None)
    seen, code = {k: n for k, n in sorted(free.items()) if k not in hidden}, decision.code
    if code == "free" and not seen:
        code = "not_here"
    return {
        **why,
        "code": code,
        # A person is asked about a whole order, once; what is left of one waits.
        "otherwise": decision.chosen.otherwise
        if decision.is_unanswered and not rests[order_id]
        else "backorder",
        "waiting": sum(demand.quantity for demand in demands[order_id]),
        "free": seen,
    }
