"""Sends a stored message again, as a new message with the same text."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.orders.counters import lock_orders
from orderwerk.orders.erasure import check_not_erased, erased_among


class ResendItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stored message."""

    email_id: UUID


def resend_emails(items: Sequence[ResendItem], *, actor: Actor) -> list[Outcome]:
    """Write copies of stored messages and queue them; refuses with NotFound, with WrongState one about an erased order. The first copy stays as it is."""
    return retrying(lambda: _resend(items, actor))


_ATTACH_AGAIN = """
insert into emails_attachment (id, email_id, kind, object_id, name)
select gen_random_uuid(), t.copy, a.kind, a.object_id, a.name
from unnest(%s::uuid[], %s::uuid[]) as t(original, copy) join emails_attachment a on a.email_id = t.original
"""


def _resend(items: Sequence[ResendItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        rows = sql.fetch(
            "select id, shop_id, order_id, recipient, sender, reply_to, subject, body_text, body_html from emails_email where id = any(%s)",
            ([item.email_id for item in items],),
        )
        known = {row[0]: row for row in rows if actor.may_see_shop(row[1])}
        locked = lock_orders(unit, [row[2] for row in known.values()])
        known = {key: row for key, row in known.items() if row[2] in locked}
        erased = erased_among(locked)
        outcomes: list[Outcome] = []
        going: list[ResendItem] = []
        for item in items:
            try:
                row = known.get(item.email_id) or _unknown()
                check_not_erased(row[2], erased, locked[row[2]].number)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            going.append(item)
            outcomes.append(Outcome.done(item.email_id))
        copies = [
            NewEmail(
                known[i.email_id][1],
                known[i.email_id][2],
                "resent",
                ids.new_id(),
                *known[i.email_id][3:],
            )
            for i in going
        ]
        new = queue_emails(unit, copies)
        # One copy per item, in the order of the items.
        sql.execute(_ATTACH_AGAIN, ([i.email_id for i in going], new))
        fresh = iter(new)
    return [Outcome.done(next(fresh)) if outcome.ok else outcome for outcome in outcomes]


def _unknown() -> sql.Row:
    raise NotFound("There is no such e-mail.", code="unknown_email", pointer="/email_id")
