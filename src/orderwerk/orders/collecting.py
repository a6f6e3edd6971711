"""Which orders the customer collects: those stand where he comes, and go nowhere else."""

from collections.abc import Iterable
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import WrongState
from orderwerk.orders.counters import OrderState


def collected_among(order_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return which of these orders are collected; what was agreed never changes. One statement."""
    rows = sql.fetch(
        "select id from orders_order where id = any(%s) and collect_location_id is not null",
        (sorted(set(order_ids)),),
    )
    return frozenset(row[0] for row in rows)


def check_sent_orders(state: OrderState, collected: frozenset[UUID]) -> None:
    """Refuse (WrongState) to claim pieces of an order elsewhere that the customer comes to collect."""
    if state.id in collected:
        raise WrongState(
            f"The customer collects order {state.number}: its pieces stand where he comes.",
            code="is_collected",
        )
