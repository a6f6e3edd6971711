"""Writes messages down before they are sent: text, recipient and the one key they will ever have."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orderwerk.core import clock, effects, ids, sql
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.emails.events import EMAIL_QUEUED
from orderwerk.orders.counters import lock_orders
from orderwerk.orders.erasure import erased_among


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that goes with a message: its kind, its id, and what its file is called."""

    kind: str
    object_id: UUID
    name: str


_LONGEST_IN_KEY = 120


@dataclass(frozen=True, slots=True)
class NewEmail:
    """A message to write; (shop, trigger, object, recipient) happens once."""

    shop_id: UUID
    order_id: UUID
    trigger: str
    object_id: UUID
    recipient: str
    sender: str
    reply_to: str
    subject: str
    body_text: str
    body_html: str = ""
    attachments: tuple[Attachment, ...] = ()

    @property
    def key(self) -> str:
        """The key of its effect, the same every time; a long address stands in it as its hash (keys have 300 characters)."""
        recipient = self.recipient
        if len(recipient) > _LONGEST_IN_KEY:
            recipient = f"sha256:{hashlib.sha256(recipient.encode()).hexdigest()}"
        return f"{self.shop_id}/{self.trigger}/{self.object_id}/{recipient}"


_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, trigger text, object_id uuid, recipient text, sender text, reply_to text, "
    "subject text, body_text text, body_html text, message_id text, status text, status_note text, effect_id uuid, created_at timestamptz"
)


_ATTACHMENT = "id uuid, email_id uuid, kind text, object_id uuid, name text"


def still_to_write(unit: UnitOfWork, emails: Sequence[NewEmail]) -> list[NewEmail]:
    """Return the messages but those about orders that were erased meanwhile; locks the orders. Receipts of statements stay."""
    order_ids = [email.order_id for email in emails]
    erased = erased_among(lock_orders(unit, order_ids, of_all_shops=True))
    return [e for e in emails if e.order_id not in erased or e.trigger == "withdrawal.received"]


def queue_emails(unit: UnitOfWork, emails: Sequence[NewEmail]) -> list[UUID]:
    """Write messages that are not there yet, in two statements or, with attachments, three; returns the new ones' ids."""
    if not emails:
        return []
    keys = effects.intend([effects.Intent("email", email.key, email.shop_id) for email in emails])
    moment = clock.now()
    rows: dict[UUID, dict[str, Any]] = {}
    attached: dict[UUID, tuple[Attachment, ...]] = {}
    for email in emails:
        email_id = ids.new_id()
        attached[email_id] = email.attachments
        rows[email_id] = {
            "id": email_id, "shop_id": email.shop_id, "order_id": email.order_id, "trigger": email.trigger,
            "object_id": email.object_id, "recipient": email.recipient, "sender": email.sender, "reply_to": email.reply_to,
            "subject": email.subject, "body_text": email.body_text, "body_html": email.body_html,
            "message_id": f"<{email_id}@orderwerk>", "status": "queued",
            "status_note": "", "effect_id": keys[email.key], "created_at": moment,
        }  # fmt: skip
    written = sql.insert_rows(
        "emails_email",
        _COLUMNS,
        list(rows.values()),
        tail="on conflict (shop_id, trigger, object_id, recipient) do nothing returning id",
    )
    for (email_id,) in written:
        row = rows[email_id]
        subject = Subject("order", row["order_id"], None, row["order_id"], row["shop_id"])
        unit.record(EMAIL_QUEUED, subject, STILL, {"email_id": email_id, "subject": row["subject"]})
    new = [row[0] for row in written]
    files = [
        {
            "id": ids.new_id(),
            "email_id": key,
            "kind": a.kind,
            "object_id": a.object_id,
            "name": a.name,
        }
        for key in new
        for a in attached[key]
    ]
    if files:
        sql.insert_rows("emails_attachment", _ATTACHMENT, files)
    return new
