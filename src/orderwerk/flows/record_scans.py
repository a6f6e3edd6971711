"""Takes in what was scanned while picking, each scan once however often it is sent: a device may have been offline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.device_clocks import Moment, Off, by_our_clock
from orderwerk.flows.pick_lines import PickItem, Pieces, pick_lines
from orderwerk.flows.scan_answers import (
    answer_again,
    contents_of,
    kept_answer,
    kept_from,
    key_in_use,
)
from orderwerk.picklists.events import PICK_LIST_SCAN_REFUSED
from orderwerk.picklists.queries import visible_lists


class ScanItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that happened at the shelf, under a key that the device gave it once; `at` is the device's own time.

    `now`: how the device's clock stands as it sends this; where that is wrong, `at` is wrong by as much, and is put right. `off`: by how
    many milliseconds our clock was ahead of it when this was scanned; where that is no longer so, nobody knows when it was.
    With `pick_line_id`: pieces that were scanned out of their bin, or are short. Without it: the device asked for
    `expected` at that `step` and refused `code`; that is only kept. `serials`: the serial numbers of picked pieces.
    """

    key: UUID
    pick_list_id: UUID
    at: datetime | None = None
    now: datetime | None = None
    off: Off | None = None
    pick_line_id: UUID | None = None
    picked: Pieces = 0
    short: Pieces = 0
    lot: fields.Lot | None = None
    reason: fields.Line = ""
    step: Literal["bin", "article", "lot", "serial", "tote"] = "article"
    code: fields.Line = ""
    expected: fields.Line = ""
    # None, not an empty list: a default that is made anew each time would count in the digest of scans without it.
    serials: Annotated[list[fields.Serial], msgspec.Meta(max_length=100)] | None = None


def record_scans(items: Sequence[ScanItem], *, actor: Actor) -> list[Outcome]:
    """Book scans in their order; one whose key is known already answers as it did the first time and changes nothing.

    They are true of when they were made: a bin that was counted since is to be counted again.
    Refuses as picking does. What is refused stays refused under its key, so that the device goes on with the next. Refuses
    with Conflict a key that was given to another scan.
    """
    # Two requests with one key at once: the second meets the unique key, is undone and finds the first one's answer.
    came = clock.now()
    return retrying(lambda: _record(items, came, actor), also=(IntegrityError,))


def _record(items: Sequence[ScanItem], came: datetime, actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        visible = visible_lists(actor, [item.pick_list_id for item in items])
        seen = [item for item in items if item.pick_list_id in visible]
        first: dict[UUID, ScanItem] = {}
        for item in seen:
            first.setdefault(item.key, item)
        answers = _known(first)
        fresh = {key: item for key, item in first.items() if key not in answers}
        # As of when it came: what this waits for is no fault of the device's clock.
        when = {key: by_our_clock(item.at, item.now, came, item.off) for key, item in fresh.items()}
        picks = {i.key: _pick(i, i.pick_line_id, when[i.key]) for i in fresh.values() if i.pick_line_id}  # fmt: skip
        made = dict(zip(picks, pick_lines(list(picks.values()), actor=actor), strict=True))
        for item in fresh.values():
            if item.pick_line_id is None:
                made[item.key] = _refused_by_device(unit, item)
        _keep(list(fresh.values()), made, when, actor)
    nowhere = Outcome.refused(NotFound("There is no such pick list.", code="unknown_pick_list"))
    made |= answers
    return [
        nowhere if i.pick_list_id not in visible
        else made[i.key] if contents_of(i) == contents_of(first[i.key])
        else key_in_use()
        for i in items
    ]  # fmt: skip


def _pick(item: ScanItem, line_id: UUID, when: Moment | None) -> PickItem:
    return PickItem(
        pick_line_id=line_id, picked=item.picked, short=item.short, reason=item.reason, lot=item.lot,
        serials=item.serials or [], picked_at=when.at if when else None, is_undated=when is not None and when.is_doubtful,
    )  # fmt: skip


def _refused_by_device(unit: UnitOfWork, item: ScanItem) -> Outcome:
    data = {"step": item.step, "code": item.code, "expected": item.expected}
    unit.record(PICK_LIST_SCAN_REFUSED, Subject("pick_list", item.pick_list_id), STILL, data)
    return Outcome.done(item.key, kept=True)


def _known(wanted: Mapping[UUID, ScanItem]) -> dict[UUID, Outcome]:
    rows = sql.fetch(
        "select key, pick_list_id, answer, refusal, message, pick_line_id from picklists_scan where key = any(%s)",
        (list(wanted),),
    )
    return {
        key: answer_again(
            contents_of(wanted[key]), kept_from(answer), refusal, message, line or key
        )
        if of_list == wanted[key].pick_list_id
        else key_in_use()
        for key, of_list, answer, refusal, message, line in rows
    }


_COLUMNS = (
    "id uuid, key uuid, pick_list_id uuid, pick_line_id uuid, at timestamptz, received_at timestamptz, picked int, short int, "
    "step text, code text, expected text, refusal text, message text, answer jsonb, actor_name text"
)


def _keep(
    items: Sequence[ScanItem],
    made: dict[UUID, Outcome],
    when: Mapping[UUID, Moment | None],
    actor: Actor,
) -> None:
    moment = clock.now()
    rows: list[dict[str, Any]] = []
    for item in sorted(items, key=lambda each: each.key):
        outcome = made[item.key]
        rows.append({
            "id": ids.new_id(), "key": item.key, "pick_list_id": item.pick_list_id,
            "pick_line_id": item.pick_line_id if outcome.ok else None, "at": at.at if (at := when[item.key]) else moment,
            "received_at": moment, "picked": item.picked, "short": item.short, "step": item.step, "code": item.code or ", ".join(item.serials or ())[:200],
            "expected": item.expected, "refusal": outcome.error.code if outcome.error else "",
            "message": outcome.error.message if outcome.error else "", "answer": kept_answer(item, outcome), "actor_name": actor.name,
        })  # fmt: skip
    sql.insert_rows("picklists_scan", _COLUMNS, rows)
