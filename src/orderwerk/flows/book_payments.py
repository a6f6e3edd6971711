"""Counts what payments bring towards their orders: received, promised; the one writer of these counters after placing."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.orders.counters import OrderState
from orderwerk.orders.events import ORDER_PAYMENT_CHANGED


class Changes:
    """By how much what orders have received and been promised changes."""

    def __init__(self) -> None:
        self.captured: dict[UUID, int] = defaultdict(int)
        self.authorized: dict[UUID, int] = defaultdict(int)
        self.on_account: set[UUID] = set()
        self.touched: set[UUID] = set()

    def grown(self) -> list[UUID]:
        """Return the orders for which more has been received or promised now."""
        return [key for key in self.touched if self.captured[key] + self.authorized[key] > 0]

    def add(self, order_id: UUID, before: tuple[int, int], after: tuple[int, int]) -> None:
        """Count a change of (authorised, captured) of one payment towards its order."""
        self.captured[order_id] += after[1] - before[1]
        self.authorized[order_id] += (after[0] - after[1]) - (before[0] - before[1])
        self.touched.add(order_id)


_BOOK = """
update orders_order o
set captured_minor = o.captured_minor + t.captured, authorized_minor = o.authorized_minor + t.authorized,
    on_account = o.on_account or t.on_account, version = o.version + 1
from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::boolean[]) as t(id, captured, authorized, on_account)
where o.id = t.id
returning o.id, o.shop_id, o.number, o.status, o.version, o.holds_open,
  o.on_account or o.captured_minor + o.authorized_minor >= o.grand_total_minor - o.cancelled_minor,
  o.captured_minor, o.authorized_minor
"""


def book_payments(
    unit: UnitOfWork, states: Mapping[UUID, OrderState], changes: Changes
) -> dict[UUID, OrderState]:
    """Write the changes to locked orders, with one event each; returns the orders as they stand then."""
    keys = sorted(changes.touched)
    after: dict[UUID, OrderState] = {}
    rows = sql.fetch(
        _BOOK,
        (
            keys,
            [changes.captured[k] for k in keys],
            [changes.authorized[k] for k in keys],
            [k in changes.on_account for k in keys],
        ),
    )
    for row in rows:
        state = OrderState(*row[:7])
        after[state.id] = state
        subject = Subject("order", state.id, state.version, state.id, state.shop_id)
        data = {"paid_minor": row[7], "authorized_minor": row[8]}
        unit.record(
            ORDER_PAYMENT_CHANGED, subject, Move(states[state.id].status, state.status), data
        )
    return after
