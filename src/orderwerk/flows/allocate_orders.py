"""Claims stock for what orders still wait for: by hand, after payment, after a hold, when stock arrives."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from orderwerk.allocations.channels import Channels, read_channels
from orderwerk.allocations.commands.claim import NewAllocation, claim_stock
from orderwerk.allocations.explain import stands_at
from orderwerk.allocations.order_facts import LIMITED, read_facts
from orderwerk.allocations.routing import Demand
from orderwerk.allocations.transfer_pegs import TRAVELLING
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.intake_reads import ShopPolicy, read_room, read_shops, read_stock
from orderwerk.flows.route_order import (
    NOTHING_KNOWN,
    ToRoute,
    allocations_of,
    decide,
    decide_together,
    record_to_gather,
    record_unanswered,
)
from orderwerk.orders.counters import LineDelta, OrderState, change_counters, lock_orders
from orderwerk.orders.events import ORDER_ALLOCATED
from orderwerk.shipments.commands.fill import fill_shipments


class AllocateItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order whose open pieces are to be claimed."""

    order_id: UUID


def allocate_orders(items: Sequence[AllocateItem], *, actor: Actor) -> list[Outcome]:
    """Claim stock for the open pieces of orders, in the order of their priority and time of placing.

    Refuses with NotFound, and with WrongState an order on hold, not yet payable, or with nothing open. Nothing in
    stock is no refusal: the outcome says how many pieces were claimed.
    """
    return retrying(lambda: _allocate(items, actor))


def _allocate(items: Sequence[AllocateItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        refused = {
            key: refusal
            for key, state in states.items()
            if (refusal := _why_not(state)) is not None
        }
        claimed = claim_open(unit, [state for key, state in states.items() if key not in refused])
    outcomes: list[Outcome] = []
    for item in items:
        if item.order_id not in states:
            outcomes.append(
                Outcome.refused(
                    NotFound(f"There is no order {item.order_id}.", pointer="/order_id")
                )
            )
        elif item.order_id in refused:
            outcomes.append(Outcome.refused(refused[item.order_id]))
        else:
            state, pieces = claimed.get(item.order_id, (states[item.order_id], 0))
            outcomes.append(Outcome.done(item.order_id, allocated=pieces, status=state.status))
    return outcomes


def _why_not(state: OrderState) -> WrongState | None:
    if state.status in {"cancelled", "shipped"}:
        return WrongState(
            f"Order {state.number} is {state.status}: nothing is open.", code="nothing_open"
        )
    if state.holds_open:
        return WrongState(f"Order {state.number} is on hold; release it first.", code="on_hold")
    if not state.payable:
        return WrongState(f"Order {state.number} is not paid yet.", code="not_paid")
    return None


# A line of a kit wants what its components still lack, the line itself nothing. What travels for a line is its own already.
_OPEN_LINES = f"""
select l.order_id, l.id, w.product_id, (w.missing - t.travelling)::int, o.units_allocated + o.units_shipped > 0, o.collect_location_id
from orders_order o
join orders_line l on l.order_id = o.id
cross join lateral (
  select l.product_id, l.quantity - l.allocated - l.shipped - l.cancelled as missing
  where l.product_id is not null and not exists (select 1 from orders_component c where c.order_line_id = l.id)
  union all
  select c.product_id, c.needed - c.allocated - c.shipped from orders_component c where c.order_line_id = l.id) w
cross join lateral (select {TRAVELLING.format(line="l.id", product="w.product_id")} as travelling) t
where o.id = any(%s) and w.missing > t.travelling
order by o.priority desc, o.placed_at, o.id, l.position, w.product_id
"""
_PARCELS = """
select order_id, location_id, case when status in ('open', 'announced') then 'open' else 'sent' end from shipments_shipment
where order_id = any(%s) and status <> 'cancelled'
union all
select order_id, location_id, 'rejected' from allocations_rejection where order_id = any(%s)
"""


def claim_open(
    unit: UnitOfWork,
    states: Iterable[OrderState],
    *,
    only: Collection[UUID] | None = None,
    gathers: bool = True,
) -> dict[UUID, tuple[OrderState, int]]:
    """Claim what locked orders still wait for; returns per order that got something its new state and the pieces.

    Orders on hold or not payable are passed over. `only` limits it to some products, for a caller that has locked the
    stock of those alone; without `gathers` nothing is sent on its way by a rule. Statements do not depend on the number of orders.
    """
    ready = {state.id: state for state in states if state.payable and not state.holds_open}
    if not ready:
        return {}
    shops, _ = read_shops([], [state.shop_id for state in ready.values()])
    policies = {policy.id: policy for policy in shops.values()}
    demands, rests, collected = open_demands(list(ready), only=only)
    of = {key: policies[ready[key].shop_id] for key in demands}
    wanted = to_route(demands, of, collected)
    offered = {
        (demand.product_id, place)
        for key, found in demands.items()
        for demand in found
        for place in of[key].locations
    }
    available = read_stock(unit, offered)
    kept = any(policy.has_channels for policy in policies.values())
    channels = read_channels(offered) if kept else Channels()
    room = read_room(unit, policies.values())
    decisions = {}
    for order_id, lines in demands.items():
        mine = channels.view(available, of[order_id].id)
        decisions[order_id] = decide(wanted[order_id], lines, of[order_id], mine, room)
    # What one shop gives up another may not always have: then each order stays as it was decided.
    if not channels:
        decide_together(decisions, demands, of, available, room)
    allocations: list[NewAllocation] = []
    for order_id, decision in decisions.items():
        policy = of[order_id]
        record_unanswered(unit, decision, order_id, policy.id, is_rest=rests[order_id])
        if gathers:
            record_to_gather(unit, decision, order_id, policy.id)
        allocations += allocations_of(decision, policy, order_id, is_rest=rests[order_id])
    return write_claims(unit, allocations, ready)


def open_demands(
    order_ids: Sequence[UUID], *, only: Collection[UUID] | None = None
) -> tuple[dict[UUID, list[Demand]], dict[UUID, bool], dict[UUID, UUID]]:
    """Return per order what of it waits, whether that is the rest of it, and where the customer collects it."""
    demands: dict[UUID, list[Demand]] = defaultdict(list)
    rests: dict[UUID, bool] = {}
    collected: dict[UUID, UUID] = {}
    for order_id, line_id, product_id, missing, is_rest, place in sql.fetch(
        _OPEN_LINES, (list(order_ids),)
    ):
        rests[order_id] = is_rest
        if place is not None:
            collected[order_id] = place
        if only is None or product_id in only:
            demands[order_id].append(Demand(line_id, product_id, missing))
    return demands, rests, collected


def to_route(
    demands: Mapping[UUID, Sequence[Demand]],
    policies: Mapping[UUID, ShopPolicy],
    collected: Mapping[UUID, UUID],
) -> dict[UUID, ToRoute]:
    """Return what routing has to know of each order; without rules no more than where it has open parcels, and had those that left."""
    places: dict[UUID, set[UUID]] = defaultdict(set)
    sent: dict[UUID, list[UUID]] = defaultdict(list)
    rejected: dict[UUID, set[UUID]] = defaultdict(set)
    for order_id, location_id, what in sql.fetch(_PARCELS, (list(demands), list(demands))):
        if what == "open":
            places[order_id].add(location_id)
        elif what == "rejected":
            rejected[order_id].add(location_id)
        else:
            sent[order_id].append(location_id)
    ruled = [key for key in demands if policies[key].has_rules]
    placed = any(policies[key].asks_distance for key in ruled)
    zones = {key: policies[key].timezone for key in ruled}
    known = read_facts(ruled, zones, placed=placed) if ruled else {}
    found = {}
    for key in demands:
        facts, values, released = known.get(
            key, (NOTHING_KNOWN.facts, NOTHING_KNOWN.values, frozenset())
        )
        found[key] = ToRoute(
            facts,
            values,
            frozenset(places[key]),
            tuple(sent[key]),
            LIMITED in released,
            bool(released),
            frozenset(rejected[key]),
            collected.get(key),
        )
    return found


def write_claims(
    unit: UnitOfWork, allocations: Sequence[NewAllocation], before: dict[UUID, OrderState]
) -> dict[UUID, tuple[OrderState, int]]:
    """Write new allocations with their shipments, counters and events; `before` holds the states under lock."""
    if not allocations:
        return {}
    claim_stock(allocations)
    fill_shipments(unit, allocations)
    deltas: dict[UUID, LineDelta] = defaultdict(LineDelta)
    pieces: dict[UUID, int] = defaultdict(int)
    places: dict[UUID, set[str]] = defaultdict(set)
    for allocation in allocations:
        deltas[allocation.order_line_id].allocated += allocation.quantity
        pieces[allocation.order_id] += allocation.quantity
        places[allocation.order_id].add(stands_at(allocation.explanation))
    after = change_counters(deltas)
    for order_id, state in after.items():
        subject = Subject("order", order_id, state.version, order_id, state.shop_id)
        move = Move(before[order_id].status, state.status)
        unit.record(
            ORDER_ALLOCATED,
            subject,
            move,
            {"units": pieces[order_id], "locations": sorted(places[order_id])},
        )
    return {order_id: (state, pieces[order_id]) for order_id, state in after.items()}
