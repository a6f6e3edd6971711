"""Hands messages to the mail server: at most once per message, whatever breaks."""

import contextlib
import logging
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from orderwerk.core import clock, effects, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import ensure
from orderwerk.core.events import EventKind
from orderwerk.core.uow import STILL, Subject, UnitOfWork, unit_of_work
from orderwerk.emails.events import (
    EMAIL_FAILED,
    EMAIL_INCOMPLETE,
    EMAIL_KEPT,
    EMAIL_SENT,
    EMAIL_UNKNOWN,
)

_log = logging.getLogger(__name__)

_ACTOR = Actor.job("mail")
_TRY_AGAIN_SECONDS = 120
_LONGEST_NOTE = 300
# After so many tries a message whose files cannot be made fails in sight.
_MOST_BROKEN = 12

# While the connection is made nothing has been handed over, whatever breaks: no such name, no route, no TLS, no login.
# ValueError: a host name that cannot be one.
_NOT_CONNECTED = (smtplib.SMTPException, OSError, ValueError)
# A clear answer of the server to the message: it is certainly not sent.
_REFUSALS = (
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPDataError,
)


@dataclass(frozen=True, slots=True)
class _Message:
    """A queued message as stored."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    effect_id: UUID
    recipient: str
    sender: str
    reply_to: str
    subject: str
    body: str
    body_html: str
    message_id: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a message."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A document that was to go with a message and cannot: which attachment, and what to say of it."""

    attachment_id: UUID
    note: str


@dataclass(frozen=True, slots=True)
class Attached:
    """What goes with a message, and what does not."""

    files: Sequence[File] = ()
    missing: Sequence[Missing] = ()


Files = Callable[[UUID], Attached]


def no_files(email_id: UUID) -> Attached:  # noqa: ARG001 - the shape of Files
    """Return nothing: for messages that carry nothing."""
    return Attached()


_DUE = """
select m.id, m.shop_id, m.order_id, m.effect_id, m.recipient, m.sender, m.reply_to, m.subject, m.body_text, m.body_html, m.message_id
from emails_email m join core_effect e on e.id = m.effect_id
where m.status = 'queued' and e.status = 'intended' and (e.next_attempt_at is null or e.next_attempt_at <= %s)
  and (%s::uuid[] is null or m.id = any(%s::uuid[]))
order by m.id limit %s
"""


def send_due(
    email_ids: Sequence[UUID] | None = None, *, files: Files = no_files, most: int = 200
) -> int:
    """Send queued messages (all that are due, or the named ones); returns how many were handled.

    Each: mark as sending (committed), connect and hand over with no transaction open, store the result. Whatever goes
    wrong while connecting is tried again later; a doubt is only what breaks in the handing over. A crash leaves
    `sending`, which `give_up_on_stuck` turns into `unknown` for a person to look at; it is never sent again by itself.
    `files` makes what goes with a message, before it counts as being sent; what it cannot make stands on the message that went.
    """
    ensure(not connection.in_atomic_block, "mail is sent outside a transaction")
    wanted = None if email_ids is None else list(email_ids)
    rows = sql.fetch(_DUE, (clock.now(), wanted, wanted, most))
    for row in rows:
        _send(_Message(*row), files)
    return len(rows)


def _send(message: _Message, files: Files) -> None:
    if not settings.ORDERWERK_MAIL_ENABLED:
        _finish(message, "queued", "kept", EMAIL_KEPT)
        return
    try:
        attached = files(message.id)
    except Exception as error:  # noqa: BLE001 - the other messages leave all the same
        _log.exception("the files of a message cannot be made", extra={"email": str(message.id)})
        _unmade(message, error)
        return
    if not _begin(message):
        return
    try:
        _connect_and_deliver(message, attached)
    except Exception as error:  # noqa: BLE001 - the other messages leave all the same
        # Nobody knows how far it came.
        _log.exception("a message broke in an unforeseen way", extra={"email": str(message.id)})
        with unit_of_work(_ACTOR):
            effects.doubt(message.effect_id, note=_broken(error))
            _finish(message, "sending", "unknown", EMAIL_UNKNOWN, _broken(error))


def _begin(message: _Message) -> bool:
    with unit_of_work(_ACTOR):
        mine = effects.begin_call(message.effect_id)
        if mine:
            _move(message.id, "queued", "sending", "")
    return mine


def _unmade(message: _Message, error: Exception) -> None:
    """Let a message wait whose files broke in a way that nobody foresaw; in the end a person looks."""
    if not _begin(message):
        return
    [(tries,)] = sql.fetch("select attempts from core_effect where id = %s", (message.effect_id,))
    if tries < _MOST_BROKEN:
        _later(message, _broken(error))
        return
    with unit_of_work(_ACTOR):
        effects.finish(message.effect_id, succeeded=False, note=_broken(error))
        _finish(message, "sending", "failed", EMAIL_FAILED, _broken(error))


def _broken(error: Exception) -> str:
    return f"It broke in an unforeseen way ({type(error).__name__})."


def _connect_and_deliver(message: _Message, attached: Attached) -> None:
    mailbox = get_connection(timeout=30)
    try:
        try:
            _connect(mailbox)
        except _NOT_CONNECTED as error:
            _later(message, str(error)[:300])
            return
        _deliver(message, attached, mailbox)
    finally:
        # What became of the message is known by now; a farewell that fails changes nothing.
        with contextlib.suppress(*_NOT_CONNECTED):
            mailbox.close()


def _connect(mailbox: BaseEmailBackend) -> None:
    mailbox.open()
    server = getattr(mailbox, "connection", None)
    if isinstance(server, smtplib.SMTP):
        server.ehlo_or_helo_if_needed()


def _deliver(message: _Message, attached: Attached, mailbox: BaseEmailBackend) -> None:
    note = "; ".join(each.note for each in attached.missing)[:_LONGEST_NOTE]
    try:
        _hand_over(message, attached.files, mailbox)
    except _REFUSALS as error:
        _refused(message, error)
    except (smtplib.SMTPException, OSError) as error:
        with unit_of_work(_ACTOR):
            effects.doubt(message.effect_id, note=str(error)[:300])
            _finish(message, "sending", "unknown", EMAIL_UNKNOWN, str(error)[:300])
            _leave_out(attached.missing)
    else:
        with unit_of_work(_ACTOR) as unit:
            effects.finish(message.effect_id, succeeded=True, reference=message.message_id)
            _finish(message, "sending", "sent", EMAIL_SENT)
            if _leave_out(attached.missing):
                _move(message.id, "sent", "sent", note)
                _tell(unit, message, EMAIL_INCOMPLETE, note)


def _leave_out(missing: Sequence[Missing]) -> bool:
    """Write down which documents did not go with a message; says whether there is one."""
    if not missing:
        return False
    keys = [each.attachment_id for each in missing]
    sql.execute("update emails_attachment set left_out = true where id = any(%s) and not left_out", (keys,))  # fmt: skip
    return True


def _hand_over(message: _Message, attached: Sequence[File], mailbox: BaseEmailBackend) -> None:
    mail = EmailMultiAlternatives(
        message.subject,
        message.body,
        message.sender,
        [message.recipient],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"Message-ID": message.message_id},
        connection=mailbox,
    )
    if message.body_html:
        mail.attach_alternative(message.body_html, "text/html")
    for file in attached:
        mail.attach(file.name, file.content, file.media_type)
    mail.send()


def _refused(message: _Message, error: Exception) -> None:
    note = str(error)[:300]
    code = getattr(error, "smtp_code", 0)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max((answer[0] for answer in error.recipients.values()), default=0)
    if not 500 <= code < 600:
        _later(message, note)
        return
    with unit_of_work(_ACTOR):
        effects.finish(message.effect_id, succeeded=False, note=note)
        _finish(message, "sending", "failed", EMAIL_FAILED, note)


def _later(message: _Message, note: str) -> None:
    with unit_of_work(_ACTOR):
        effects.try_later(message.effect_id, seconds=_TRY_AGAIN_SECONDS, note=note)
        _move(message.id, "sending", "queued", note)


def _finish(message: _Message, origin: str, status: str, kind: EventKind, note: str = "") -> None:
    with unit_of_work(_ACTOR) as unit:
        if _move(message.id, origin, status, note):
            _tell(unit, message, kind, note)


def _tell(unit: UnitOfWork, message: _Message, kind: EventKind, note: str) -> None:
    subject = Subject("order", message.order_id, None, message.order_id, message.shop_id)
    data = {"email_id": message.id, "subject": message.subject, **({"note": note} if note else {})}
    unit.record(kind, subject, STILL, data)


def _move(email_id: UUID, origin: str, status: str, note: str) -> bool:
    sent_at = clock.now() if status == "sent" else None
    return bool(
        sql.fetch(
            "update emails_email set status = %s, status_note = %s, sent_at = %s where id = %s and status = %s returning id",
            (status, note, sent_at, email_id, origin),
        )
    )


_STUCK = """
select m.id, m.shop_id, m.order_id, m.effect_id, m.recipient, m.sender, m.reply_to, m.subject, m.body_text, m.body_html, m.message_id
from emails_email m join core_effect e on e.id = m.effect_id
where m.status = 'sending' and e.status = 'called' and e.called_at < %s - interval '10 minutes'
"""


def give_up_on_stuck() -> int:
    """Turn messages whose sender died in the middle into `unknown`, for a person to look at; says how many."""
    rows = sql.fetch(_STUCK, (clock.now(),))
    for row in rows:
        message = _Message(*row)
        with unit_of_work(_ACTOR):
            note = "The program was stopped while it talked to the mail server."
            effects.doubt(message.effect_id, note=note)
            _finish(message, "sending", "unknown", EMAIL_UNKNOWN, note)
    return len(rows)
