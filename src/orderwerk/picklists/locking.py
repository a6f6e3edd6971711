"""Locks pick lists together with the orders whose goods stand on them, in the declared order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.uow import UnitOfWork
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.picklists.statuses import UNFINISHED


@dataclass(slots=True)
class ListState:
    """A locked pick list."""

    id: UUID
    number: str
    location_id: UUID
    status: str
    is_paused: bool
    is_snoozed: bool
    # Since when it is paused or set aside, the earlier of both; None where it goes on.
    aside_since: datetime | None = None


@dataclass(slots=True)
class LineState:
    """A pick line as it stands under the lock of its order; `staging_id` is where picked goods go."""

    id: UUID
    pick_list_id: UUID
    shop_id: UUID
    order_id: UUID
    location_id: UUID
    allocation_id: UUID
    product_id: UUID
    bin_id: UUID
    lot: str
    quantity: int
    picked: int
    short: int
    cancelled: int
    is_open: bool
    staging_id: UUID
    # When its list was made: nobody took anything for it before.
    listed_at: datetime
    expires_on: date | None = None
    put_back: int = 0

    def moment(self, at: datetime | None) -> datetime | None:
        """Return when something was done for it, as told: not before its list was made; None where it is of now."""
        if at is None or at >= clock.now():
            return None
        return max(at, self.listed_at)

    @property
    def left(self) -> int:
        """Pieces still to be picked."""
        return self.quantity - self.picked - self.short - self.cancelled if self.is_open else 0


_LISTS = """
select p.id, p.number, p.location_id, p.status, p.paused_at is not null, coalesce(p.snoozed_until > %s, false), least(p.paused_at,
  (select max(e.at) from core_event e where p.snoozed_until > %s and e.aggregate_id = p.id and e.seq is not null
    and e.kind = 'pick_list.snoozed')), %s::uuid[] is null or not exists (
  select 1 from picklists_line l where l.pick_list_id = p.id and l.shop_id <> all(%s::uuid[]))
from picklists_pick_list p where p.id = any(%s)
order by p.id for no key update
"""


def lock_pick_lists(
    unit: UnitOfWork, pick_list_ids: Sequence[UUID], *, following: Collection[UUID] = ()
) -> dict[UUID, ListState]:
    """Lock pick lists by id; those outside the actor's locations or shops are left out.

    `following` are locked too: lists that lose pieces because of what is found on the named ones, whoever's they are.
    """
    wanted = sorted({*pick_list_ids, *following})
    unit.claim_locks("pick_list", wanted)
    shops = None if unit.actor.shop_ids is None else list(unit.actor.shop_ids)
    now = clock.now()
    rows = sql.fetch(_LISTS, (now, now, shops, shops, wanted))
    return {
        row[0]: ListState(*row[:7])
        for row in rows
        if row[7] and unit.actor.may_see_location(row[2])
    }


def lock_lists_of(unit: UnitOfWork, allocation_ids: Sequence[UUID]) -> None:
    """Lock the unfinished lists that allocations stand on; before the stock, as the lock order wants it."""
    rows = sql.fetch(
        "select distinct pick_list_id from picklists_line where allocation_id = any(%s) and is_open",
        (list(allocation_ids),),
    )
    wanted = unit.claim_locks("pick_list", [row[0] for row in rows])
    sql.execute(
        "select from picklists_pick_list where id = any(%s) order by id for no key update",
        (wanted,),
    )


def check_unfinished(found: ListState | None) -> ListState:
    """Return a list that still has work; refuses with NotFound or WrongState."""
    if found is None:
        raise NotFound(
            "There is no such pick list.", code="unknown_pick_list", pointer="/pick_list_id"
        )
    if found.status not in UNFINISHED:
        raise WrongState(
            f"Pick list {found.number} is {found.status} already.", code="pick_list_finished"
        )
    return found


def check_going(
    found: ListState | None, *, snoozed: bool = False, at: datetime | None = None
) -> ListState:
    """Return a list that can be picked from now; refuses with NotFound or WrongState, also while it is paused or set aside.

    `snoozed`: one that is set aside will do. `at`: when it was done, which may be before it was paused or set aside.
    """
    going = check_unfinished(found)
    if at is not None and going.aside_since is not None and at < going.aside_since:
        return going
    if going.is_paused:
        raise WrongState(
            f"Pick list {going.number} is paused; resume it first.", code="pick_list_paused"
        )
    if going.is_snoozed and not snoozed:
        raise WrongState(
            f"Pick list {going.number} is set aside for now; wake it first.",
            code="pick_list_snoozed",
        )
    return going


_LINES = """
select l.id, l.pick_list_id, l.shop_id, l.order_id, l.location_id, l.allocation_id, l.product_id, l.bin_id, l.lot,
  l.quantity, l.picked, l.short, l.cancelled, l.is_open,
  (select b.id from stock_bin b where b.location_id = l.location_id and b.kind = 'staging'),
  (select p.created_at from picklists_pick_list p where p.id = l.pick_list_id),
  (select t.expires_on from stock_lot t where l.lot <> '' and t.product_id = l.product_id and t.code = l.lot),
  l.put_back
from picklists_line l
where l.id = any(%s) or l.pick_list_id = any(%s)
order by l.id
"""


@dataclass(frozen=True, slots=True)
class Following:
    """Orders and pick lists of anybody that follow from what is found on the named lines: locked together with them."""

    orders: frozenset[UUID] = frozenset()
    pick_lists: frozenset[UUID] = frozenset()


NOBODY = Following()


def read_lines(line_ids: Sequence[UUID]) -> list[LineState]:
    """Return lines as they stand now, without a lock: for a first look."""
    return [LineState(*row) for row in sql.fetch(_LINES, (list(line_ids), []))]


def lock_lines(
    unit: UnitOfWork,
    line_ids: Sequence[UUID] = (),
    pick_list_ids: Sequence[UUID] = (),
    *,
    following: Following = NOBODY,
) -> tuple[dict[UUID, LineState], dict[UUID, ListState], dict[UUID, OrderState]]:
    """Lock the orders of lines (or of whole lists), then the lists, and read the lines under those locks.

    The orders of `following` are returned too, also those that this actor does not see: it only makes them follow.
    """
    parameters = (list(line_ids), list(pick_list_ids))
    before = [LineState(*row) for row in sql.fetch(_LINES, parameters)]
    named = [line.order_id for line in before]
    orders = lock_orders(unit, [*named, *following.orders], of_all_shops=True)
    lists = lock_pick_lists(
        unit,
        [*pick_list_ids, *(line.pick_list_id for line in before)],
        following=following.pick_lists,
    )
    lines = [LineState(*row) for row in sql.fetch(_LINES, parameters)]
    mine = {line.id: line for line in lines if unit.actor.may_see_shop(line.shop_id)}
    return mine, lists, orders
