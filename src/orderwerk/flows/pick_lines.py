"""Sets on the spot what was picked and what was short; the rest of a short pick is routed again at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.flows.held import held_by_ids
from orderwerk.flows.intake_reads import read_shops
from orderwerk.flows.pick_serials import PickedSerials
from orderwerk.flows.short_picks import REASON, Short, Told, settle_shorts, who_follows
from orderwerk.orders.counters import OrderState, change_counters, check_not_held
from orderwerk.orders.document import MAX_LINES
from orderwerk.orders.events import ORDER_DEALLOCATED, ORDER_PICKED
from orderwerk.picklists.locking import LineState, ListState, check_going, lock_lines
from orderwerk.picklists.take_off import finish_lists
from orderwerk.stock.count_requests import ToCount, count_again, count_bins_again, request_counts
from orderwerk.stock.lots import is_over
from orderwerk.stock.movements import Movement, Place, write_movements
from orderwerk.stock.shelves import Shelf, lock_shelves, look_up_bins

Pieces = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class PickItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was collected for one pick line, and how many are missing for good, with the reason.

    `bin` and `lot`: where the pieces were taken from instead of what the line names. `serials`: the serial numbers of
    picked pieces, as far as they were read; packing asks for the others. `picked_at` is when it was done (left out: now); a
    bin that was counted since is to be counted again. `is_undated`: nobody knows when, since the list was made (it is typed in from
    paper, say); `picked_at` is then the best guess.
    """

    pick_line_id: UUID
    picked: Pieces
    short: Pieces = 0
    reason: fields.Line = ""
    bin: fields.Code | None = None
    lot: fields.Lot | None = None
    serials: Annotated[list[fields.Serial], msgspec.Meta(max_length=MAX_LINES)] = []
    picked_at: datetime | None = None
    is_undated: bool = False


def pick_lines(items: Sequence[PickItem], *, actor: Actor) -> list[Outcome]:
    """Book picks: goods go to the staging bin. Short pieces leave the stock with their reason and are claimed elsewhere.

    A reason that begins with "damaged" takes the short pieces alone; with any other one the bin is empty after what was
    picked, and whoever else was to take from it is looked for elsewhere too; what came there after `picked_at` stays. A count
    of the bin is asked for.

    Refuses with NotFound, with WrongState a line that is done or whose list is paused, or taking anything for an order on hold
    (what is short may be told), with LimitExceeded more than is left to pick or than lies in another bin or lot, taking a lot that is blocked
    or whose day is over, with BadInput nothing at all, or a short pick without a reason. Serial numbers are refused as
    `record_serials` refuses them, and with their piece. What was taken before its list was paused or set aside is taken, whenever
    that is told.
    """
    return retrying(lambda: _pick(items, actor))


@dataclass(frozen=True, slots=True)
class Pick:
    """A checked pick: so many from this bin, so many short; `at`: when (None: now), `since`: when at the earliest (None: now)."""

    line: LineState
    bin_id: UUID
    picked: int
    short: int
    reason: str
    lot: str
    at: datetime | None = None
    since: datetime | None = None


def _pick(items: Sequence[PickItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        told = [Told(i.pick_line_id, i.picked, i.short, i.reason, i.bin, i.lot) for i in items]
        lines, lists, orders = lock_lines(
            unit, [item.pick_line_id for item in items], following=who_follows(told)
        )
        usable = {key: line for key, line in lines.items() if line.pick_list_id in lists}
        any_short = any(item.short for item in items)
        shelves = lock_for_picks(unit, list(usable.values()), orders, reroute=any_short)
        bins = look_up_bins(
            [
                (line.location_id, i.bin)
                for i in items
                if i.bin and (line := usable.get(i.pick_line_id))
            ]
        )
        outcomes: list[Outcome] = []
        picks: list[Pick] = []
        again: list[ToCount] = []
        serials = PickedSerials(items, usable, actor)
        for item in items:
            line, numbers = usable.get(item.pick_line_id), None
            try:
                if line is not None and line.left:
                    _check_open(item, lists[line.pick_list_id], orders[line.order_id])
                    numbers = serials.plan(item, line)
                pick = _check(item, usable, bins, shelves)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                if line is not None and item.picked and (line.left or line.cancelled):
                    # It is in nobody's books that they were taken, but a count may have missed them: the one that relieved the line.
                    left = bins.get((line.location_id, item.bin or ""), line.bin_id)
                    again += count_again(_shelf(shelves, line), {left}, _since(item, line))
                continue
            again += _told_late(pick, _shelf(shelves, pick.line))
            serials.use(numbers)
            picks.append(pick)
            outcomes.append(Outcome.done(pick.line.id))
        statuses = book_picks(unit, picks, orders, serials)
        request_counts(unit, again)
    return [
        Outcome.done(
            o.id, left=lines[o.id].left, pick_list_status=statuses[lines[o.id].pick_list_id]
        )
        if o.ok and o.id
        else o
        for o in outcomes
    ]


def _shelf(shelves: Mapping[tuple[UUID, UUID], Shelf], line: LineState) -> Shelf:
    return shelves[(line.product_id, line.location_id)]


def _since(item: PickItem, line: LineState) -> datetime | None:
    """Return when something was picked at the earliest; None where it is of now."""
    return line.listed_at if item.is_undated else line.moment(item.picked_at)


def _told_late(pick: Pick, shelf: Shelf) -> list[ToCount]:
    """Return the bins that were counted after this, or whose location was: whoever counts shelves sees no pieces in a cart.

    What is typed in is asked for by bin alone: where another system feeds the figures of the location, each list is older than the last.
    """
    is_dated = pick.at is not None
    again = (
        count_again(shelf, {pick.bin_id}, pick.since, changes_total=is_dated) if pick.picked else []
    )
    if not pick.short:
        return again
    return [*again, *count_bins_again(shelf, {pick.line.bin_id}, pick.since, named=True)]


def _check_open(item: PickItem, found: ListState, order: OrderState) -> None:
    check_going(found, at=item.picked_at)
    # That pieces are missing or broken is true whether the order is on hold or not; only taking waits.
    if item.picked:
        check_not_held(order)


def lock_for_picks(
    unit: UnitOfWork,
    lines: Sequence[LineState],
    orders: Mapping[UUID, OrderState],
    *,
    reroute: bool,
) -> dict[tuple[UUID, UUID], Shelf]:
    """Lock the levels that lines take from, and with `reroute` those where missing pieces may be claimed instead."""
    keys = {(line.product_id, line.location_id) for line in lines}
    if reroute:
        shops, _ = read_shops([], [state.shop_id for state in orders.values()])
        # All of them for each line: claiming again asks for every product at every location of these shops.
        places = {place for policy in shops.values() for place in policy.locations}
        keys |= {(line.product_id, place) for line in lines for place in places}
    return lock_shelves(unit, keys)


def _check(
    item: PickItem,
    lines: Mapping[UUID, LineState],
    bins: Mapping[tuple[UUID, str], UUID],
    shelves: Mapping[tuple[UUID, UUID], Shelf],
) -> Pick:
    line = lines.get(item.pick_line_id)
    if line is None:
        raise NotFound(
            "There is no such pick line.", code="unknown_pick_line", pointer="/pick_line_id"
        )
    if not line.left:
        raise WrongState(
            "This line is done already.", code="pick_line_done", pointer="/pick_line_id"
        )
    if item.picked + item.short == 0:
        raise BadInput(
            "Nothing was picked and nothing is short.", code="nothing_picked", pointer="/picked"
        )
    if item.picked + item.short > line.left:
        raise LimitExceeded(
            f"Only {line.left} are left to pick on this line.",
            code="too_many_picked",
            pointer="/picked",
        )
    if item.short and not item.reason:
        raise BadInput("A short pick needs a reason.", code="reason_required", pointer="/reason")
    shelf = _shelf(shelves, line)
    bin_id, lot = line.bin_id, item.lot or line.lot
    if item.bin is not None or lot != line.lot:
        bin_id = _other_place(item, line, bins, shelf)
    if lot and item.picked:
        row = shelf.bin(bin_id, lot)
        check_usable(
            lot, is_blocked=row is not None and row.is_blocked, day=row.expires_on if row else None
        )
    line.picked += item.picked
    line.short += item.short
    at, since = line.moment(item.picked_at), _since(item, line)
    return Pick(line, bin_id, item.picked, item.short, item.reason, lot, at, since)


def check_usable(lot: str, *, is_blocked: bool, day: date | None) -> None:
    """Refuse (WrongState) to take pieces of a lot that must not leave."""
    if is_blocked or is_over(day):
        raise WrongState(
            f"Lot {lot} must not leave: it is blocked, or its day is over. Book it as short.",
            code="lot_blocked",
            pointer="/lot",
        )


def _other_place(
    item: PickItem, line: LineState, bins: Mapping[tuple[UUID, str], UUID], shelf: Shelf
) -> UUID:
    bin_id = line.bin_id if item.bin is None else bins.get((line.location_id, item.bin))
    lot = item.lot or line.lot
    if bin_id is None:
        raise NotFound(
            f"There is no bin {item.bin} at this location.", code="unknown_bin", pointer="/bin"
        )
    row = shelf.bin(bin_id, lot)
    other = (bin_id, lot) != (line.bin_id, line.lot)
    if other and (row is None or row.kind != "pick" or row.free < item.picked):
        raise LimitExceeded(
            f"{item.bin or 'This bin'}{f', lot {lot},' if lot else ''} has too few that nobody else is to pick.",
            code="not_enough_stock",
            pointer="/bin" if item.lot is None else "/lot",
        )
    if row is not None and other:
        row.quantity -= item.picked
    return bin_id


_LINES = """
with done as (
  update picklists_line l
  set picked = l.picked + t.picked, short = l.short + t.short,
      short_reason = case when t.short > 0 then t.reason else l.short_reason end,
      is_open = l.picked + t.picked + l.short + t.short + l.cancelled < l.quantity
  from unnest(%s::uuid[], %s::int[], %s::int[], %s::text[]) as t(id, picked, short, reason)
  where l.id = t.id
  returning l.product_id, l.location_id, l.bin_id, l.lot, t.picked + t.short as n
)
update stock_bin_stock b set planned = b.planned - d.n
from (select product_id, location_id, bin_id, lot, sum(n) as n from done group by 1, 2, 3, 4) d
where b.product_id = d.product_id and b.location_id = d.location_id and b.bin_id = d.bin_id and b.lot = d.lot
"""
_ALLOCATIONS = """
update allocations_allocation a
set picked = a.picked + t.n, status = case when a.picked + t.n = a.quantity then 'picked' else a.status end
from unnest(%s::uuid[], %s::int[]) as t(id, n) where a.id = t.id
"""


def book_picks(
    unit: UnitOfWork,
    picks: Sequence[Pick],
    orders: Mapping[UUID, OrderState],
    serials: PickedSerials | None = None,
) -> dict[UUID, str]:
    """Write checked picks (each line once) in a fixed number of statements; returns the status per pick list."""
    if not picks:
        return {}
    by_line: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    worked: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    reasons: dict[UUID, str] = {}
    for pick in picks:
        by_line[pick.line.id][0] += pick.picked
        by_line[pick.line.id][1] += pick.short
        reasons[pick.line.id] = pick.reason or reasons.get(pick.line.id, "")
        done = worked[pick.line.pick_list_id]
        worked[pick.line.pick_list_id] = (done[0] + pick.picked, done[1] + pick.short)
    keys = list(by_line)
    sql.execute(
        _LINES,
        (
            keys,
            [by_line[k][0] for k in keys],
            [by_line[k][1] for k in keys],
            [reasons[k] for k in keys],
        ),
    )
    if serials is not None:
        serials.write(unit)
    _stage(unit, picks)
    _book_orders(unit, picks, orders)
    return finish_lists(unit, {}, worked)


def _stage(unit: UnitOfWork, picks: Sequence[Pick]) -> None:
    taken: dict[UUID, int] = defaultdict(int)
    movements: list[Movement] = []
    for pick in picks:
        line, source = pick.line, ids.new_id()
        taken[line.allocation_id] += pick.picked
        if pick.picked:
            for bin_id, delta in ((pick.bin_id, -pick.picked), (line.staging_id, pick.picked)):
                place = Place(line.product_id, line.location_id, bin_id, pick.lot)
                movements.append(
                    Movement(place, delta, "picked", source, line.order_id, at=pick.at)
                )
    write_movements(movements, actor=unit.actor)
    sql.execute(_ALLOCATIONS, (list(taken), list(taken.values())))


def _book_orders(
    unit: UnitOfWork, picks: Sequence[Pick], orders: Mapping[UUID, OrderState]
) -> None:
    picked: dict[UUID, int] = defaultdict(int)
    order_lines = {
        h.id: h.order_line_id for h in held_by_ids({p.line.allocation_id for p in picks})
    }
    shorts = [Short(pick.line, pick.short, pick.reason, pick.at) for pick in picks if pick.short]
    settled = settle_shorts(unit, shorts, orders)
    for pick in picks:
        pick.line.cancelled += settled.off_lines.pop(pick.line.id, 0)
        picked[pick.line.order_id] += pick.picked
        settled.deltas[order_lines[pick.line.allocation_id]].picked += pick.picked
    after = change_counters(settled.deltas)
    for order_id, state in after.items():
        subject = Subject("order", order_id, state.version, order_id, state.shop_id)
        move = Move(orders[order_id].status, state.status)
        lost = settled.pieces[order_id]
        if picked[order_id]:
            data = {"units": picked[order_id], "short": lost}
            unit.record(ORDER_PICKED, subject, move, data)
        else:
            unit.record(ORDER_DEALLOCATED, subject, move, {"units": lost, "reason": REASON})
    losers = [state for key, state in after.items() if settled.pieces[key]]
    claim_open(unit, losers, only={short.line.product_id for short in shorts})
