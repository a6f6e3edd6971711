"""Writes shops' own texts with their versions and events: what changing and resetting have in common."""

from collections.abc import Sequence
from typing import Any

from orderwerk.core import clock, ids, sql
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.emails.events import EMAIL_TEMPLATE_CHANGED
from orderwerk.emails.own_texts import Stored

_ROW = (
    "id uuid, shop_id uuid, trigger text, language text, subject text, body text, is_custom boolean, version int, "
    "updated_at timestamptz"
)
_VERSION = "id uuid, template_id uuid, version int, subject text, body text, is_custom boolean, at timestamptz, actor_name text"
_OVERWRITE = (
    "on conflict (id) do update set subject = excluded.subject, body = excluded.body, is_custom = excluded.is_custom, "
    "version = excluded.version, updated_at = excluded.updated_at"
)


def write_texts(unit: UnitOfWork, changed: Sequence[Stored]) -> None:
    """Write changed texts (each once, under the lock of its shop) in two statements."""
    if not changed:
        return
    moment = clock.now()
    rows: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    for text in changed:
        shared = {
            "version": text.version, "subject": text.subject, "body": text.body, "is_custom": text.is_custom,
        }  # fmt: skip
        rows.append({
            "id": text.id, "shop_id": text.shop_id, "trigger": text.trigger, "language": text.language,
            "updated_at": moment, **shared,
        })  # fmt: skip
        versions.append({
            "id": ids.new_id(), "template_id": text.id, "at": moment, "actor_name": unit.actor.name, **shared,
        })  # fmt: skip
        data = {"trigger": text.trigger, "language": text.language, "is_custom": text.is_custom}
        subject = Subject("email_template", text.id, text.version, None, text.shop_id)
        unit.record(EMAIL_TEMPLATE_CHANGED, subject, STILL, data)
    sql.insert_rows("emails_template", _ROW, rows, tail=f"{_OVERWRITE} returning id")
    sql.insert_rows("emails_template_version", _VERSION, versions)
