"""Gives claims back: the one piece behind release, move, cancel, short pick and cancelled shipments.

Takes pieces off pick lists, puts picked ones back into their bins, frees the stock, empties shipments.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork
from orderwerk.flows.held import Held
from orderwerk.flows.staged_lots import relotted
from orderwerk.orders.counters import LineDelta
from orderwerk.picklists.picked_serials import forget_serials
from orderwerk.picklists.take_off import PutBack, take_off_lists
from orderwerk.shipments.events import SHIPMENT_CANCELLED, SHIPMENT_LINES_CHANGED
from orderwerk.shipments.labels import CANCELLED, give_up_labels_of
from orderwerk.shipments.packing import cleared, taken_out
from orderwerk.stock.movements import Movement, Place, change_allocated, write_movements
from orderwerk.stock.shelves import Key


@dataclass(slots=True)
class GivenBack:
    """What changed: counters per line for the caller to book (once, with its own changes) and pieces per order."""

    deltas: dict[UUID, LineDelta] = field(default_factory=lambda: defaultdict(LineDelta))
    pieces: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))


def give_back(
    unit: UnitOfWork,
    held: Sequence[Held],
    take: Mapping[UUID, int],
    *,
    reason: str,
    on_lists: bool = True,
) -> GivenBack:
    """Give `take[allocation]` pieces of each claim back; orders, pick lists' orders and stock are locked by the caller.

    Pieces not yet picked go first. The caller books the returned deltas through `change_counters`. `on_lists` is false
    when the caller has taken the pieces off their pick lists itself (a short pick).
    """
    given = GivenBack()
    parts = [(h, take[h.id]) for h in held if take.get(h.id, 0) > 0]
    if not parts:
        return given
    unpicked = {h.id: max(0, n - (h.quantity - h.picked)) for h, n in parts}
    put_backs = take_off_lists(
        unit,
        {h.id: n - unpicked[h.id] for h, n in parts if on_lists and h.status == "picking"},
        unpicked,
    )
    _shrink_allocations(parts, unpicked)
    freed: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for h, n in parts:
        freed[h.key] -= n
        given.deltas[h.order_line_id].allocated -= n
        given.deltas[h.order_line_id].picked -= unpicked[h.id]
        given.pieces[h.order_id] += n
    # What was promised is let go before pieces lie in a bin again, where a blocked lot would count them.
    change_allocated(freed)
    _return_to_bins(unit, put_backs, {h.id: (h.order_id, h.key) for h, _ in parts})
    _shrink_shipments(unit, parts, reason)
    forget_serials([(h.order_id, h.id) for h, _ in parts if unpicked[h.id]])
    return given


def _return_to_bins(
    unit: UnitOfWork, put_backs: Sequence[PutBack], owners: dict[UUID, tuple[UUID, Key]]
) -> None:
    movements: list[Movement] = []
    for back, order_id, key in relotted(put_backs, owners):
        source = ids.new_id()
        for bin_id, delta in ((back.staging_id, -back.quantity), (back.bin_id, back.quantity)):
            place = Place(*key, bin_id, back.lot)
            movements.append(Movement(place, delta, "unpicked", source, order_id))
    write_movements(movements, actor=unit.actor)


_SHRINK = """
update allocations_allocation a
set picked = a.picked - t.unpicked,
    quantity = case when t.n = a.quantity then a.quantity else a.quantity - t.n end,
    status = case when t.n = a.quantity then 'released'
                  when a.status = 'picking' and a.picked - t.unpicked = a.quantity - t.n then 'picked'
                  else a.status end
from unnest(%s::uuid[], %s::int[], %s::int[]) as t(id, n, unpicked)
where a.id = t.id
"""


def _shrink_allocations(parts: Sequence[tuple[Held, int]], unpicked: Mapping[UUID, int]) -> None:
    sql.execute(
        _SHRINK,
        ([h.id for h, _ in parts], [n for _, n in parts], [unpicked[h.id] for h, _ in parts]),
    )


_SHRINK_LINES = f"""
with shrunk as (
  update shipments_line l
  set quantity = case when t.n = l.quantity then l.quantity else l.quantity - t.n end, is_live = t.n <> l.quantity, packed = 0
  from unnest(%s::uuid[], %s::int[]) as t(allocation_id, n)
  where l.allocation_id = t.allocation_id and l.is_live
  returning l.id, l.shipment_id, t.n, t.n = l.quantity and not l.is_live as gone
), unpacked as (
  delete from shipments_package_line p using shrunk s where p.shipment_line_id = s.id
), {taken_out("shrunk")}, touched as (
  select shipment_id, sum(n) as n from shrunk group by shipment_id
)
select t.shipment_id, t.n,
  not exists (select 1 from shipments_line l where l.shipment_id = t.shipment_id and l.is_live
              and l.id not in (select id from shrunk where gone))
from touched t
"""
_TOUCH = f"""
with touched as (
  update shipments_shipment s
  set version = s.version + 1, status = case when t.empty then 'cancelled' else s.status end,
      cancelled_at = case when t.empty then %s else s.cancelled_at end
  from unnest(%s::uuid[], %s::boolean[]) as t(id, empty)
  where s.id = t.id
  returning s.id, s.number, s.version, s.order_id, s.shop_id, t.empty
), gone as (select id from touched where empty), {cleared("gone")}
select * from touched
"""


def _shrink_shipments(unit: UnitOfWork, parts: Sequence[tuple[Held, int]], reason: str) -> None:
    rows = sql.fetch(_SHRINK_LINES, ([h.id for h, _ in parts], [n for _, n in parts]))
    before = {h.shipment_id: h.shipment_status for h, _ in parts}
    removed = {row[0]: int(row[1]) for row in rows}
    emptied = [row[0] for row in rows if row[2]]
    for key, number, version, order, shop, gone in sql.fetch(
        _TOUCH, (clock.now(), [row[0] for row in rows], [row[2] for row in rows])
    ):
        subject = Subject("shipment", key, version, order, shop)
        if gone:
            unit.record(
                SHIPMENT_CANCELLED,
                subject,
                Move(before[key], "cancelled"),
                {"number": number, "reason": reason},
            )
        else:
            unit.record(
                SHIPMENT_LINES_CHANGED, subject, STILL, {"number": number, "removed": removed[key]}
            )
    give_up_labels_of(unit, emptied, CANCELLED)
