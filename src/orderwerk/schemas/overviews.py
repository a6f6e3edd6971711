"""The public shapes of what is told over many objects at once: who waits, what the self-check finds, how far everybody is."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.allocations.promises import PeggedRow
from orderwerk.allocations.waiting_queries import Queue, WaitingRow
from orderwerk.core.keyset import Page
from orderwerk.flows.self_check import LevelCheck
from orderwerk.picklists.queries import ProgressRow
from orderwerk.stock.bin_contents import BinStockRow
from orderwerk.stock.check_queries import LastCheck
from orderwerk.stock.count_plan_queries import DueRow
from orderwerk.stock.queries import HistoryDay


class ProductWaiting(msgspec.Struct, frozen=True):
    """Whose paid orders wait for an article, in the turn in which stock goes to them.

    `orders` and `units` count all of them, also those beyond `limit`; `rows` are the first, of the first 2,000 lines in turn. `pegged` pieces are on their way,
    all of them by `promised_on`.
    """

    orders: int
    units: int
    rows: list[WaitingRow]


class CheckedLevel(msgspec.Struct, frozen=True):
    """One stock level beside what it should be; `differences` names each counter that is wrong: what it says, and should say.

    `ledger` adds up the movements, `in_bins` the bins, `claimed` the open allocations, `listed` what open pick lists ask for,
    `kept_back` what lies of blocked lots. `bins_wrong` bins differ from their own movements or pick lines. `can_be_repaired`:
    `stock-levels/repair` sets the counters right; else somebody has to count.
    """

    product_id: UUID
    sku: str
    location: str
    is_right: bool
    can_be_repaired: bool
    differences: dict[str, tuple[int, int]]
    on_hand: int
    ledger: int
    in_bins: int
    allocated: int
    claimed: int
    planned: int
    listed: int
    blocked: int
    kept_back: int
    bins_wrong: int
    counted_at: datetime | None
    moved_since: int


class StockChecks(msgspec.Struct, frozen=True):
    """What the self-check of stock finds: the levels that are not what they should be, two hundred at most; of one article all.

    `last` is the last run by itself, at night; `open` counts the levels that it found wrong and that are not right again.
    """

    items: list[CheckedLevel]
    last: LastCheck | None
    open: int


class BinStock(msgspec.Struct, frozen=True):
    """What lies in one bin of one lot (without lots: an empty word); `planned` of it is asked for by open pick lists.

    `kind` is `staging` for picked goods, `to_count`: somebody asked for a count; `blocked`: why the lot must not leave.
    """

    location: str
    bin: str
    kind: str
    lot: str
    sku: str
    quantity: int
    planned: int
    to_count: bool
    expires_on: date | None
    blocked: str


class BinStocks(msgspec.Struct, frozen=True):
    """A page of what lies in bins: of an article by location and walking order, of a bin by sku; `next` is the cursor of the page after it."""

    items: list[BinStock]
    next: str | None


class StockHistory(msgspec.Struct, frozen=True):
    """What lay of an article at the end of each day (UTC), and what came and went on it; all visible locations together."""

    days: list[HistoryDay]


class PickProgress(msgspec.Struct, frozen=True):
    """How far each person is: lists that are unfinished, and those finished in the last hours; no name: lists that nobody has."""

    people: list[ProgressRow]


class InboundOrders(msgspec.Struct, frozen=True):
    """Whose pieces come with an inbound, in turn; `orders` and `units` count all of them, also those beyond `limit`."""

    orders: int
    units: int
    rows: list[PeggedRow]


class DueCount(msgspec.Struct, frozen=True):
    """A product in a bin whose turn to be counted has come: of this class, every so many days, last counted then."""

    sku: str
    name: str
    bin: str
    abc: str
    days: int
    counted_at: datetime | None


class DueCounts(msgspec.Struct, frozen=True):
    """What is due at a location by its plan and not asked for yet, the most overdue first."""

    location: str
    items: list[DueCount]


def inbound_orders(rows: Sequence[PeggedRow], limit: int) -> InboundOrders:
    """Return the public shape of whose pieces come with an inbound."""
    orders = len({row.order_id for row in rows})
    return InboundOrders(orders, sum(row.quantity for row in rows), list(rows[:limit]))


def due_counts_shape(location: str, rows: Sequence[DueRow]) -> DueCounts:
    """Return the public shape of what is due to be counted."""
    items = [DueCount(r.sku, r.name, r.bin, r.abc, r.days, r.counted_at) for r in rows]
    return DueCounts(location, items)


def product_waiting(queue: Queue) -> ProductWaiting:
    """Return the public shape of who waits for an article."""
    return ProductWaiting(queue.orders, queue.units, queue.rows)


def stock_checks(
    checks: Sequence[LevelCheck], last: LastCheck | None, standing: int
) -> StockChecks:
    """Return the public shape of what the self-check found."""
    items = [
        CheckedLevel(**{name: getattr(check, name) for name in CheckedLevel.__struct_fields__})
        for check in checks
    ]
    return StockChecks(items, last, standing)


def bin_stocks(page: Page[BinStockRow]) -> BinStocks:
    """Return the public shape of what lies in bins."""
    return BinStocks([BinStock(*msgspec.structs.astuple(row)) for row in page.items], page.next)


def stock_history_shape(days: Sequence[HistoryDay]) -> StockHistory:
    """Return the public shape of what lay there day by day."""
    return StockHistory(list(days))


def pick_progress_shape(people: Sequence[ProgressRow]) -> PickProgress:
    """Return the public shape of how far everybody is."""
    return PickProgress(list(people))
