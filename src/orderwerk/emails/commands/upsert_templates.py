"""Gives a shop a text of its own for a message in a language."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from orderwerk.core import fields, ids
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Conflict, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.emails.commands.write_texts import write_texts
from orderwerk.emails.own_texts import Stored, check_named, lock_shops, stored_texts
from orderwerk.emails.sample import sample_for
from orderwerk.emails.templating import MOST_BODY, MOST_SUBJECT, render
from orderwerk.emails.triggers import Trigger


class TemplateItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text in Liquid: `subject` on one line, `body` with blank lines between paragraphs."""

    shop: fields.Code
    trigger: fields.Line
    language: fields.Line
    subject: Annotated[
        str, msgspec.Meta(min_length=1, max_length=MOST_SUBJECT, pattern=r"^[^\r\n\t]*(?![\s\S])")
    ]
    body: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_BODY)]
    version: int | None = None


def upsert_templates(items: Sequence[TemplateItem], *, actor: Actor) -> list[Outcome]:
    """Write texts; each is tried on sample data first.

    Refuses with NotFound a shop that is not there, with BadInput an unknown trigger or language and a text that cannot
    be filled in (`invalid_template`), with Conflict a `version` that is not the present one.
    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _upsert(items, actor))


def _upsert(items: Sequence[TemplateItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    changed: dict[object, Stored] = {}
    with unit_of_work(actor) as unit:
        shops = lock_shops(unit, [item.shop for item in items])
        known = stored_texts(shops.values())
        for item in items:
            try:
                shop_id, trigger = check_named(shops, item.shop, item.trigger, item.language)
                check_text(item.subject, item.body, trigger)
                key = (shop_id, item.trigger, item.language)
                row = known.get(key) or Stored(ids.new_id(), *key, "", "", False, 0)  # noqa: FBT003 - a row
                if item.version is not None and item.version != row.version:
                    raise Conflict(
                        f"The text is at version {row.version}: somebody changed it meanwhile.",
                        code="stale_version",
                        pointer="/version",
                    )
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            if (row.subject, row.body, row.is_custom) != (item.subject, item.body, True):
                row.version += key not in changed
                row.subject, row.body, row.is_custom = item.subject, item.body, True
                known[key] = changed[key] = row
            outcomes.append(Outcome.done(row.id, version=row.version))
        write_texts(unit, list(changed.values()))
    return outcomes


def check_text(subject: str, body: str, trigger: Trigger) -> None:
    """Refuse (BadInput) a text that cannot be filled in with what its trigger speaks of."""
    data = sample_for(trigger.speaks_of)
    render(subject, data, strict=True, pointer="/subject")
    render(body, data, strict=True, pointer="/body")
