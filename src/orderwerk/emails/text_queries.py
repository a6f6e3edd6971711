"""Reads of shops' texts: what is sent for each trigger and language, and the versions before."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select


class TemplateRow(msgspec.Struct, frozen=True):
    """A text that a shop has changed (or changed back: `is_custom` is false)."""

    id: UUID
    shop: str
    trigger: str
    language: str
    subject: str
    body: str
    is_custom: bool
    version: int
    updated_at: datetime


class VersionRow(msgspec.Struct, frozen=True):
    """A text as it stood from one change to the next."""

    version: int
    subject: str
    body: str
    is_custom: bool
    at: datetime
    actor_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFilters:
    """What a list of texts is narrowed to."""

    shop: str | None = None
    trigger: str | None = None
    language: str | None = None


_CONDITIONS = {"shop": "s.code = %s", "trigger": "t.trigger = %s", "language": "t.language = %s"}
_SORT = keyset.sortings(id=(("t.id", "uuid"),))["id"]


def _select(actor: Actor) -> Select:
    where = Conditions()
    if actor.shop_ids is not None:
        where.add("t.shop_id = any(%s::uuid[])", sorted(actor.shop_ids))
    return Select(
        "t.id, s.code, t.trigger, t.language, t.subject, t.body, t.is_custom, t.version, t.updated_at",
        "emails_template t join shops_shop s on s.id = t.shop_id",
        where,
    )


def template_page(
    actor: Actor, filters: TemplateFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[TemplateRow]:
    """Return one page of the texts that shops have changed; one statement."""
    select = _select(actor)
    select.where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(select, _SORT, cursor, limit)
    return Page([TemplateRow(*row) for row in rows], more)


def template_detail(actor: Actor, template_id: UUID) -> TemplateRow:
    """Return one changed text; one statement. Refuses with NotFound."""
    select = _select(actor)
    select.where.add("t.id = %s", template_id)
    rows, _ = keyset.fetch_page(select, _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no e-mail text {template_id}.", code="unknown_template")
    return TemplateRow(*rows[0])


def template_versions(template_id: UUID) -> list[VersionRow]:
    """Return the versions of a text, newest first, fifty at most; one statement."""
    return [
        VersionRow(*row)
        for row in sql.fetch(
            "select version, subject, body, is_custom, at, actor_name from emails_template_version "
            "where template_id = %s order by version desc limit 50",
            (template_id,),
        )
    ]
