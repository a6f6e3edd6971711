"""Shops' own texts and switches as they stand, filled up with the defaults; locked where they are to be changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import BadInput, NotFound
from orderwerk.core.uow import UnitOfWork
from orderwerk.emails.texts import LANGUAGES, default_text
from orderwerk.emails.texts.text import Text
from orderwerk.emails.triggers import TRIGGERS, WITHOUT_SWITCH, Trigger

Key = tuple[UUID, str, str]


@dataclass(slots=True)
class Stored:
    """A row of a shop's own text, changed or given up."""

    id: UUID
    shop_id: UUID
    trigger: str
    language: str
    subject: str
    body: str
    is_custom: bool
    version: int

    @property
    def key(self) -> Key:
        """Shop, trigger and language: there is one row of each."""
        return self.shop_id, self.trigger, self.language


_SELECT = """
select t.id, t.shop_id, t.trigger, t.language, t.subject, t.body, t.is_custom, t.version
from emails_template t where t.shop_id = any(%s)
"""


def stored_texts(shop_ids: Iterable[UUID]) -> dict[Key, Stored]:
    """Return the rows that shops have; one statement."""
    return {row.key: row for row in (Stored(*r) for r in sql.fetch(_SELECT, (list(shop_ids),)))}


def text_for(stored: dict[Key, Stored], shop_id: UUID, trigger: str, language: str) -> Text:
    """Return what is sent: the shop's own text, else the one that comes with Orderwerk."""
    own = stored.get((shop_id, trigger, language))
    if own is not None and own.is_custom:
        return Text(own.subject, own.body)
    return default_text(trigger, language)


def switches(shop_ids: Iterable[UUID]) -> dict[tuple[UUID, str], bool]:
    """Return what shops have switched on or off, where that was ever done; one statement."""
    rows = sql.fetch(
        "select shop_id, trigger, is_on from emails_automation where shop_id = any(%s)",
        (list(shop_ids),),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def is_on(found: dict[tuple[UUID, str], bool], shop_id: UUID, trigger: str) -> bool:
    """Tell whether a shop sends a trigger's message by itself."""
    return found.get((shop_id, trigger), TRIGGERS[trigger].is_on)


def lock_shops(unit: UnitOfWork, codes: Sequence[str]) -> dict[str, UUID]:
    """Lock shops by code, so that their texts change one after the other; those not for this actor are left out."""
    wanted = sorted(set(codes))
    unit.claim_locks("settings", [("shop", code) for code in wanted])
    rows = sql.fetch(
        "select code, id from shops_shop where code = any(%s) order by code for no key update",
        (wanted,),
    )
    return {row[0]: row[1] for row in rows if unit.actor.may_see_shop(row[1])}


def check_named(
    shops: dict[str, UUID], shop: str, trigger: str, language: str | None = None
) -> tuple[UUID, Trigger]:
    """Return the shop and the trigger that an item names; refuses with NotFound or BadInput."""
    if shop not in shops:
        raise NotFound(f"There is no shop {shop}.", code="unknown_shop", pointer="/shop")
    found = TRIGGERS.get(trigger)
    if found is None:
        raise BadInput(
            f"There is no message {trigger!r}: choose one of {', '.join(TRIGGERS)}.",
            code="unknown_trigger",
            pointer="/trigger",
        )
    if language is None and trigger in WITHOUT_SWITCH:
        raise BadInput(f"{trigger} has no switch of its own.", code="no_switch", pointer="/trigger")
    if language is not None and language not in LANGUAGES:
        raise BadInput(
            f"There are texts in {', '.join(LANGUAGES)}.",
            code="unknown_language",
            pointer="/language",
        )
    return shops[shop], found
