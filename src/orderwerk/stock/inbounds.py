"""Goods on their way, read under lock, and the one writer of what has come of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.core import clock, numbering, sql
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.uow import UnitOfWork


@dataclass(slots=True)
class InboundLineState:
    """One product of an inbound as it stands under lock."""

    id: UUID
    product_id: UUID
    expected: int
    received: int
    closed: int
    may_exceed: bool

    @property
    def open(self) -> int:
        """Pieces still to come."""
        return max(0, self.expected - self.received - self.closed)


@dataclass(slots=True)
class InboundState:
    """A locked inbound with its lines by product."""

    id: UUID
    number: str
    kind: str
    location_id: UUID
    origin_id: UUID | None
    status: str
    version: int
    supplier: str
    reference: str
    expected_on: str | None
    lines: dict[UUID, InboundLineState] = field(default_factory=dict)

    @property
    def open_units(self) -> int:
        """All pieces still to come."""
        return sum(line.open for line in self.lines.values())


_LOCK = """
select i.id, i.number, i.kind, i.location_id, i.origin_id, i.status, i.version, i.supplier, i.reference, i.expected_on::text
from stock_inbound i
where i.id = any(%s) order by i.id for no key update
"""
_LINES = """
select inbound_id, id, product_id, expected, received, closed, may_exceed
from stock_inbound_line where inbound_id = any(%s) order by position
"""
_IDS = """
select i.id from stock_inbound i where (i.number = any(%s) or i.id = any(%s)) and (%s::uuid[] is null or i.location_id in (
  select location_id from shops_shop_location where shop_id = any(%s::uuid[])))
"""


def fresh_numbers(count: int, named: Collection[str] = ()) -> Iterator[str]:
    """Return new numbers of ours, past those that somebody gave to a purchase order of their own, also in this call."""
    found: list[str] = []
    while len(found) < count:
        numbers = numbering.next_numbers("stock_inbound_number", count - len(found))
        made = [f"I{number}" for number in numbers]
        rows = sql.fetch("select number from stock_inbound where number = any(%s)", (made,))
        taken = {row[0] for row in rows}.union(named)
        found += [number for number in made if number not in taken]
    return iter(found)


def lock_inbounds(
    unit: UnitOfWork, *, numbers: Iterable[str] = (), ids: Iterable[UUID] = ()
) -> dict[str, InboundState]:
    """Lock inbounds by number or id and read their lines; those at places this actor does not see are left out."""
    shops = None if unit.actor.shop_ids is None else sorted(unit.actor.shop_ids)
    found = [row[0] for row in sql.fetch(_IDS, (list(set(numbers)), list(set(ids)), shops, shops))]
    unit.claim_locks("inbound", found)
    states = [InboundState(*row) for row in sql.fetch(_LOCK, (found,))]
    mine = {s.id: s for s in states if unit.actor.may_see_location(s.location_id)}
    for inbound_id, *values in sql.fetch(_LINES, (list(mine),)):
        line = InboundLineState(*values)
        mine[inbound_id].lines[line.product_id] = line
    return {state.number: state for state in mine.values()}


def check_open(found: InboundState | None, pointer: str = "/inbound_id") -> InboundState:
    """Return an inbound that goods can still come of; refuses with NotFound or WrongState."""
    if found is None:
        raise NotFound("There is no such inbound.", code="unknown_inbound", pointer=pointer)
    if found.status != "open":
        raise WrongState(
            f"Inbound {found.number} is {found.status} already.",
            code="inbound_finished",
            pointer=pointer,
        )
    return found


@dataclass(frozen=True, slots=True)
class LineChange:
    """By how much the counters of one line move."""

    received: int = 0
    closed: int = 0


_CHANGE = """
with line as (
  update stock_inbound_line l set received = l.received + t.received, closed = l.closed + t.closed
  from unnest(%s::uuid[], %s::int[], %s::int[]) as t(id, received, closed) where l.id = t.id
)
update stock_inbound i set version = i.version + 1, status = t.status,
  finished_at = case when t.status = 'open' then null else %s::timestamptz end
from unnest(%s::uuid[], %s::text[]) as t(id, status) where i.id = t.id
returning i.id, i.version
"""


def change_inbounds(
    states: Sequence[InboundState], changes: Mapping[UUID, LineChange]
) -> dict[UUID, tuple[int, str]]:
    """Move the counters of lines (per line id) and the status that follows; returns version and status per inbound.

    The states hold the lines as they are after the change. An inbound of which nothing came is cancelled in the end,
    any other is received.
    """
    if not states:
        return {}
    after = {state.id: _status(state) for state in states}
    rows = sql.fetch(
        _CHANGE,
        (
            list(changes),
            [change.received for change in changes.values()],
            [change.closed for change in changes.values()],
            clock.now(),
            list(after),
            list(after.values()),
        ),
    )
    return {row[0]: (row[1], after[row[0]]) for row in rows}


def _status(state: InboundState) -> str:
    if state.open_units:
        return "open"
    came = any(line.received for line in state.lines.values())
    return "received" if came else "cancelled"
