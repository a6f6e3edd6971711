"""Lets a location say that it cannot send a shipment: its claims are routed elsewhere at once, and it is not asked again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork, retrying, unit_of_work
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.flows.give_back import give_back
from orderwerk.flows.held import Held, held_by_shipments, lock_stock_of
from orderwerk.flows.intake_reads import read_shops
from orderwerk.flows.release_allocations import book_given_back
from orderwerk.orders.counters import OrderState
from orderwerk.shipments.locking import check_not_shipped, lock_shipments

REJECTED = "rejected by the location"


class RejectShipmentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shipment that its location cannot send, and why."""

    shipment_id: UUID
    reason: fields.Reason


def reject_shipments(items: Sequence[RejectShipmentItem], *, actor: Actor) -> list[Outcome]:
    """Give a shipment's claims back, picked goods to their bins, and claim the pieces at other locations at once.

    What no other location has waits as backorder; this one is not asked for the order again. Refuses with NotFound, with
    WrongState a shipment that has left, is cancelled or empty.
    """
    return retrying(lambda: _reject(items, actor))


def _reject(items: Sequence[RejectShipmentItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, orders = lock_shipments(unit, [item.shipment_id for item in items])
        held: dict[UUID, list[Held]] = defaultdict(list)
        for claim in held_by_shipments(shipments):
            held[claim.shipment_id].append(claim)
        chosen: dict[UUID, RejectShipmentItem] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                found = check_not_shipped(shipments.get(item.shipment_id))
                if found.id in chosen or not held[found.id]:
                    raise WrongState("The shipment is empty.", code="shipment_empty")
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen[found.id] = item
            outcomes.append(Outcome.done(found.id))
        going = [claim for key in chosen for claim in held[key]]
        claimed = route_away(unit, going, orders, REJECTED, remember={key: i.reason for key, i in chosen.items()})  # fmt: skip
    return [
        Outcome.done(
            o.id,
            status="cancelled",
            released=sum(claim.quantity for claim in held[o.id]),
            claimed=claimed.get(shipments[o.id].order_id, 0),
        )
        if o.ok and o.id
        else o
        for o in outcomes
    ]


def route_away(
    unit: UnitOfWork,
    going: Sequence[Held],
    orders: Mapping[UUID, OrderState],
    reason: str,
    *,
    remember: Mapping[UUID, str] | None = None,
) -> dict[UUID, int]:
    """Give claims of locked orders back and claim their pieces anew; returns per order the pieces claimed.

    `remember`: per shipment why its location is not to be asked for that order again.
    """
    if not going:
        return {}
    shops, _ = read_shops([], [claim.shop_id for claim in going])
    places = {place for policy in shops.values() for place in policy.locations}
    products = {claim.product_id for claim in going}
    lock_stock_of(unit, going, {(product, place) for product in products for place in places})
    if remember:
        _remember(unit, going, remember)
    given = give_back(unit, going, {claim.id: claim.quantity for claim in going}, reason=reason)
    between = book_given_back(unit, given, dict(orders), reason)
    done = claim_open(unit, between.values(), only=products)
    return {key: pieces for key, (_, pieces) in done.items()}


def _remember(unit: UnitOfWork, going: Sequence[Held], reasons: Mapping[UUID, str]) -> None:
    rows = {
        (claim.order_id, claim.location_id): {
            "id": ids.new_id(), "shop_id": claim.shop_id, "order_id": claim.order_id, "location_id": claim.location_id,
            "reason": reasons[claim.shipment_id], "actor_name": unit.actor.name, "created_at": clock.now(),
        }
        for claim in going
    }  # fmt: skip
    sql.insert_rows(
        "allocations_rejection",
        "id uuid, shop_id uuid, order_id uuid, location_id uuid, reason text, actor_name text, created_at timestamptz",
        list(rows.values()),
        tail="on conflict (order_id, location_id) do update set reason = excluded.reason returning id",
    )
