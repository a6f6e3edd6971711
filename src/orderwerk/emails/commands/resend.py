"""Sends a stored message again, as a new message with the same text."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails


class ResendItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stored message."""

    email_id: UUID


def resend_emails(items: Sequence[ResendItem], *, actor: Actor) -> list[Outcome]:
    """Write copies of stored messages and queue them; refuses with NotFound. The first copy stays as it is."""
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
        copies = [
            NewEmail(
                known[i.email_id][1],
                known[i.email_id][2],
                "resent",
                ids.new_id(),
                *known[i.email_id][3:],
            )
            for i in items
            if i.email_id in known
        ]
        new = queue_emails(unit, copies)
        # One copy per item, in the order of the items.
        sql.execute(_ATTACH_AGAIN, ([i.email_id for i in items if i.email_id in known], new))
        fresh = iter(new)
    return [
        Outcome.done(next(fresh))
        if item.email_id in known
        else Outcome.refused(
            NotFound("There is no such e-mail.", code="unknown_email", pointer="/email_id")
        )
        for item in items
    ]
