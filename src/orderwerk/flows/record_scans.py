"""Takes in what was scanned while picking, each scan once however often it is sent: a device may have been offline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.pick_lines import PickItem, Pieces, pick_lines
from orderwerk.picklists.events import PICK_LIST_SCAN_REFUSED
from orderwerk.picklists.queries import visible_lists


class ScanItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that happened at the shelf, under a key that the device gave it once; `at` is the device's own time.

    With `pick_line_id`: pieces that were scanned out of their bin, or are short. Without it: the device asked for
    `expected` at that `step` and refused `code`; that is only kept.
    """

    key: UUID
    pick_list_id: UUID
    at: datetime | None = None
    pick_line_id: UUID | None = None
    picked: Pieces = 0
    short: Pieces = 0
    reason: fields.Line = ""
    step: Literal["bin", "article", "tote"] = "article"
    code: fields.Line = ""
    expected: fields.Line = ""


def record_scans(items: Sequence[ScanItem], *, actor: Actor) -> list[Outcome]:
    """Book scans in their order; one whose key is known already answers as it did the first time and changes nothing.

    Refuses as picking does. What is refused stays refused under its key, so that the device goes on with the next.
    """
    # Two requests with one key at once: the second meets the unique key, is undone and finds the first one's answer.
    return retrying(lambda: _record(items, actor), also=(IntegrityError,))


def _record(items: Sequence[ScanItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        visible = visible_lists(actor, [item.pick_list_id for item in items])
        answers = _known([item.key for item in items])
        fresh = {i.key: i for i in items if i.pick_list_id in visible and i.key not in answers}
        picks = {i.key: _pick(i, i.pick_line_id) for i in fresh.values() if i.pick_line_id}
        made = dict(zip(picks, pick_lines(list(picks.values()), actor=actor), strict=True))
        for item in fresh.values():
            if item.pick_line_id is None:
                made[item.key] = _refused_by_device(unit, item)
        _keep(list(fresh.values()), made, actor)
    nowhere = Outcome.refused(NotFound("There is no such pick list.", code="unknown_pick_list"))
    return [made.get(i.key) or answers.get(i.key) or nowhere for i in items]


def _pick(item: ScanItem, line_id: UUID) -> PickItem:
    return PickItem(pick_line_id=line_id, picked=item.picked, short=item.short, reason=item.reason)


def _refused_by_device(unit: UnitOfWork, item: ScanItem) -> Outcome:
    data = {"step": item.step, "code": item.code, "expected": item.expected}
    unit.record(PICK_LIST_SCAN_REFUSED, Subject("pick_list", item.pick_list_id), STILL, data)
    return Outcome.done(item.key, kept=True)


def _known(keys: Sequence[UUID]) -> dict[UUID, Outcome]:
    rows = sql.fetch(
        "select key, refusal, message, answer, pick_line_id from picklists_scan where key = any(%s)",
        (list(keys),),
    )
    return {
        key: Outcome.refused(WrongState(message, code=refusal))
        if refusal
        else Outcome.done(line or key, **sql.from_json(answer))
        for key, refusal, message, answer, line in rows
    }


_COLUMNS = (
    "id uuid, key uuid, pick_list_id uuid, pick_line_id uuid, at timestamptz, received_at timestamptz, picked int, short int, "
    "step text, code text, expected text, refusal text, message text, answer jsonb, actor_name text"
)


def _keep(items: Sequence[ScanItem], made: dict[UUID, Outcome], actor: Actor) -> None:
    moment = clock.now()
    rows: list[dict[str, Any]] = []
    for item in sorted(items, key=lambda each: each.key):
        outcome = made[item.key]
        rows.append({
            "id": ids.new_id(), "key": item.key, "pick_list_id": item.pick_list_id,
            "pick_line_id": item.pick_line_id if outcome.ok else None, "at": min(item.at or moment, moment),
            "received_at": moment, "picked": item.picked, "short": item.short, "step": item.step, "code": item.code,
            "expected": item.expected, "refusal": outcome.error.code if outcome.error else "",
            "message": outcome.error.message if outcome.error else "", "answer": outcome.data, "actor_name": actor.name,
        })  # fmt: skip
    sql.insert_rows("picklists_scan", _COLUMNS, rows)
