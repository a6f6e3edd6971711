"""Gives up a shop's own text: what comes with Orderwerk is sent again."""

from collections.abc import Sequence

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.emails.commands.write_texts import write_texts
from orderwerk.emails.own_texts import Stored, check_named, lock_shops, stored_texts
from orderwerk.emails.texts import default_text


class ResetTemplateItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The text of a shop for a message in a language."""

    shop: fields.Code
    trigger: fields.Line
    language: fields.Line


def reset_templates(items: Sequence[ResetTemplateItem], *, actor: Actor) -> list[Outcome]:
    """Go back to the texts that come with Orderwerk; the versions before stay to be had back.

    Refuses with NotFound, BadInput, and with WrongState where there is no text of the shop's own.
    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _reset(items, actor))


def _reset(items: Sequence[ResetTemplateItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    changed: list[Stored] = []
    with unit_of_work(actor) as unit:
        shops = lock_shops(unit, [item.shop for item in items])
        known = stored_texts(shops.values())
        for item in items:
            try:
                shop_id, _ = check_named(shops, item.shop, item.trigger, item.language)
                row = known.get((shop_id, item.trigger, item.language))
                if row is None or not row.is_custom:
                    raise WrongState(
                        "The shop has no text of its own here.",
                        code="no_own_text",
                        pointer="/trigger",
                    )
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            text = default_text(item.trigger, item.language)
            row.subject, row.body, row.is_custom = text.subject, text.body, False
            row.version += 1
            changed.append(row)
            outcomes.append(Outcome.done(row.id, version=row.version))
        write_texts(unit, changed)
    return outcomes
