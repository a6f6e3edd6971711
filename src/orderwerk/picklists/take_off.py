"""Takes pieces off open pick lists, and says which picked pieces go back to which bin."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.errors import ensure
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork
from orderwerk.picklists.events import (
    PICK_LIST_CANCELLED,
    PICK_LIST_LINES_REMOVED,
    PICK_LIST_PICKED,
)


@dataclass(frozen=True, slots=True)
class PutBack:
    """So many picked pieces of an allocation go from the staging bin back to the bin they came from."""

    allocation_id: UUID
    bin_id: UUID
    staging_id: UUID
    lot: str
    quantity: int


# Found through their orders: there is an index of an order's lines, and of allocations only for what is open. A claim
# keeps the first pieces of its lines: what was cut from it after it was picked are the last ones, and its lines still
# tell them as picked. `mine` is what a line has of the pieces that the claim keeps.
_LINES = """
select l.id, l.allocation_id, l.pick_list_id, l.bin_id, l.lot, l.quantity, l.picked, l.short, l.cancelled, l.is_open,
  (select b.id from stock_bin b where b.location_id = l.location_id and b.kind = 'staging'),
  least(l.picked - l.put_back, greatest(0, a.picked + l.picked - l.put_back - sum(l.picked - l.put_back) over (
    partition by a.id order by l.pick_list_id desc, l.id))) as mine
from allocations_allocation a join picklists_line l on l.order_id = a.order_id and l.allocation_id = a.id
where a.id = any(%s)
order by l.pick_list_id, l.id desc
"""
_SHRINK = """
with shrunk as (
  update picklists_line l
  set cancelled = l.cancelled + t.n, is_open = l.is_open and l.picked + l.short + l.cancelled + t.n < l.quantity
  from unnest(%s::uuid[], %s::int[]) as t(id, n)
  where l.id = t.id
  returning l.product_id, l.location_id, l.bin_id, l.lot, t.n
)
update stock_bin_stock b set planned = b.planned - s.n
from (select product_id, location_id, bin_id, lot, sum(n) as n from shrunk group by 1, 2, 3, 4) s
where b.product_id = s.product_id and b.location_id = s.location_id and b.bin_id = s.bin_id and b.lot = s.lot
"""

_PUT_BACK = """
update picklists_line l set put_back = l.put_back + t.n from unnest(%s::uuid[], %s::int[]) as t(id, n) where l.id = t.id
"""


def take_off_lists(
    unit: UnitOfWork, open_pieces: Mapping[UUID, int], picked_pieces: Mapping[UUID, int]
) -> list[PutBack]:
    """Take pieces that are still to be picked off their lists, and find the bins of picked pieces.

    Both arguments: pieces per allocation. The orders are locked, so the lines stand still; lists whose last open
    line goes are finished (something was picked) or cancelled.
    """
    wanted = {key: n for key, n in open_pieces.items() if n > 0}
    back = {key: n for key, n in picked_pieces.items() if n > 0}
    if not wanted and not back:
        return []
    rows = sql.fetch(_LINES, (list({*wanted, *back}),))
    shrink: dict[UUID, int] = {}
    lists: dict[UUID, int] = defaultdict(int)
    put_backs: list[PutBack] = []
    lying: dict[UUID, int] = defaultdict(int)
    for (
        line,
        allocation,
        pick_list,
        bin_id,
        lot,
        quantity,
        picked,
        short,
        cancelled,
        is_open,
        staging,
        mine,
    ) in rows:
        part = (
            min(wanted.get(allocation, 0), quantity - picked - short - cancelled) if is_open else 0
        )
        if part > 0:
            wanted[allocation] -= part
            shrink[line] = part
            lists[pick_list] += part
        part = min(back.get(allocation, 0), int(mine))
        if part > 0:
            back[allocation] -= part
            lying[line] = part
            put_backs.append(PutBack(allocation, bin_id, staging, lot, part))
    ensure(not any(wanted.values()), "pieces in picking that stand on no open list")
    put_backs += _of_cut_claims(back, lying)
    ensure(not any(back.values()), "picked pieces that no pick line picked")
    _shrink(unit, shrink, lists)
    sql.execute(_PUT_BACK, (list(lying), list(lying.values())))
    return put_backs


# A claim that was cut from another after it was picked has no pick line of its own; the one that it was cut from has. Its
# pieces are the last ones, which that claim does not keep.
_SIBLINGS = """
select a.id, l.id, l.bin_id, l.lot, l.there - l.mine, l.staging_id
from allocations_allocation a
cross join lateral (
  select l.id, l.bin_id, l.lot, l.picked - l.put_back as there,
    (select b.id from stock_bin b where b.location_id = l.location_id and b.kind = 'staging') as staging_id,
    least(l.picked - l.put_back, greatest(0, s.picked + l.picked - l.put_back - sum(l.picked - l.put_back) over (
      partition by s.id order by l.pick_list_id desc, l.id))) as mine
  from allocations_allocation s join picklists_line l on l.order_id = s.order_id and l.allocation_id = s.id and l.picked > 0
  where s.order_line_id = a.order_line_id and s.product_id = a.product_id and s.location_id = a.location_id and s.id <> a.id
) l
where a.id = any(%s) order by a.id, l.id desc
"""


def _of_cut_claims(back: dict[UUID, int], lying: dict[UUID, int]) -> list[PutBack]:
    """Find the bins of picked pieces whose claim was cut from another one; takes them out of `back`, adds them to `lying`."""
    wanted = [key for key, n in back.items() if n > 0]
    left: dict[UUID, int] = {}
    put_backs: list[PutBack] = []
    for allocation, line, bin_id, lot, cut, staging in (
        sql.fetch(_SIBLINGS, (wanted,)) if wanted else ()
    ):
        # Several cut claims share the lines of the one that they were cut from.
        part = min(back[allocation], left.setdefault(line, int(cut)))
        if part > 0:
            back[allocation] -= part
            left[line] -= part
            lying[line] += part
            put_backs.append(PutBack(allocation, bin_id, staging, lot, part))
    return put_backs


def take_lines_off(unit: UnitOfWork, lines: Mapping[UUID, tuple[UUID, int]]) -> None:
    """Take pieces that are still to be picked off named lines: per line its list and the pieces. Lists are locked."""
    lists: dict[UUID, int] = defaultdict(int)
    for pick_list, pieces in lines.values():
        lists[pick_list] += pieces
    _shrink(unit, {line: pieces for line, (_, pieces) in lines.items()}, lists)


def _shrink(unit: UnitOfWork, lines: Mapping[UUID, int], lists: Mapping[UUID, int]) -> None:
    if lines:
        unit.claim_locks("pick_list", lists)
        sql.execute(_SHRINK, (list(lines), list(lines.values())))
        finish_lists(unit, lists)


_FINISH = """
with list as (
  select p.id, p.status, bool_or(l.is_open) as has_open, bool_or(l.picked > 0 or l.short > 0) as worked
  from picklists_pick_list p join picklists_line l on l.pick_list_id = p.id
  where p.id = any(%s) group by p.id, p.status
)
update picklists_pick_list p
set version = p.version + 1,
    status = case when not list.has_open and list.worked then 'picked'
                  when not list.has_open then 'cancelled'
                  when list.worked then 'picking'
                  else p.status end,
    finished_at = case when list.has_open then null else %s end,
    paused_at = case when list.has_open then p.paused_at end,
    snoozed_until = case when list.has_open then p.snoozed_until end,
    snooze_note = case when list.has_open then p.snooze_note else '' end,
    snoozed_by = case when list.has_open then p.snoozed_by else '' end
from list where p.id = list.id
returning p.id, p.version, list.status, p.status
"""


def finish_lists(
    unit: UnitOfWork,
    removed: Mapping[UUID, int],
    worked: Mapping[UUID, tuple[int, int]] | None = None,
) -> dict[UUID, str]:
    """Move lists to the status that their lines say, and record what happened; returns the status per list.

    `removed`: pieces taken off per list; `worked`: pieces picked and short per list.
    """
    done = dict(worked or {})
    statuses: dict[UUID, str] = {}
    for key, version, before, after in sql.fetch(_FINISH, (list({*removed, *done}), clock.now())):
        statuses[key] = after
        subject, move = (
            Subject("pick_list", key, version),
            Move(before, after) if before != after else STILL,
        )
        if key in done:
            unit.record(
                PICK_LIST_PICKED, subject, move, {"picked": done[key][0], "short": done[key][1]}
            )
        elif after == "cancelled":
            unit.record(PICK_LIST_CANCELLED, subject, move, {"units": removed[key]})
        else:
            unit.record(PICK_LIST_LINES_REMOVED, subject, move, {"units": removed[key]})
    return statuses
