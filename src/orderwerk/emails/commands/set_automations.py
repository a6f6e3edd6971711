"""Switches messages on or off for a shop."""

from collections.abc import Sequence
from typing import Any

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.emails.events import EMAIL_AUTOMATION_SET
from orderwerk.emails.own_texts import check_named, lock_shops
from orderwerk.emails.triggers import TRIGGERS


class AutomationItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether a shop sends a message by itself."""

    shop: fields.Code
    trigger: fields.Line
    is_on: bool


_ROW = "id uuid, shop_id uuid, trigger text, is_on boolean, version int"
_OVERWRITE = (
    "on conflict (id) do update set is_on = excluded.is_on, version = excluded.version returning id"
)


def set_automations(items: Sequence[AutomationItem], *, actor: Actor) -> list[Outcome]:
    """Switch messages on or off; refuses with NotFound a shop that is not there, with BadInput an unknown trigger.

    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _set(items, actor))


def _set(items: Sequence[AutomationItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    changed: dict[object, dict[str, Any]] = {}
    with unit_of_work(actor) as unit:
        shops = lock_shops(unit, [item.shop for item in items])
        known = _known(list(shops.values()))
        for item in items:
            try:
                shop_id, _ = check_named(shops, item.shop, item.trigger)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            key = (shop_id, item.trigger)
            row = known.setdefault(
                key,
                {
                    "id": ids.new_id(), "shop_id": shop_id, "trigger": item.trigger, "version": 0,
                    "is_on": TRIGGERS[item.trigger].is_on,
                },
            )  # fmt: skip
            if row["is_on"] != item.is_on:
                row["version"] += key not in changed
                row["is_on"] = item.is_on
                changed[key] = row
            outcomes.append(Outcome.done(row["id"], is_on=item.is_on))
        for row in changed.values():
            subject = Subject("email_automation", row["id"], row["version"], None, row["shop_id"])
            unit.record(
                EMAIL_AUTOMATION_SET,
                subject,
                STILL,
                {"trigger": row["trigger"], "is_on": row["is_on"]},
            )
        if changed:
            sql.insert_rows("emails_automation", _ROW, list(changed.values()), tail=_OVERWRITE)
    return outcomes


def _known(shop_ids: list[Any]) -> dict[Any, dict[str, Any]]:
    names = ("id", "shop_id", "trigger", "is_on", "version")
    rows = sql.fetch(
        f"select {', '.join(names)} from emails_automation where shop_id = any(%s)", (shop_ids,)
    )
    return {(row[1], row[2]): dict(zip(names, row, strict=True)) for row in rows}
