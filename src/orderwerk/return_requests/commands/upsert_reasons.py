"""Adds return reasons to the merchant's list, or changes them, by code."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.changes import differences
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.return_requests.events import RETURN_REASON_SAVED
from orderwerk.return_requests.reasons import start_list

_Position = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
_COLUMNS = "id uuid, code text, names jsonb, is_active boolean, position int"
_OVERWRITE = "on conflict (code) do update set names = excluded.names, is_active = excluded.is_active, position = excluded.position returning id"


class ReasonNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):  # fmt: skip
    """What a reason is called per language; at least one."""

    nl: fields.Line = ""
    en: fields.Line = ""
    de: fields.Line = ""
    fr: fields.Line = ""


class ReasonItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A return reason; `position` is its place in the list."""

    code: fields.Code
    names: ReasonNames
    is_active: bool = True
    position: _Position | msgspec.UnsetType = msgspec.UNSET


def upsert_return_reasons(items: Sequence[ReasonItem], *, actor: Actor) -> list[Outcome]:
    """Add or change return reasons; one that is no longer active stays on what it was given for.

    Refuses with BadInput a reason without any name.
    Refuses with NotAllowed who is limited to shops or locations.
    """
    actor.ensure_everything()
    return retrying(lambda: _upsert(items, actor))


def _upsert(items: Sequence[ReasonItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        unit.lock_settings([("return_reason", code) for code in {i.code for i in items}])
        start_list()
        rows = sql.fetch(
            "select id, code, names, is_active, position from return_requests_reason order by code for no key update"
        )
        known = {row[1]: {"id": row[0], "code": row[1], "names": sql.from_json(row[2]), "is_active": row[3], "position": row[4]} for row in rows}  # fmt: skip
        last = max((row[4] for row in rows), default=0)
        written: dict[str, dict[str, Any]] = {}
        for item in items:
            names = msgspec.to_builtins(item.names)
            if not names:
                outcomes.append(Outcome.refused(_nameless()))
                continue
            old = known.get(item.code)
            last += old is None
            position = item.position if isinstance(item.position, int) else (old["position"] if old else last)  # fmt: skip
            row = {
                "id": old["id"] if old else ids.new_id(), "code": item.code, "names": names, "is_active": item.is_active,
                "position": position,
            }  # fmt: skip
            change = differences(old or {}, {k: v for k, v in row.items() if k != "id"})
            if change:
                known[item.code] = written[item.code] = row
                data = {"code": item.code, "changes": change if old else {}}
                unit.record(RETURN_REASON_SAVED, Subject("return_reason", row["id"]), STILL, data)
            outcomes.append(Outcome.done(row["id"], code=item.code, created=old is None))
        sql.insert_rows("return_requests_reason", _COLUMNS, list(written.values()), tail=_OVERWRITE)
    return outcomes


def _nameless() -> BadInput:
    return BadInput("A reason needs a name.", code="name_required", pointer="/names")
