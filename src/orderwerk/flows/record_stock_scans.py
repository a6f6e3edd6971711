"""Takes in what was scanned at the dock and between the shelves, each scan once however often a device sends it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.device_clocks import Moment, Off, by_our_clock
from orderwerk.flows.receive_goods import receive_goods
from orderwerk.flows.scan_answers import (
    answer_again,
    contents_of,
    kept_answer,
    kept_from,
    key_in_use,
)
from orderwerk.stock.commands.receive import ReceiveItem
from orderwerk.stock.commands.relocate import RelocateItem, relocate_stock
from orderwerk.stock.count_requests import TOLD_LATE, ToCount, request_counts
from orderwerk.stock.events import STOCK_SCAN_REFUSED
from orderwerk.stock.shelves import look_up


class StockScanItem(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"origin": "from"}
):
    """One deed or one wrong scan, under a key that the device gave it once; `at` is the device's own time.

    `now`: how the device's clock stands as it sends this; where that is wrong, `at` is wrong by as much, and is put right. `off`: by how
    many milliseconds our clock was ahead of it when this was scanned; where that is no longer so, nobody knows when it was.
    With `sku`: so many pieces received into `bin`, put away or moved from `from` to `bin`, or counted in `bin`. Without
    it: the device asked for `expected` at that `step` and refused `code`; that is only kept. Of `pack` there is only the
    latter: a code at the packing table that means no `parcel`.
    """

    key: UUID
    flow: Literal["receive", "put_away", "move", "count", "pack"]
    location: fields.Code
    at: datetime | None = None
    now: datetime | None = None
    off: Off | None = None
    sku: fields.Sku | None = None
    origin: fields.Code | None = None
    bin: fields.Code | None = None
    quantity: fields.Count = 0
    inbound: fields.Code | None = None
    lot: fields.Lot | None = None
    expires_on: date | None = None
    step: Literal["from", "article", "lot", "to", "bin", "parcel"] = "article"
    code: fields.Line = ""
    expected: fields.Line = ""


# Goods come in before they are moved and are moved before they are counted: the order of what bears no moment.
_WORK = {"receive": 0, "put_away": 1, "move": 1, "count": 2, "pack": 3}


def record_stock_scans(items: Sequence[StockScanItem], *, actor: Actor) -> list[Outcome]:
    """Book scans in the order in which they happened; one whose key is known answers as it did the first time and changes nothing.

    The device's moments say what came first; scans without one come last, goods in before they are moved, moved before they
    are counted. What follows each other and is of one kind (in, moved, counted) is one transaction, since a count may take
    claims off orders: the number of statements grows with the changes from kind to kind, not with the scans. Refuses as the
    commands behind it do, and with BadInput a count that is older than the time for which scans are kept, or of which nobody knows
    when it was; goods that are so are booked, and their bins are to be counted. What is refused stays so under its key. Refuses with Conflict a key that was given to another scan.
    """
    now = clock.now()
    when = {i.key: by_our_clock(i.at, i.now, now, i.off) for i in reversed(items)}
    first = {item.key: contents_of(item) for item in reversed(items)}
    here = [item for item in items if contents_of(item) == first[item.key]]
    made: dict[UUID, Outcome] = {}
    for part in _runs(here, when):
        # Two requests with one key at once: the second meets the unique key, is undone and finds the first's answer.
        done = retrying(lambda part=part: _record(part, when, actor), also=(IntegrityError,))  # type: ignore[misc]
        made.update(done)
    return [made[i.key] if contents_of(i) == first[i.key] else key_in_use() for i in items]


Moments = Mapping[UUID, Moment | None]


def _runs(items: Sequence[StockScanItem], when: Moments) -> list[list[StockScanItem]]:
    """Return scans as they happened, those of one kind that follow each other together; a wrong scan is of any kind."""
    told = sorted((i for i in items if i.at is not None), key=lambda i: _at(when[i.key]))
    untold = sorted((i for i in items if i.at is None), key=lambda i: _WORK[i.flow])
    runs: list[list[StockScanItem]] = []
    kind: int | None = None
    for item in (*told, *untold):
        own = _WORK[item.flow] if item.sku else None
        if not runs or (own is not None and kind is not None and own != kind):
            runs.append([])
            kind = None
        runs[-1].append(item)
        kind = own if kind is None else kind
    return runs


def _record(items: Sequence[StockScanItem], when: Moments, actor: Actor) -> dict[UUID, Outcome]:
    with unit_of_work(actor) as unit:
        places = look_up([], [item.location for item in items], [], actor=actor).locations
        answers = _known({i.key: i for i in items if i.location in places}, places)
        fresh = {i.key: i for i in items if i.location in places and i.key not in answers}
        made = {i.key: _wrong(unit, i, places[i.location]) for i in fresh.values() if not i.sku}
        made.update(_deeds([i for i in fresh.values() if i.sku], when, actor))
        doubtful = [i for i in fresh.values() if (at := when[i.key]) and at.is_doubtful]
        _count_after(unit, [i for i in doubtful if i.sku and made[i.key].ok], actor)
        _keep(list(fresh.values()), made, when, places, actor)
    nowhere = NotFound("There is no such stock location.", code="unknown_location", pointer="/location")  # fmt: skip
    refused = {i.key: Outcome.refused(nowhere) for i in items if i.location not in places}
    return {**refused, **answers, **made}


def _wrong(unit: UnitOfWork, item: StockScanItem, place: UUID) -> Outcome:
    data = {"flow": item.flow, "step": item.step, "code": item.code, "expected": item.expected}
    unit.record(STOCK_SCAN_REFUSED, Subject("location", place), STILL, data)
    return Outcome.done(item.key, kept=True)


def _deeds(items: Sequence[StockScanItem], when: Moments, actor: Actor) -> dict[UUID, Outcome]:
    made: dict[UUID, Outcome] = {}
    wanted: dict[UUID, Any] = {}
    for item in items:
        try:
            wanted[item.key] = _deed(item, when[item.key])
        except Refusal as refusal:
            made[item.key] = Outcome.refused(refusal)
    if wanted:
        command = _COMMANDS[items[0].flow]
        made.update(zip(wanted, command(list(wanted.values()), actor=actor), strict=True))
    return made


_COMMANDS: dict[str, Any] = {
    "receive": receive_goods,
    "put_away": relocate_stock,
    "move": relocate_stock,
    "count": count_stock_levels,
}


def _at(when: Moment | None) -> datetime:
    return when.at if when else clock.now()


def _count_after(unit: UnitOfWork, items: Sequence[StockScanItem], actor: Actor) -> None:
    """Ask for the bins that goods came into or out of at a moment that nobody knows: a count may have seen them, or not."""
    if not items:
        return
    codes = [code for item in items for code in (item.origin, item.bin) if code]
    names = look_up([i.sku or "" for i in items], [i.location for i in items], codes, actor=actor)
    wanted = []
    for item in items:
        place = names.location(item.location)
        bins = [names.bin(place, code, "/bin") for code in (item.origin, item.bin) if code]
        wanted += [ToCount(names.product(item.sku or ""), place, each, TOLD_LATE) for each in bins]
    request_counts(unit, wanted)


def _deed(item: StockScanItem, when: Moment | None) -> ReceiveItem | RelocateItem | CountItem:
    at = when.at if when else None
    if item.flow == "pack":
        raise BadInput("What is packed is told to shipments/pack.", code="invalid_value", pointer="/flow")  # fmt: skip
    if item.bin is None:
        raise BadInput("Name the bin.", code="bin_required", pointer="/bin")
    sku = item.sku or ""
    if item.flow == "count":
        if when is not None and when.is_doubtful:
            # Nobody knows what moved since: no figure follows from it.
            raise BadInput("This was counted too long ago, or the device's clock is wrong; count it again.", code="counted_long_ago", pointer="/at")  # fmt: skip
        return CountItem(
            sku=sku, location=item.location, quantity=item.quantity, bin=item.bin, lot=item.lot, counted_at=at
        )  # fmt: skip
    if not 0 < item.quantity <= 1_000_000:
        raise BadInput("Name 1 to 1,000,000 pieces.", code="invalid_value", pointer="/quantity")
    if item.flow == "receive":
        return ReceiveItem(
            sku=sku, location=item.location, quantity=item.quantity, bin=item.bin, inbound=item.inbound,
            lot=item.lot, expires_on=item.expires_on, received_at=at,
        )  # fmt: skip
    if item.origin is None:
        raise BadInput("Name the bin that they came from.", code="bin_required", pointer="/from")
    return RelocateItem(
        sku=sku, location=item.location, origin=item.origin, to=item.bin, quantity=item.quantity, lot=item.lot, moved_at=at
    )  # fmt: skip


def _known(wanted: Mapping[UUID, StockScanItem], places: Mapping[str, UUID]) -> dict[UUID, Outcome]:
    """Return the answers to the keys that are known."""
    rows = sql.fetch(
        "select key, location_id, answer, refusal, message, source_id from stock_scan where key = any(%s)",
        (list(wanted),),
    )
    return {
        key: answer_again(
            contents_of(wanted[key]), kept_from(answer), refusal, message, source or key
        )
        if place == places[wanted[key].location]
        else key_in_use()
        for key, place, answer, refusal, message, source in rows
    }


_COLUMNS = (
    "id uuid, key uuid, flow text, location_id uuid, sku text, lot text, at timestamptz, received_at timestamptz, quantity int, step text, "
    "code text, expected text, source_id uuid, refusal text, message text, answer jsonb, actor_name text"
)


def _keep(
    items: Sequence[StockScanItem],
    made: dict[UUID, Outcome],
    when: Moments,
    places: dict[str, UUID],
    actor: Actor,
) -> None:
    moment = clock.now()
    rows: list[dict[str, Any]] = []
    for item in sorted(items, key=lambda each: each.key):
        outcome = made[item.key]
        moves = outcome.ok and item.sku is not None and item.flow != "count"
        rows.append({
            "id": ids.new_id(), "key": item.key, "flow": item.flow, "location_id": places[item.location], "sku": item.sku or "",
            "lot": item.lot or "", "at": at.at if (at := when[item.key]) else moment, "received_at": moment, "quantity": item.quantity, "step": item.step,
            "code": item.code, "expected": item.expected, "source_id": outcome.id if moves else None,
            "refusal": outcome.error.code if outcome.error else "",
            "message": outcome.error.message if outcome.error else "", "answer": kept_answer(item, outcome), "actor_name": actor.name,
        })  # fmt: skip
    sql.insert_rows("stock_scan", _COLUMNS, rows)
