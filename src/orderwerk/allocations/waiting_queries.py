"""Who waits for a product, in the turn in which stock goes to them. Derived whenever it is read, never stored."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.allocations.pegging import Promise
from orderwerk.allocations.promises import count_waiting, pegs_of_products
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_orders

# So many lines in turn are looked at: whoever stands behind them is counted, not shown.
MOST_IN_TURN = 2_000


class WaitingRow(msgspec.Struct, frozen=True):
    """Pieces of a product that an order waits for; `pegged` of them are on their way, all of them by `promised_on`."""

    order_id: UUID
    order_number: str
    shop: str
    customer_name: str
    status: str
    priority: int
    placed_at: datetime
    quantity: int
    pegged: int
    promised_on: date | None


@dataclass(frozen=True, slots=True)
class Queue:
    """The first of those who wait, in turn, and how many orders and pieces wait in all."""

    orders: int
    units: int
    rows: list[WaitingRow]


def who_waits(actor: Actor, product_id: UUID, *, limit: int) -> Queue:
    """Return whose orders wait for a product, as far as the actor may see them; six statements, four where nobody waits.

    What is not paid has no turn; what is on hold keeps it. Shown are some of the first two thousand lines in turn, counted are all.
    """
    waiting, pegs = pegs_of_products([product_id], most=MOST_IN_TURN)
    wanted: dict[UUID, Promise] = defaultdict(Promise)
    for demand in waiting:
        wanted[demand.order_id].waiting += demand.quantity
    if not wanted:
        return Queue(0, 0, [])
    for one in pegs:
        wanted[one.waiting.order_id].pegs.append(one)
    where = Conditions()
    where.add("o.id = any(%s)", list(wanted))
    limit_to_orders(where, actor, order="o.id", shop="o.shop_id")
    rows = sql.read(
        "select o.id, o.number, s.code, o.customer_name, o.status, o.priority, o.placed_at from orders_order o "
        f"join shops_shop s on s.id = o.shop_id where {where.where()} order by o.priority desc, o.placed_at, o.id limit %s",
        (*where.params, limit),
    )
    return Queue(*count_waiting(actor, product_id), [_row(row, wanted[row[0]]) for row in rows])


def _row(row: sql.Row, promise: Promise) -> WaitingRow:
    return WaitingRow(*(*row, promise.waiting, promise.pegged, promise.day))
