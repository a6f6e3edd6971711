"""Gives pick lists up: what was planned is free again, what was picked goes back to its bin, exactly."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.held import Held, held_by_ids
from orderwerk.flows.pick_lines import lock_for_picks
from orderwerk.flows.staged_lots import StagedLots, relotted, staged_lots
from orderwerk.orders.counters import LineDelta, OrderState, change_counters
from orderwerk.orders.events import ORDER_UNPICKED
from orderwerk.picklists.locking import LineState, check_unfinished, lock_lines
from orderwerk.picklists.take_off import PutBack, finish_lists
from orderwerk.stock.movements import Movement, Place, write_movements


class CancelPickListItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pick list to give up."""

    pick_list_id: UUID


def cancel_pick_lists(items: Sequence[CancelPickListItem], *, actor: Actor) -> list[Outcome]:
    """Cancel pick lists; goods that have been shipped from them meanwhile stay shipped, what was split off stays picked.

    The outcome tells the list's status: `picked` where something of it stays so.

    Refuses with NotFound, with WrongState a list that is finished, or of which a lot was picked that is blocked by now.
    """
    return retrying(lambda: _cancel(items, actor))


def _cancel(items: Sequence[CancelPickListItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        lines, lists, orders = lock_lines(unit, pick_list_ids=[item.pick_list_id for item in items])
        outcomes: list[Outcome] = []
        chosen: set[UUID] = set()
        staged = _staged(lines.values())
        for item in items:
            try:
                check_unfinished(lists.get(item.pick_list_id))
                for line in lines.values():
                    if line.pick_list_id == item.pick_list_id and line.lot and line.picked:
                        staged.check(line.order_id, (line.product_id, line.location_id))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen.add(item.pick_list_id)
            outcomes.append(Outcome.done(item.pick_list_id))
        mine = [line for line in lines.values() if line.pick_list_id in chosen]
        lock_for_picks(unit, mine, orders, reroute=False)
        held = {h.id: h for h in held_by_ids({line.allocation_id for line in mine})}
        # Claims that were given back while they stood on the list are gone from it already.
        busy = [
            line
            for line in mine
            if (claim := held.get(line.allocation_id)) and claim.status in {"picking", "picked"}
        ]
        statuses = _undo(unit, busy, held, orders)
    # A list of which something stays picked, because it was split off or short, is not cancelled but done.
    return [
        Outcome.done(o.id, status=statuses.get(o.id, "cancelled")) if o.ok and o.id else o
        for o in outcomes
    ]


def _staged(lines: Iterable[LineState]) -> StagedLots:
    named = {line.order_id for line in lines if line.lot and line.picked}
    return staged_lots(named) if named else StagedLots()


_LINES = """
with gone as (
  update picklists_line l set cancelled = l.cancelled + t.left + t.back, picked = l.picked - t.back, is_open = false
  from unnest(%s::uuid[], %s::int[], %s::int[]) as t(id, "left", back) where l.id = t.id
  returning l.product_id, l.location_id, l.bin_id, l.lot, t.left as n
)
update stock_bin_stock b set planned = b.planned - g.n
from (select product_id, location_id, bin_id, lot, sum(n) as n from gone group by 1, 2, 3, 4) g
where b.product_id = g.product_id and b.location_id = g.location_id and b.bin_id = g.bin_id and b.lot = g.lot
"""
_ALLOCATIONS = """
update allocations_allocation a set picked = a.picked - t.n, status = 'allocated'
from unnest(%s::uuid[], %s::int[]) as t(id, n) where a.id = t.id
"""


def _undo(
    unit: UnitOfWork,
    lines: Sequence[LineState],
    held: dict[UUID, Held],
    orders: dict[UUID, OrderState],
) -> dict[UUID, str]:
    """Give back what the claims of lines still have; returns how their lists stand then."""
    if not lines:
        return {}
    back: dict[UUID, int] = defaultdict(int)
    removed: dict[UUID, int] = defaultdict(int)
    deltas: dict[UUID, LineDelta] = defaultdict(LineDelta)
    pieces: dict[UUID, int] = defaultdict(int)
    put_backs: list[PutBack] = []
    parts: list[int] = []
    for line in lines:
        # What was picked and is not its claim's any more, because it was cancelled or split off, stays as it is.
        claim = held[line.allocation_id]
        part = min(line.picked - line.put_back, claim.picked - back[line.allocation_id])
        parts.append(part)
        back[line.allocation_id] += part
        removed[line.pick_list_id] += part + line.left
        if part:
            deltas[claim.order_line_id].picked -= part
            pieces[line.order_id] += part
            put_backs.append(
                PutBack(line.allocation_id, line.bin_id, line.staging_id, line.lot, part)
            )
    movements: list[Movement] = []
    owners = {
        line.allocation_id: (line.order_id, (line.product_id, line.location_id)) for line in lines
    }
    for each, order_id, key in relotted(put_backs, owners):
        source = ids.new_id()
        for bin_id, delta in ((each.staging_id, -each.quantity), (each.bin_id, each.quantity)):
            movements.append(
                Movement(Place(*key, bin_id, each.lot), delta, "unpicked", source, order_id)
            )
    sql.execute(_LINES, ([line.id for line in lines], [line.left for line in lines], parts))
    write_movements(movements, actor=unit.actor)
    sql.execute(_ALLOCATIONS, (list(back), list(back.values())))
    for order_id, state in change_counters(deltas).items():
        subject = Subject("order", order_id, state.version, order_id, state.shop_id)
        unit.record(
            ORDER_UNPICKED,
            subject,
            Move(orders[order_id].status, state.status),
            {"units": pieces[order_id]},
        )
    return finish_lists(unit, removed)
