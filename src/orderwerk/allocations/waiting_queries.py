"""Who waits for a product, in the turn in which stock goes to them. Derived whenever it is read, never stored."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.allocations.pegging import Promise
from orderwerk.allocations.promises import orders_in_turn, pegs_of_products
from orderwerk.core import sql
from orderwerk.core.actor import Actor

# So many lines in turn are looked at for what comes: for whoever stands behind them nothing is.
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
    """Return whose orders wait for a product, as far as the actor may see them; seven statements at most, one where nobody waits.

    What is not paid has no turn; what is on hold keeps it. Shown are the first in turn that the actor may see, counted are all.
    What comes is told of the first two thousand lines of everybody's: whoever stands behind them expects nothing yet.
    They are the first before rules are asked: where none of them may be served from where something comes, it is shown for nobody here,
    though the pages of the orders behind them promise it. Two statements more for each further 500 orders that are asked about.
    """
    rows = orders_in_turn(actor, product_id, limit=limit)
    if not rows:
        return Queue(0, 0, [])
    wanted = {row[0]: Promise(row[7]) for row in rows}
    _, pegs = pegs_of_products([product_id], most=MOST_IN_TURN)
    for one in pegs:
        if one.waiting.order_id in wanted:
            wanted[one.waiting.order_id].pegs.append(one)
    orders, units = rows[0][8:]
    return Queue(orders, units, [_row(row[:7], wanted[row[0]]) for row in rows])


def _row(row: sql.Row, promise: Promise) -> WaitingRow:
    return WaitingRow(*(*row, promise.waiting, promise.pegged, promise.day))
