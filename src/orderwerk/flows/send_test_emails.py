"""Sends a text that is being written to whoever writes it, filled in with the data of a real order."""

from collections.abc import Sequence
from email.utils import formataddr
from uuid import UUID

import msgspec
from django.conf import settings

from orderwerk.core import fields, ids
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.flows.letter_data import orders_for_letters
from orderwerk.flows.preview_emails import PreviewItem, preview_templates
from orderwerk.shops.queries import ShopRow


class TrialItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text to try with an order's data (`preview` names the order), and who is to have it."""

    preview: PreviewItem
    order_id: UUID
    recipient: fields.Email


def send_test_emails(items: Sequence[TrialItem], *, actor: Actor) -> list[Outcome]:
    """Queue test messages; they stand among the order's e-mails. Refuses as `preview_templates` does."""
    return retrying(lambda: _send(items, actor))


def _send(items: Sequence[TrialItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shown = preview_templates([item.preview for item in items], actor=actor)
        orders = orders_for_letters((item.order_id for item in items), actor)
        emails = [
            _email(item, outcome, orders[item.order_id][1])
            for item, outcome in zip(items, shown, strict=True)
            if outcome.ok
        ]
        written = iter(queue_emails(unit, emails))
    return [Outcome.done(next(written)) if outcome.ok else outcome for outcome in shown]


def _email(item: TrialItem, shown: Outcome, shop: ShopRow) -> NewEmail:
    address = shop.sender_email or settings.DEFAULT_FROM_EMAIL
    return NewEmail(
        shop_id=shop.id,
        order_id=item.order_id,
        trigger="test",
        object_id=ids.new_id(),
        recipient=item.recipient,
        sender=formataddr((shop.sender_name or shop.name, address)),
        reply_to=shop.sender_email,
        subject=shown.data["subject"],
        body_text=shown.data["text"],
        body_html=shown.data["html"],
    )
