"""Books goods that come in: against what is expected, or blind."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.stock.count_requests import ToCount, count_again, request_counts
from orderwerk.stock.events import INBOUND_RECEIVED, STOCK_RECEIVED
from orderwerk.stock.inbounds import (
    InboundLineState,
    InboundState,
    LineChange,
    change_inbounds,
    check_open,
    lock_inbounds,
)
from orderwerk.stock.lots import LotBook, LotState, check_sent, on_the_way
from orderwerk.stock.movements import Movement, Place, write_movements
from orderwerk.stock.shelves import (
    DEFAULT_BIN,
    STAGING_BIN,
    Names,
    ensure_levels,
    lock_shelves,
    look_up,
)


class ReceiveItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces that came in; with `inbound` (its number) against what is expected, without it blind.

    `lot` where the product is kept by lot, with the day until which it may be used; a lot that is not known is made.
    `received_at` is when they came in (left out: now); a bin that was counted since is to be counted again.
    """

    sku: fields.Sku
    location: fields.Code
    quantity: fields.Quantity
    bin: fields.Code | None = None
    inbound: fields.Code | None = None
    lot: fields.Lot | None = None
    expires_on: date | None = None
    reference: fields.Line = ""
    received_at: datetime | None = None


def receive_stock(items: Sequence[ReceiveItem], *, actor: Actor) -> list[Outcome]:
    """Book goods into their bin; a purchase may bring more than expected, a transfer not more than was sent.

    What was sent for an order is received by the flow `receive_goods`, which hands it to the order.

    Refuses with NotFound, also a product that the inbound does not name; with WrongState a finished inbound; with
    LimitExceeded more than a transfer sent; with BadInput another location than the inbound's, the staging bin, or no lot
    where one is kept; with Conflict a lot that is known with another day; with LimitExceeded a lot that a transfer did not send.
    """
    return retrying(lambda: _receive(items, actor))


@dataclass(slots=True)
class _Came:
    """What is booked: receipts, movements, and per inbound what came."""

    lots: LotBook
    receipts: list[dict[str, object]] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    inbounds: dict[UUID, InboundState] = field(default_factory=dict)
    units: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    lines: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    again: list[ToCount] = field(default_factory=list)
    sent: dict[UUID, dict[str, int]] = field(default_factory=dict)


def _receive(items: Sequence[ReceiveItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        names = look_up(
            [i.sku for i in items],
            [i.location for i in items],
            [i.bin for i in items if i.bin],
            actor=actor,
        )
        lots = LotBook(unit, _lots_named(items, names))
        inbounds = lock_inbounds(unit, numbers=[i.inbound for i in items if i.inbound])
        keys = {
            (names.products[i.sku], names.locations[i.location])
            for i in items
            if i.sku in names.products and i.location in names.locations
        }
        ensure_levels(keys)
        shelves = lock_shelves(unit, keys)
        came = _Came(lots=lots, sent=_sent(items, inbounds))
        outcomes: list[Outcome] = []
        for item in items:
            try:
                key = (names.product(item.sku), names.location(item.location))
                place = Place(*key, _bin(item, names, key[1]), _lot(item, names, key[0]))
                line = _line(item, inbounds, key)
                lot = _come_in(came, item, place, line)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            receipt = _book(came, item, place, inbounds.get(item.inbound or ""), line)
            came.again += count_again(
                shelves[key], {place.bin_id}, item.received_at, changes_total=True
            )
            shelves[key].put(place.bin_id, item.bin or DEFAULT_BIN, item.quantity, place.lot)
            shelves[key].level.blocked += item.quantity if lot and lot.is_blocked else 0
            _tell(unit, item, key[0])
            level = shelves[key].level
            outcomes.append(
                Outcome.done(
                    receipt,
                    on_hand=level.on_hand,
                    available=level.available,
                    still_expected=line.open if line else 0,
                )
            )
        _write(unit, came)
    return outcomes


def _lots_named(items: Sequence[ReceiveItem], names: Names) -> list[tuple[UUID, str]]:
    return [(names.products[i.sku], i.lot) for i in items if i.lot and i.sku in names.products]


def _sent(
    items: Sequence[ReceiveItem], inbounds: dict[str, InboundState]
) -> dict[UUID, dict[str, int]]:
    """Return which lots the transfers that are received by lot have sent; no statement where none is."""
    named = {i.inbound for i in items if i.lot}
    lines = [
        line.id
        for number, inbound in inbounds.items()
        if number in named and inbound.kind == "transfer"
        for line in inbound.lines.values()
    ]
    return on_the_way(lines) if lines else {}


def _lot(item: ReceiveItem, names: Names, product: UUID) -> str:
    lot = names.check_lot(product, item.lot)
    if item.expires_on is not None and not lot:
        raise BadInput("Only a lot has such a day.", code="lot_not_kept", pointer="/expires_on")
    return lot


def _come_in(
    came: _Came, item: ReceiveItem, place: Place, line: InboundLineState | None
) -> LotState | None:
    if not place.lot:
        return None
    sent = came.sent.get(line.id) if line is not None else None
    if sent is not None:
        check_sent(sent, place.lot, item.quantity)
    lot = came.lots.come_in(place.product_id, item.sku, place.lot, item.expires_on)
    if sent is not None:
        sent[place.lot] -= item.quantity
    return lot


def _bin(item: ReceiveItem, names: Names, location: UUID) -> UUID:
    if item.bin == STAGING_BIN:
        raise BadInput(
            "Goods that come in do not lie in the staging bin.", code="staging_bin", pointer="/bin"
        )
    return names.bin(location, item.bin or DEFAULT_BIN)


def _line(
    item: ReceiveItem, inbounds: dict[str, InboundState], key: tuple[UUID, UUID]
) -> InboundLineState | None:
    if item.inbound is None:
        return None
    inbound = check_open(inbounds.get(item.inbound), "/inbound")
    if inbound.location_id != key[1]:
        raise BadInput(
            f"Inbound {inbound.number} goes to another location.",
            code="other_location",
            pointer="/location",
        )
    line = inbound.lines.get(key[0])
    if line is None:
        raise NotFound(
            f"Inbound {inbound.number} does not name {item.sku}; receive it blind.",
            code="not_expected",
            pointer="/sku",
        )
    if not line.may_exceed and item.quantity > line.open:
        raise LimitExceeded(
            f"{line.open} of {item.sku} are in transit, not {item.quantity}; receive the others blind.",
            code="more_than_sent",
            pointer="/quantity",
        )
    return line


def _book(
    came: _Came,
    item: ReceiveItem,
    place: Place,
    inbound: InboundState | None,
    line: InboundLineState | None,
) -> UUID:
    receipt, moment = ids.new_id(), clock.now()
    at = min(item.received_at or moment, moment)
    kind, reason = "received", item.reference
    if inbound is not None and line is not None:
        line.received += item.quantity
        came.inbounds[inbound.id] = inbound
        came.units[inbound.id] += item.quantity
        came.lines[line.id] += item.quantity
        kind = "transferred_in" if inbound.kind == "transfer" else "received"
        reason = item.reference or inbound.number
    came.receipts.append(
        {
            "id": receipt, "at": at, "inbound_line_id": line.id if line else None, "product_id": place.product_id,
            "location_id": place.location_id, "bin_id": place.bin_id, "lot": place.lot, "quantity": item.quantity,
            "reference": item.reference, "actor_name": "",
        }
    )  # fmt: skip
    came.movements.append(Movement(place, item.quantity, kind, receipt, None, reason, at))
    return receipt


def _tell(unit: UnitOfWork, item: ReceiveItem, product: UUID) -> None:
    data = {
        "sku": item.sku, "location": item.location, "bin": item.bin, "lot": item.lot, "quantity": item.quantity,
        "inbound": item.inbound, "reference": item.reference,
    }  # fmt: skip
    unit.record(STOCK_RECEIVED, Subject("product", product), STILL, data)


_RECEIPT = (
    "id uuid, at timestamptz, inbound_line_id uuid, product_id uuid, location_id uuid, bin_id uuid, lot text, quantity int, "
    "reference text, actor_name text"
)


def _write(unit: UnitOfWork, came: _Came) -> None:
    if not came.receipts:
        return
    rows = [{**row, "actor_name": unit.actor.name} for row in came.receipts]
    sql.insert_rows("stock_receipt", _RECEIPT, rows)
    came.lots.write_new(unit)
    write_movements(came.movements, actor=unit.actor)
    request_counts(unit, came.again)
    changes = {line: LineChange(received=n) for line, n in came.lines.items()}
    states = list(came.inbounds.values())
    for key, (version, status) in change_inbounds(states, changes).items():
        state = came.inbounds[key]
        move = STILL if status == state.status else Move(state.status, status)
        data = {"number": state.number, "units": came.units[key]}
        unit.record(INBOUND_RECEIVED, Subject("inbound", key, version), move, data)
