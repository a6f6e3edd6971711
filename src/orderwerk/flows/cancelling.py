"""Carries cancellations out: backorder first, then claims, then what is picked; stock and money follow.

The one piece behind cancelling by customer service, accepted cancel requests and orders that expire unpaid.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.allocations.transfer_pegs import drop_unwanted
from orderwerk.core import sql
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.flows.give_back import give_back
from orderwerk.flows.held import Held, held_by_orders, lock_stock_of
from orderwerk.flows.intake_reads import read_shops
from orderwerk.orders.counters import LineDelta, OrderState, change_counters
from orderwerk.orders.events import ORDER_CANCELLED
from orderwerk.orders.pricing import cancelled_value
from orderwerk.orders.substitutions import lapse_substitutions


@dataclass(frozen=True, slots=True)
class Part:
    """What a line needs of one product: the article itself, or one component of a kit."""

    product_id: UUID
    per_kit: int
    allocated: int
    shipped: int


@dataclass(slots=True)
class CancellingLine:
    """An order line as it stands, and what of it goes; `shipped` counts kits of which any part has left.

    `requested` pieces wait for the warehouse's decision, `in_hand` ones are being picked or picked.
    """

    id: UUID
    order_id: UUID
    quantity: int
    cancelled: int
    requested: int
    allocated: int
    shipped: int
    gross: int
    parts: list[Part] = field(default_factory=list)
    in_hand: int = 0
    going: int = 0
    asking: int = 0

    @property
    def open(self) -> int:
        """Pieces that can still be cancelled, or asked for."""
        chosen = self.going + self.asking
        return self.quantity - self.cancelled - self.shipped - self.requested - chosen

    @property
    def free(self) -> int:
        """Of these, pieces that nobody has in his hands."""
        there = self.quantity - self.cancelled - self.shipped - self.going
        return max(0, min(self.open, there - max(self.in_hand, self.requested)))


@dataclass(slots=True)
class Book:
    """All lines of the locked orders, and what leaves with the order when the last piece goes.

    `asking`: the orders of shops that ask the warehouse before they cancel what is being picked. `kept`: what customers pay for
    what goes all the same.
    """

    lines: dict[UUID, CancellingLine]
    by_order: dict[UUID, list[CancellingLine]]
    shipping: dict[UUID, int]
    asking: set[UUID] = field(default_factory=set)
    reasons: dict[UUID, str] = field(default_factory=dict)
    busy: dict[UUID, int] = field(default_factory=dict)
    kept: dict[UUID, int] = field(default_factory=dict)


_LINES = """
select l.id, l.order_id, l.quantity, l.cancelled, l.cancel_requested, l.allocated, l.shipped, l.gross_minor,
       l.product_id, c.product_id, c.per_kit, c.allocated, c.shipped, o.shipping_net_minor + o.shipping_tax_minor,
       s.cancel_while_picking
from orders_line l join orders_order o on o.id = l.order_id join shops_shop s on s.id = o.shop_id
left join orders_component c on c.order_line_id = l.id
where l.order_id = any(%s) order by l.order_id, l.position
"""


def read_book(states: Mapping[UUID, OrderState]) -> Book:
    """Read the lines of locked orders."""
    book = Book({}, defaultdict(list), {})
    for row in sql.fetch(_LINES, (list(states),)):
        line = book.lines.get(row[0])
        if line is None:
            line = book.lines[row[0]] = CancellingLine(*row[:8])
            book.by_order[line.order_id].append(line)
            book.shipping[line.order_id] = row[13]
            if row[14] == "ask":
                book.asking.add(line.order_id)
        if row[9] is not None:
            part = Part(*row[9:13])
            line.parts.append(part)
            # A kit of which one part has left can no longer be cancelled.
            line.shipped = max(line.shipped, -(-part.shipped // part.per_kit))
        elif row[8] is not None:
            line.parts.append(Part(row[8], 1, line.allocated, line.shipped))
    return book


# Work on a list has begun once anything of it was picked or short.
_BUSY = """
select a.id, a.order_line_id, a.product_id,
  case when a.status = 'picked' or exists (
      select 1 from picklists_line l join picklists_pick_list p on p.id = l.pick_list_id
      where l.allocation_id = a.id and l.is_open and p.status <> 'open')
    then a.quantity else a.picked end
from allocations_allocation a
where a.order_id = any(%s) and (a.status in ('picking', 'picked') or (a.status = 'allocated' and a.picked > 0))
"""


def read_in_hand(book: Book) -> None:
    """Note what is being picked or picked of the orders whose shops ask the warehouse; in kits for a kit's line."""
    pieces: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for claim, line_id, product, n in sql.fetch(_BUSY, (list(book.asking),)):
        book.busy[claim] = n
        pieces[(line_id, product)] += n
    for line in book.lines.values():
        for part in line.parts:
            line.in_hand = max(line.in_hand, -(-pieces[(line.id, part.product_id)] // part.per_kit))


def carry_out(
    unit: UnitOfWork,
    states: Mapping[UUID, OrderState],
    book: Book,
    *,
    further: Collection[tuple[UUID, UUID]] = (),
) -> dict[UUID, OrderState]:
    """Cancel what is going of each line; returns the new states of the orders from which something goes.

    What is left of an order and has become payable by it claims stock at once. One event per order. `further`: product and
    location of the stock that the caller will claim afterwards; it is locked with the rest.
    """
    going = [key for key in states if any(line.going for line in book.by_order[key])]
    if not going:
        return {}
    held = held_by_orders(going)
    _lock_stock(unit, going, states, book, (held, further))
    given = give_back(unit, held, _claims_to_take(held, book), reason="cancelled")
    deltas: dict[UUID, LineDelta] = given.deltas
    values: dict[UUID, int] = {}
    for order_id in going:
        for line in book.by_order[order_id]:
            if line.going:
                deltas[line.id].cancelled += line.going
        values[order_id] = value_going(book.by_order[order_id], book.shipping[order_id])
    less = {key: value - book.kept.get(key, 0) for key, value in values.items()}
    after = change_counters(deltas, cancelled_minor=less)
    drop_unwanted(unit, going, "cancelled")
    lapse_substitutions(unit, going)
    for order_id, state in after.items():
        pieces = sum(line.going for line in book.by_order[order_id])
        subject = Subject("order", order_id, state.version, order_id, state.shop_id)
        data = {"units": pieces, "value_minor": values[order_id], "reason": book.reasons[order_id]}
        data |= {"kept_minor": book.kept[order_id]} if order_id in book.kept else {}
        unit.record(ORDER_CANCELLED, subject, Move(states[order_id].status, state.status), data)
    # What is left may be payable now although it was not before.
    ready = [
        s
        for key, s in after.items()
        if s.payable and not states[key].payable and s.status != "cancelled"
    ]
    return after | {key: state for key, (state, _) in claim_open(unit, ready).items()}


def _lock_stock(
    unit: UnitOfWork,
    going: Sequence[UUID],
    states: Mapping[UUID, OrderState],
    book: Book,
    wanted: tuple[Sequence[Held], Collection[tuple[UUID, UUID]]],
) -> None:
    # Once and in order: the claims that go, and what an order that becomes payable may claim afterwards.
    shops, _ = read_shops([], [states[key].shop_id for key in going])
    places = {policy.id: policy.locations for policy in shops.values()}
    held, further = wanted
    keys: set[tuple[UUID, UUID]] = set(further)
    for order_id in going:
        if not states[order_id].payable:
            products = [part.product_id for line in book.by_order[order_id] for part in line.parts]
            keys |= {
                (product, place)
                for product in products
                for place in places[states[order_id].shop_id]
            }
    lock_stock_of(unit, held, keys)
    if further:
        # Both claims together, in order: the second one could not go back to a location that comes before those of the first.
        unit.lock_room(
            p.id for policy in shops.values() for p in policy.places if p.left is not None
        )


def _claims_to_take(held: Sequence[Held], book: Book) -> dict[UUID, int]:
    first = {"allocated": 0, "picking": 1, "picked": 2}
    take: dict[UUID, int] = {}
    # What stays claimed is never more than what the line still needs of a product.
    need = {
        (line.id, part.product_id): part.allocated
        + part.shipped
        - part.per_kit * (line.quantity - line.cancelled - line.going)
        for line in book.lines.values()
        for part in line.parts
    }
    claims = sorted(held, key=lambda h: (first[h.status], h.id))
    # Pieces that nobody has in his hands go first; `busy` is empty where that does not matter.
    for only_free in (True, False):
        for claim in claims:
            key = (claim.order_line_id, claim.product_id)
            most = claim.quantity - (book.busy.get(claim.id, 0) if only_free else 0)
            pieces = min(need[key], most - take.get(claim.id, 0))
            if pieces > 0:
                need[key] -= pieces
                take[claim.id] = take.get(claim.id, 0) + pieces
    return take


def value_going(lines: Sequence[CancellingLine], shipping: int) -> int:
    """Return what is worth what goes of an order's lines; with the last piece its shipping."""
    value = sum(
        cancelled_value(x.gross, x.quantity, x.cancelled + x.going)
        - cancelled_value(x.gross, x.quantity, x.cancelled)
        for x in lines
    )
    everything = all(x.cancelled + x.going == x.quantity for x in lines)
    return value + (shipping if everything else 0)
