"""Routes orders away from a location that was closed; what is being picked there is finished by hand."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.flows.held import held_by_shipments
from orderwerk.flows.reject_shipments import route_away
from orderwerk.orders.counters import OrderState
from orderwerk.shipments.locking import lock_shipments

_BATCH = 200
_CLOSED = "location closed"
_STANDING = """
select distinct s.id from stock_location l
join shipments_shipment s on s.location_id = l.id and s.status in ('open', 'announced')
join orders_order o on o.id = s.order_id and o.holds_open = 0
  and (o.on_account or o.captured_minor + o.authorized_minor >= o.grand_total_minor - o.cancelled_minor)
join shipments_line k on k.shipment_id = s.id and k.is_live
join allocations_allocation a on a.id = k.allocation_id and a.status = 'allocated' and a.picked = 0
where not l.is_active and (%s::uuid[] is null or l.id in (select e.aggregate_id from core_event e where e.id = any(%s::uuid[])))
order by s.id limit %s
"""


def leave_closed_locations(event_ids: Sequence[UUID] | None = None) -> int:
    """Route claims that stand untouched at closed locations elsewhere, at those of some events or at all; returns how many shipments.

    Who was routing while a location was closed did not see that, and writes a claim there after these events were looked
    at; what was on a pick list may be let go later. So all are looked at from time to time. What is on hold, or not paid any more, could
    not be claimed elsewhere: it keeps its claim, and its turn, until it goes on.
    """
    events = None if event_ids is None else list(event_ids)
    left = 0
    while standing := [row[0] for row in sql.fetch(_STANDING, (events, events, _BATCH))]:
        retrying(lambda ids=standing: _leave(ids))  # type: ignore[misc]
        left += len(standing)
    return left


def _leave(shipment_ids: Sequence[UUID]) -> None:
    with unit_of_work(Actor.job("closed location")) as unit:
        shipments, orders = lock_shipments(unit, shipment_ids)
        going = [
            claim
            for claim in held_by_shipments(shipments)
            if claim.status == "allocated" and not claim.picked and _goes_on(orders[claim.order_id])
        ]
        route_away(unit, going, orders, _CLOSED)


def _goes_on(order: OrderState) -> bool:
    return order.payable and not order.holds_open
