"""Takes in purchase orders: what is expected where and when; the same number again changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Conflict, LimitExceeded, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.stock.events import INBOUND_CHANGED, INBOUND_CREATED
from orderwerk.stock.inbounds import InboundState, check_open, fresh_numbers, lock_inbounds
from orderwerk.stock.shelves import Names, look_up

MOST_LINES = 1_000


class InboundLineItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of a product."""

    sku: fields.Sku
    quantity: fields.Quantity


class InboundItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A purchase order; without `number` it gets one. `lines` are all that is expected, fewer than before included."""

    location: fields.Code
    lines: Annotated[list[InboundLineItem], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    number: fields.Code | None = None
    supplier: fields.Line = ""
    reference: fields.Line = ""
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What is known of goods on their way besides the goods."""

    supplier: str
    reference: str
    expected_on: date | None
    # Of a transfer: the order that it is sent for.
    order_id: UUID | None = None


def upsert_inbounds(items: Sequence[InboundItem], *, actor: Actor) -> list[Outcome]:
    """Create purchase orders or change open ones by number.

    Refuses with NotFound a sku or location; with BadInput a product that stands twice; with LimitExceeded fewer
    pieces than have come already; with WrongState one that is finished; with Conflict a number of another kind or place.
    """
    return retrying(lambda: _upsert(items, actor))


def _upsert(items: Sequence[InboundItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        named = [i.number for i in items if i.number]
        unit.lock_settings([("inbound", number) for number in named])
        names = look_up(
            [line.sku for i in items for line in i.lines], [i.location for i in items], [], actor=actor
        )  # fmt: skip
        known = lock_inbounds(unit, numbers=named)
        taken = _taken(named, known)
        fresh = fresh_numbers(sum(not i.number for i in items), named)
        written = _Written()
        outcomes: list[Outcome] = []
        for item in items:
            number = item.number or next(fresh)
            try:
                wanted = _wanted(item, names)
                if number in taken:
                    raise Conflict(
                        f"The number {number} is in use.", code="number_exists", pointer="/number"
                    )
                outcomes.append(_one(unit, item, number, wanted, _Places(names, known, written)))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            taken.add(number)
        written.store()
    return outcomes


def _taken(named: Sequence[str], known: Mapping[str, InboundState]) -> set[str]:
    rows = sql.fetch("select number from stock_inbound where number = any(%s)", (list(named),))
    return {row[0] for row in rows} - set(known)


def _wanted(item: InboundItem, names: Names) -> dict[UUID, int]:
    wanted: dict[UUID, int] = {}
    for index, line in enumerate(item.lines):
        try:
            product = names.product(line.sku)
        except Refusal as refusal:
            refusal.pointer = f"/lines/{index}/sku"
            raise
        if product in wanted:
            raise BadInput(
                f"{line.sku} stands twice.",
                code="duplicate_line",
                pointer=f"/lines/{index}/sku",
            )
        wanted[product] = line.quantity
    return wanted


def _about(item: InboundItem) -> About:
    return About(item.supplier, item.reference, item.expected_on)


class _Written:
    """Rows to be written, all at once."""

    def __init__(self) -> None:
        self.headers: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.finished: list[UUID] = []

    def store(self) -> None:
        """Insert what is new and change what is known."""
        if self.headers:
            sql.insert_rows("stock_inbound", HEADER, self.headers, tail=_OVERWRITE)
            sql.insert_rows("stock_inbound_line", LINE, self.lines, tail=_OVERWRITE_LINE)
            sql.execute(_FINISH, (clock.now(), self.finished))


HEADER = (
    "id uuid, number text, kind text, location_id uuid, origin_id uuid, supplier text, reference text, expected_on date, "
    "status text, created_at timestamptz, finished_at timestamptz, version int, order_id uuid"
)
LINE = "id uuid, inbound_id uuid, location_id uuid, product_id uuid, position int, expected int, received int, closed int, may_exceed boolean"
_OVERWRITE = (
    "on conflict (id) do update set supplier = excluded.supplier, reference = excluded.reference, "
    "expected_on = excluded.expected_on, version = excluded.version returning id"
)
_FINISH = "update stock_inbound set status = 'received', finished_at = %s where id = any(%s)"
_OVERWRITE_LINE = (
    "on conflict (id) do update set expected = excluded.expected, closed = excluded.closed "
    "returning id"
)


class _Places:
    def __init__(self, names: Names, known: Mapping[str, InboundState], written: _Written) -> None:
        self.names, self.known, self.written = names, known, written


def _one(
    unit: UnitOfWork, item: InboundItem, number: str, wanted: dict[UUID, int], at: _Places
) -> Outcome:
    location = at.names.location(item.location)
    old = at.known.get(number)
    if old is None:
        header = new_header(number, "purchase", location, _about(item))
        at.written.headers.append(header)
        at.written.lines += new_lines(header, wanted, may_exceed=True)
        data = {
            "number": number,
            "kind": "purchase",
            "location": item.location,
            "units": sum(wanted.values()),
        }
        unit.record(INBOUND_CREATED, Subject("inbound", header["id"], 1), Move(None, "open"), data)
        return Outcome.done(header["id"], number=number, created=True)
    return _change(unit, item, old, wanted, at)


def new_header(
    number: str, kind: str, location: UUID, about: About, origin: UUID | None = None
) -> dict[str, Any]:
    """Return the row of a new inbound."""
    return {
        "id": ids.new_id(), "number": number, "kind": kind, "location_id": location, "origin_id": origin,
        "supplier": about.supplier, "reference": about.reference, "expected_on": about.expected_on,
        "status": "open", "created_at": clock.now(), "finished_at": None, "version": 1, "order_id": about.order_id,
    }  # fmt: skip


def new_lines(
    header: Mapping[str, Any], wanted: Mapping[UUID, int], *, may_exceed: bool, start: int = 1
) -> list[dict[str, Any]]:
    """Return the rows of an inbound's lines, in the order given."""
    return [
        {
            "id": ids.new_id(), "inbound_id": header["id"], "location_id": header["location_id"], "product_id": product,
            "position": position, "expected": quantity, "received": 0, "closed": 0, "may_exceed": may_exceed,
        }
        for position, (product, quantity) in enumerate(wanted.items(), start=start)
    ]  # fmt: skip


def _change(
    unit: UnitOfWork, item: InboundItem, old: InboundState, wanted: dict[UUID, int], at: _Places
) -> Outcome:
    if (old.kind, old.location_id) != ("purchase", at.names.location(item.location)):
        raise Conflict(
            f"The number {old.number} is in use.", code="number_exists", pointer="/number"
        )
    check_open(old, "/number")
    header = new_header(old.number, old.kind, old.location_id, _about(item))
    header |= {"id": old.id, "version": old.version + 1}
    rows = []
    for line in old.lines.values():
        expected = wanted.pop(line.product_id, 0)
        if expected < line.received:
            raise LimitExceeded(
                f"{line.received} have come already.", code="received_already", pointer="/lines"
            )
        # A line that is no longer expected stays, closed: what it once said is history.
        closed = 0 if expected else line.expected - line.received
        rows.append(
            {
                "id": line.id, "inbound_id": old.id, "location_id": old.location_id, "product_id": line.product_id,
                "position": 0, "expected": expected or line.expected, "received": line.received, "closed": closed,
                "may_exceed": True,
            }
        )  # fmt: skip
    after = [*rows, *new_lines(header, wanted, may_exceed=True, start=len(old.lines) + 1)]
    finished = all(row["received"] + row["closed"] >= row["expected"] for row in after)
    at.written.finished += [old.id] if finished else []
    at.written.headers.append(header)
    at.written.lines += after
    changes = {
        name: [before, after]
        for name, before, after in (
            ("supplier", old.supplier, item.supplier),
            ("reference", old.reference, item.reference),
            ("expected_on", old.expected_on, item.expected_on and item.expected_on.isoformat()),
        )
        if before != after
    } | {"lines": [len(old.lines), len(item.lines)]}
    data = {"number": old.number, "changes": changes}
    move = Move("open", "received") if finished else STILL
    unit.record(INBOUND_CHANGED, Subject("inbound", old.id, old.version + 1), move, data)
    return Outcome.done(old.id, number=old.number, created=False)
