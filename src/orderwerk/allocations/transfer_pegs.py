"""Pieces that travel for one order: who waits for them, read and changed under the lock of that order."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.allocations.events import ORDER_TRANSFER_ENDED
from orderwerk.core import clock, ids, sql
from orderwerk.core.uow import STILL, Subject, UnitOfWork

# How many pieces of a line's product are on their way for it; to be formatted with the line and the product.
TRAVELLING = (
    "(select coalesce(sum(tp.quantity - tp.arrived - tp.dropped), 0) from allocations_transfer_peg tp "
    "where tp.order_line_id = {line} and tp.product_id = {product} and tp.quantity > tp.arrived + tp.dropped)"
)


@dataclass(frozen=True, slots=True)
class NewPeg:
    """Pieces of a line that have just left with a transfer."""

    shop_id: UUID
    order_id: UUID
    order_line_id: UUID
    product_id: UUID
    location_id: UUID
    inbound_line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class OpenPeg:
    """Pieces of a line that are on their way; `may_claim` is false where the place sends nothing (of this order) any more.

    `explanation` says why the claim stood where they set out.
    """

    id: UUID
    shop_id: UUID
    order_id: UUID
    order_line_id: UUID
    product_id: UUID
    location_id: UUID
    location: str
    transfer: str
    quantity: int
    may_claim: bool
    explanation: str


_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, order_line_id uuid, product_id uuid, location_id uuid, inbound_line_id uuid, "
    "quantity int, arrived int, dropped int, created_at timestamptz"
)


def peg_transfers(pegs: Sequence[NewPeg]) -> None:
    """Write pegs; their orders are locked, and their transfers written in the same transaction."""
    moment = clock.now()
    rows = [
        {
            "id": ids.new_id(), "shop_id": p.shop_id, "order_id": p.order_id, "order_line_id": p.order_line_id,
            "product_id": p.product_id, "location_id": p.location_id, "inbound_line_id": p.inbound_line_id,
            "quantity": p.quantity, "arrived": 0, "dropped": 0, "created_at": moment,
        }
        for p in pegs
    ]  # fmt: skip
    if rows:
        sql.insert_rows("allocations_transfer_peg", _COLUMNS, rows)


_OPEN = """
select p.id, p.shop_id, p.order_id, p.order_line_id, p.product_id, p.location_id, l.code, i.number,
  p.quantity - p.arrived - p.dropped, l.is_active and not exists (
    select 1 from allocations_rejection r where r.order_id = p.order_id and r.location_id = p.location_id),
  coalesce((select a.explanation from allocations_allocation a where a.order_line_id = p.order_line_id
    and a.product_id = p.product_id and a.location_id = i.origin_id order by a.id desc limit 1), '{}')
from allocations_transfer_peg p join stock_inbound_line x on x.id = p.inbound_line_id
join stock_inbound i on i.id = x.inbound_id join stock_location l on l.id = p.location_id
where p.order_id = any(%s) and p.quantity > p.arrived + p.dropped
order by p.id
"""


def open_pegs(order_ids: Iterable[UUID]) -> list[OpenPeg]:
    """Return what travels for orders, the first that left first."""
    return [OpenPeg(*row) for row in sql.fetch(_OPEN, (list(order_ids),))]


_ORDERS = """
select distinct order_id from stock_inbound where order_id is not null and (number = any(%s) or id = any(%s))
"""


def orders_fed_by(*, numbers: Collection[str] = (), ids: Collection[UUID] = ()) -> list[UUID]:
    """Return the orders that transfers (by number or id) were sent for; for whom never changes, so it is read before any lock."""
    return [row[0] for row in sql.fetch(_ORDERS, (list(set(numbers)), list(set(ids))))]


_CHANGE = """
update allocations_transfer_peg p set arrived = p.arrived + t.arrived, dropped = p.dropped + t.dropped
from unnest(%s::uuid[], %s::int[], %s::int[]) as t(id, arrived, dropped) where p.id = t.id
"""


def note_arrived(pieces: Mapping[UUID, int]) -> None:
    """Count pieces of pegs as come in."""
    if pieces:
        sql.execute(_CHANGE, (list(pieces), list(pieces.values()), [0] * len(pieces)))


def drop_pegs(unit: UnitOfWork, pegs: Mapping[UUID, tuple[OpenPeg, int]], reason: str) -> None:
    """Let go so many pieces of pegs: they come for their orders no longer. One event per order and transfer."""
    if not pegs:
        return
    pieces = [n for _, n in pegs.values()]
    sql.execute(_CHANGE, (list(pegs), [0] * len(pieces), pieces))
    units: dict[tuple[UUID, UUID, str], int] = defaultdict(int)
    for peg, n in pegs.values():
        units[(peg.order_id, peg.shop_id, peg.transfer)] += n
    for (order_id, shop_id, transfer), n in units.items():
        subject = Subject("order", order_id, None, order_id, shop_id)
        data = {"transfer": transfer, "units": n, "reason": reason}
        unit.record(ORDER_TRANSFER_ENDED, subject, STILL, data)


_WANTED = """
select t.line_id, t.product_id, coalesce((
    select k.needed from orders_component k where k.order_line_id = t.line_id and k.product_id = t.product_id
  ), l.quantity - l.cancelled) - (
    select coalesce(sum(c.quantity), 0) from allocations_allocation c
    where c.order_line_id = t.line_id and c.product_id = t.product_id and c.status <> 'released')
from unnest(%s::uuid[], %s::uuid[]) as t(line_id, product_id) join orders_line l on l.id = t.line_id
"""


def drop_unwanted(unit: UnitOfWork, order_ids: Iterable[UUID], reason: str) -> None:
    """Let go what travels for (locked) orders and is wanted no longer, the last that left first; it becomes ordinary stock."""
    pegs = open_pegs(order_ids)
    if not pegs:
        return
    places = {(peg.order_line_id, peg.product_id) for peg in pegs}
    rows = sql.fetch(_WANTED, ([line for line, _ in places], [product for _, product in places]))
    wanted = {(row[0], row[1]): int(row[2]) for row in rows}
    going: dict[UUID, tuple[OpenPeg, int]] = {}
    for peg in pegs:
        key = (peg.order_line_id, peg.product_id)
        stays = min(peg.quantity, max(0, wanted[key]))
        wanted[key] -= stays
        if stays < peg.quantity:
            going[peg.id] = (peg, peg.quantity - stays)
    drop_pegs(unit, going, reason)
