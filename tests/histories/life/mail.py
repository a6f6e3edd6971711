"""Deeds with e-mails: written for what happened, handed to a mail server that breaks at every point, written again by people."""

import smtplib
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.test import override_settings

from orderwerk.core import clock, effects, sql
from orderwerk.core.outcome import Outcome
from orderwerk.emails.commands.resend import ResendItem, resend_emails
from orderwerk.emails.sending import give_up_on_stuck, send_due
from orderwerk.flows.write_emails import TRIGGER_OF, write_event_emails
from tests.histories.life.deeds import Deed, anything, by
from tests.histories.life.reads import Message
from tests.histories.life.story import Story, Wish

# What becomes of a message: taken; put off or refused by the server's word; lost before or after the server had it; never connected.
_FATES = ("taken", "taken", "taken", "put off", "refused", "lost before", "lost after", "no connection")  # fmt: skip


class Mailbox(BaseEmailBackend):
    """The mail server of all histories: does with a message what its history has drawn, and counts what it took."""

    fates: dict[str, str] = {}
    taken: dict[str, int] = {}

    def open(self) -> bool:
        """Refuse the connection that was drawn to fail; the product makes one for each message."""
        if self.fates and next(iter(self.fates.values())) == "no connection":
            raise ConnectionRefusedError("nobody listens")
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Take a message, or break in the way that was drawn for it."""
        [message] = email_messages
        key = message.extra_headers["Message-ID"]
        fate = self.fates[key]
        if fate == "put off":
            raise smtplib.SMTPDataError(451, b"later")
        if fate == "refused":
            raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"no such mailbox")})
        if fate == "lost before":
            raise smtplib.SMTPServerDisconnected("gone")
        self.taken[key] = self.taken.get(key, 0) + 1
        if fate == "lost after":
            raise TimeoutError("no answer after the message")
        return 1


_BACKEND = f"{Mailbox.__module__}.{Mailbox.__qualname__}"
_EVENTS = "select id from core_event where shop_id = any(%s) and kind = any(%s) order by id"


def _write(story: Story, dice: Random) -> Wish | None:
    return Wish(None) if story.orders else None


def _run_write(parts: list[tuple[Story, Wish]]) -> Sequence[list[UUID]]:
    shops = [story.shop_id for story, _ in parts]
    events = [row[0] for row in sql.fetch(_EVENTS, (shops, list(TRIGGER_OF)))]
    write_event_emails(events)
    # The same events again, as after a job that was killed: nothing is told twice.
    again = write_event_emails(events)
    return [again] * len(parts)


def _written(story: Story, wish: Wish, again: list[UUID]) -> None:
    assert again == [], "an event was told twice"


def _send(story: Story, dice: Random) -> Wish | None:
    found = [m for m in story.snap.all("emails") if m.status == "queued"]
    return Wish({m: dice.choice(_FATES) for m in found}) if found else None


def _run_send(parts: list[tuple[Story, Wish]]) -> Sequence[None]:
    with override_settings(ORDERWERK_MAIL_ENABLED=True, EMAIL_BACKEND=_BACKEND):
        for _, wish in parts:
            for message, fate in wish.item.items():
                Mailbox.fates = {message.message_id: fate}
                send_due([message.id])
    return [None] * len(parts)


_AFTER = {
    "taken": {"sent"}, "put off": {"queued"}, "refused": {"failed"}, "lost before": {"unknown"}, "lost after": {"unknown"},
    "no connection": {"queued"},
}  # fmt: skip


def _sent(story: Story, wish: Wish, outcome: object) -> None:
    def look() -> None:
        rows = {m.id: m for m in story.snap.all("emails")}
        for message, fate in wish.item.items():
            # What was put off before waits for its time.
            status, taken = rows[message.id].status, Mailbox.taken.get(message.message_id, 0)
            assert status in _AFTER[fate] | {"queued"}, f"{fate}: {status}"
            assert taken == (1 if status == "sent" or (status, fate) == ("unknown", "lost after") else 0)  # fmt: skip

    story.pending.append(look)


def _killed(story: Story, dice: Random) -> Wish | None:
    found = [m for m in story.snap.all("emails") if m.status == "queued"]
    return Wish(dice.choice(found)) if found else None


def _run_killed(parts: list[tuple[Story, Wish]]) -> Sequence[None]:
    """A worker is killed while it talks to the mail server; later somebody else tidies up."""
    keys = [wish.item.id for _, wish in parts]
    for row in sql.fetch("select m.effect_id, m.id from emails_email m where m.id = any(%s)", (keys,)):  # fmt: skip
        if effects.begin_call(row[0]):
            sql.execute("update emails_email set status = 'sending' where id = %s", (row[1],))
    with clock.told(clock.now() + timedelta(minutes=20)):
        give_up_on_stuck()
    return [None] * len(parts)


def _later(story: Story, dice: Random) -> Wish | None:
    return Wish(None) if story.snap.all("emails") else None


def _run_later(parts: list[tuple[Story, Wish]]) -> Sequence[None]:
    """The time passes for which the server had asked."""
    shops = [story.shop_id for story, _ in parts]
    sql.execute("update core_effect e set next_attempt_at = null from emails_email m where m.effect_id = e.id and m.status = 'queued' and m.shop_id = any(%s)", (shops,))  # fmt: skip
    return [None] * len(parts)


def _kept(parts: list[tuple[Story, Wish]]) -> Sequence[None]:
    """No mail server is configured."""
    with override_settings(ORDERWERK_MAIL_ENABLED=False):
        send_due([wish.item.id for _, wish in parts])
    return [None] * len(parts)


def _again(story: Story, dice: Random) -> Wish | None:
    found: list[Message] = story.snap.all("emails")
    if not found:
        return None
    message = dice.choice(found)
    return Wish(ResendItem(email_id=message.id), {"fits": not story.orders[message.order].is_erased})  # fmt: skip


def _resent(story: Story, wish: Wish, outcome: Outcome) -> None:
    assert outcome.ok is wish.facts["fits"]


DEEDS = (
    Deed("write e-mails", 2, _write, _run_write, _written),
    Deed("send e-mails", 6, _send, _run_send, _sent),
    Deed("mail worker killed", 1, _killed, _run_killed, anything),
    Deed("mail server's time", 2, _later, _run_later, anything),
    Deed("no mail server", 1, _killed, _kept, anything),
    Deed("write again", 1, _again, by(resend_emails), _resent),
)
