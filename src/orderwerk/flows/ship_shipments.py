"""Ships: goods leave the stock, claims are fulfilled, the order's status follows; whole or in part."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.allocations.commands.claim import NewAllocation, claim_stock
from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.going import check_asked_back, check_picked
from orderwerk.flows.held import Held, held_by_shipments, lock_stock_of
from orderwerk.flows.named_lines import allocations_of, named_pieces
from orderwerk.flows.off_the_shelves import TakenOff, check_days
from orderwerk.flows.staged_lots import StagedLots, staged_lots
from orderwerk.orders.cancel_requests import lines_asked_back
from orderwerk.orders.counters import LineDelta, OrderState, change_counters
from orderwerk.orders.document import MAX_LINES
from orderwerk.orders.events import ORDER_SHIPPED
from orderwerk.orders.substitutions import lapse_substitutions
from orderwerk.shipments.commands.fill import fill_shipments
from orderwerk.shipments.doors import Door, check_same_door, doors_of
from orderwerk.shipments.events import SHIPMENT_SHIPPED
from orderwerk.shipments.following import CODE_OF_PARCEL, follow_parcels
from orderwerk.shipments.locking import (
    ShipmentState,
    check_by_itself,
    check_collected,
    check_complete,
    check_label,
    check_not_shipped,
    check_sent,
    lock_parcels,
)
from orderwerk.shipments.serials import SerialBook, SerialChange, SerialPiece
from orderwerk.shipments.slips import keep_slips
from orderwerk.stock.movements import change_allocated
from orderwerk.stock.shelves import Shelf

Key = tuple[UUID, UUID]


class ShipLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of one shipment line."""

    shipment_line_id: UUID
    quantity: fields.Quantity


class ShipItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shipment that leaves; with `lines` only that part of it, the rest stays in an open shipment.

    `serials`: every piece that leaves and has a serial number; left out: those that were recorded before. `taken_at` is when
    its pieces were taken from where they lay (left out: now); a bin that was counted since is to be counted again.
    """

    shipment_id: UUID
    tracking_code: (
        Annotated[str, msgspec.Meta(max_length=100, pattern=r"^[^\r\n\t]*(?![\s\S])")] | None
    ) = None
    tracking_url: fields.Url | None = None
    notify: bool = False
    lines: Annotated[list[ShipLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)] | None = None
    serials: Annotated[list[SerialPiece], msgspec.Meta(max_length=MAX_LINES)] | None = None
    taken_at: datetime | None = None


def ship_shipments(items: Sequence[ShipItem], *, actor: Actor) -> list[Outcome]:
    """Ship; with `notify` the customer gets an e-mail.

    Refuses with NotFound, with WrongState a shipment that has left or is cancelled, an order on hold or not paid,
    a lot that is blocked, goods that are still being picked (or not picked yet where the shop uses pick lists) or that an open cancel request
    wants back, a parcel whose orders do not go to one door any more, what the customer collects, a whole shipment to which pieces still travel, a parcel whose label shows another address, pieces without their serial numbers or with one that is out already, with LimitExceeded more of a line than it holds.
    """
    return retrying(lambda: _ship(items, actor))


@dataclass(frozen=True, slots=True)
class _Asked:
    """One shipment that is to leave, and its share of the pieces that were named, by their place; None: none were."""

    item: ShipItem
    serials: Mapping[int, SerialPiece] | None


@dataclass(slots=True)
class _Leaving:
    """One shipment on its way out: which claims go, whole or in part."""

    shipment: ShipmentState
    item: ShipItem
    parts: list[tuple[Held, int]]
    serials: SerialChange


@dataclass(frozen=True, slots=True)
class _Locked:
    """What is known under the locks: shipments, orders, claims per shipment, and lines that are asked back."""

    shipments: Mapping[UUID, ShipmentState]
    orders: Mapping[UUID, OrderState]
    held: Mapping[UUID, list[Held]]
    asked_back: frozenset[UUID]
    serials: SerialBook
    at_counter: bool
    doors: Mapping[UUID, Door]


def _ship(items: Sequence[ShipItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        return let_leave(unit, items)


def let_leave(
    unit: UnitOfWork, items: Sequence[ShipItem], *, at_counter: bool = False
) -> list[Outcome]:
    """Let shipments leave within a transaction; refuses as `ship_shipments`.

    `at_counter`: they are handed to customers who came to collect them; otherwise such ones are refused.
    """
    shipments, orders, carried = lock_parcels(unit, [item.shipment_id for item in items])
    held: dict[UUID, list[Held]] = defaultdict(list)
    for claim in held_by_shipments(shipments):
        held[claim.shipment_id].append(claim)
    shelves = lock_stock_of(unit, [claim for claims in held.values() for claim in claims])
    lines = allocations_of(line for item in items for line in item.lines or ())
    locked = _Locked(
        shipments, orders, held, lines_asked_back(list(orders)),
        SerialBook(shipments, [piece for item in items for piece in item.serials or ()], unit.actor), at_counter,
        doors_of([key for parcel in carried.items() for key in (parcel[0], *parcel[1])]),
    )  # fmt: skip
    outcomes: list[Outcome] = []
    leaving: dict[UUID, _Leaving] = {}
    goods = TakenOff(shelves, _staged(shelves, orders))
    for item in items:
        try:
            group = [
                _ready(each, locked, leaving, lines, goods.staged)
                for each in _parcel(item, locked, carried)
            ]
            check_days((part for entry in group for part in entry.parts), shelves)
        except Refusal as refusal:
            outcomes.append(Outcome.refused(refusal))
            continue
        for entry in group:
            goods.take(entry.shipment, entry.parts, item.taken_at)
            locked.serials.use(entry.serials)
            leaving[entry.shipment.id] = entry
        outcomes.append(Outcome.done(item.shipment_id, status="shipped"))
    after = _carry_out(unit, list(leaving.values()), locked, goods)
    follow_parcels(unit, [key for key in leaving if carried.get(key)])
    return [
        Outcome.done(o.id, status="shipped", order_status=after[shipments[o.id].order_id].status)
        if o.ok and o.id
        else o
        for o in outcomes
    ]


def _staged(shelves: Mapping[Key, Shelf], orders: Mapping[UUID, OrderState]) -> StagedLots:
    """Return which lots of which order were picked; no statement where none are kept."""
    kept = any(row.lot for shelf in shelves.values() for row in shelf.bins)
    return staged_lots(orders) if kept else StagedLots()


def _parcel(item: ShipItem, locked: _Locked, carried: Mapping[UUID, list[UUID]]) -> list[_Asked]:
    """Return a shipment with those that lie in its parcel: all of them leave, or none."""
    shipment = check_not_shipped(locked.shipments.get(item.shipment_id))
    check_by_itself(shipment)
    others = carried.get(item.shipment_id, [])
    if others and item.lines is not None:
        raise WrongState(
            f"Others lie in the parcel of {shipment.number}; separate them before a part of it leaves.",
            code="carries",
        )
    check_same_door(
        shipment, (locked.shipments[key] for key in others), locked.doors, locked.orders
    )
    shares = {} if item.serials is None else locked.serials.share([shipment.id, *others], item.serials)  # fmt: skip
    together = [msgspec.structs.replace(item, shipment_id=key, serials=None) for key in others]
    return [_Asked(each, shares.get(each.shipment_id)) for each in (item, *together)]


def _ready(
    asked: _Asked,
    locked: _Locked,
    leaving: Mapping[UUID, _Leaving],
    lines: Mapping[UUID, UUID],
    staged: StagedLots,
) -> _Leaving:
    item = asked.item
    shipment = _check(item, locked.shipments, locked.orders, leaving)
    (check_collected if locked.at_counter else check_sent)(shipment)
    check_label(shipment)
    if item.lines is None:
        check_complete(shipment)
    parts = _parts(item, locked.held[shipment.id], lines)
    check_asked_back(shipment, parts, locked.asked_back)
    check_picked(shipment, parts)
    for claim, _ in parts:
        if claim.picked:
            staged.check(claim.order_id, claim.key)
    return _Leaving(shipment, item, parts, _serials(asked, shipment, parts, locked.serials))


def _serials(
    asked: _Asked, shipment: ShipmentState, parts: Sequence[tuple[Held, int]], book: SerialBook
) -> SerialChange:
    named = asked.serials
    change = book.plan(shipment) if named is None else book.plan_all(shipment, named)
    going: dict[UUID, int] = defaultdict(int)
    for claim, quantity in parts:
        going[claim.product_id] += quantity
    book.check_leaving(change, going)
    return change


def _check(
    item: ShipItem,
    shipments: Mapping[UUID, ShipmentState],
    orders: Mapping[UUID, OrderState],
    leaving: Mapping[UUID, _Leaving],
) -> ShipmentState:
    shipment = check_not_shipped(shipments.get(item.shipment_id))
    order = orders[shipment.order_id]
    if item.shipment_id in leaving:
        raise WrongState(f"Shipment {shipment.number} is named twice.", code="shipment_shipped")
    if order.holds_open:
        raise WrongState(f"Order {order.number} is on hold; release it first.", code="on_hold")
    if not order.payable:
        raise WrongState(f"Order {order.number} is not paid yet.", code="not_paid")
    return shipment


def _parts(
    item: ShipItem, claims: Sequence[Held], lines: Mapping[UUID, UUID]
) -> list[tuple[Held, int]]:
    if item.lines is None:
        if not claims:
            raise WrongState("The shipment is empty.", code="shipment_empty")
        return [(claim, claim.quantity) for claim in claims]
    by_id = {claim.id: claim for claim in claims}
    parts = named_pieces(item.lines, claims, lines, too_many="too_many_to_ship")
    return [(by_id[key], quantity) for key, quantity in parts.items()]


_ALLOCATIONS = """
update allocations_allocation a
set status = 'shipped', quantity = t.n, picked = t.picked
from unnest(%s::uuid[], %s::int[], %s::int[]) as t(id, n, picked) where a.id = t.id
"""
# What does not leave as it was packed is unpacked.
_LINES = """
with changed as (
  update shipments_line l
  set quantity = coalesce(nullif(t.n, 0), l.quantity), is_live = t.n > 0, serials = t.serials,
    packed = case when t.n = l.quantity then l.packed else 0 end
  from unnest(%s::uuid[], %s::int[], %s::int[]) as t(allocation_id, n, serials) where l.allocation_id = t.allocation_id and l.is_live
  returning l.id, l.packed
)
delete from shipments_package_line p using changed c where p.shipment_line_id = c.id and c.packed = 0
"""
# What lies in the parcel of another one tells the code of that.
_SHIPMENTS = f"""
update shipments_shipment s
set status = 'shipped', shipped_at = %s, version = s.version + 1, delivery_address = o.delivery_address,
    tracking_code = coalesce(t.code, s.tracking_code), tracking_url = coalesce(t.url, s.tracking_url)
from unnest(%s::uuid[], %s::text[], %s::text[]) as t(id, code, url), orders_order o
where s.id = t.id and o.id = s.order_id
returning s.id, s.version, coalesce(t.code, (select nullif({CODE_OF_PARCEL}, '') from shipments_shipment b
  where b.id = s.combined_into_id and b.status <> 'cancelled'), s.tracking_code)
"""


def _carry_out(
    unit: UnitOfWork,
    leaving: Sequence[_Leaving],
    locked: _Locked,
    goods: TakenOff,
) -> dict[UUID, OrderState]:
    if not leaving:
        return {}
    locked.serials.write(unit)
    going = {claim.id: (claim, n) for entry in leaving for claim, n in entry.parts}
    staying = [
        claim
        for entry in leaving
        for claim in locked.held[entry.shipment.id]
        if claim.id not in going
    ]
    freed: dict[Key, int] = defaultdict(int)
    deltas: dict[UUID, LineDelta] = defaultdict(LineDelta)
    pieces: dict[UUID, int] = defaultdict(int)
    for claim, n in going.values():
        freed[claim.key] -= n
        delta = deltas[claim.order_line_id]
        delta.allocated -= n
        delta.picked -= min(n, claim.picked)
        delta.shipped += n
        pieces[claim.order_id] += n
    change_allocated(freed)
    goods.write(unit)
    sql.execute(
        _ALLOCATIONS,
        (
            [c.id for c, _ in going.values()],
            [n for _, n in going.values()],
            [min(n, c.picked) for c, n in going.values()],
        ),
    )
    _settle_lines(going.values(), staying, locked.serials)
    _mark_shipped(unit, leaving)
    _leave_rest(unit, leaving, going, staying)
    after = change_counters(deltas)
    lapse_substitutions(unit, after)
    for order_id, state in after.items():
        subject = Subject("order", order_id, state.version, order_id, state.shop_id)
        unit.record(
            ORDER_SHIPPED,
            subject,
            Move(locked.orders[order_id].status, state.status),
            {"units": pieces[order_id]},
        )
    return after


def _settle_lines(
    going: Iterable[tuple[Held, int]], staying: Sequence[Held], book: SerialBook
) -> None:
    rows = [(c.id, n, n if book.has_numbers(c.shipment_id, c.product_id) else 0) for c, n in going]
    rows += [(c.id, 0, 0) for c in staying]
    sql.execute(_LINES, tuple([row[column] for row in rows] for column in range(3)))


def _mark_shipped(unit: UnitOfWork, leaving: Sequence[_Leaving]) -> None:
    entries = {entry.shipment.id: entry for entry in leaving}
    parameters = (
        clock.now(), list(entries), [e.item.tracking_code for e in leaving], [e.item.tracking_url for e in leaving],
    )  # fmt: skip
    for key, version, code in sql.fetch(_SHIPMENTS, parameters):
        shipment, item = entries[key].shipment, entries[key].item
        subject = Subject("shipment", key, version, shipment.order_id, shipment.shop_id)
        data = {"number": shipment.number, "notify": item.notify, "tracking_code": code}
        unit.record(SHIPMENT_SHIPPED, subject, Move(shipment.status, "shipped"), data)
    keep_slips(list(entries))


def _leave_rest(
    unit: UnitOfWork,
    leaving: Sequence[_Leaving],
    going: Mapping[UUID, tuple[Held, int]],
    staying: Sequence[Held],
) -> None:
    # What does not leave stays claimed: a claim that goes in part is split, and all of it waits in a new open shipment.
    places = {entry.shipment.location_id: entry.shipment.location for entry in leaving}
    rest = [
        NewAllocation(
            ids.new_id(), c.shop_id, c.order_id, c.order_line_id, c.product_id, c.location_id, c.quantity - n,
            c.why_then("rest", places[c.location_id]), max(0, c.picked - n),
            "picked" if c.picked == c.quantity else "allocated",
        )
        for c, n in going.values() if c.quantity > n
    ]  # fmt: skip
    claim_stock(rest, already_counted=True)
    fill_shipments(unit, [*rest, *staying])
