"""Sends a text that is being written to whoever writes it, filled in with the data of a real order."""

from collections.abc import Collection, Mapping, Sequence
from email.utils import formataddr
from typing import Annotated
from uuid import UUID

import msgspec
from django.conf import settings

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.templating import MOST_BODY, MOST_SUBJECT
from orderwerk.flows.letter_data import orders_for_letters
from orderwerk.flows.preview_emails import PreviewItem, preview_templates
from orderwerk.orders.counters import lock_orders
from orderwerk.orders.erasure import check_not_erased, erased_among
from orderwerk.shops.queries import ShopRow


class TrialItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text to try with an order's data, and who is to have it: the one that would be sent, or `subject` and `body` as written here."""

    shop: fields.Code
    trigger: fields.Line
    language: fields.Line
    subject: Annotated[str, msgspec.Meta(max_length=MOST_SUBJECT)] | None = None
    body: Annotated[str, msgspec.Meta(max_length=MOST_BODY)] | None = None
    order_id: UUID
    recipient: fields.Email

    @property
    def preview(self) -> PreviewItem:
        """Return what is to be shown of it."""
        return PreviewItem(
            shop=self.shop,
            trigger=self.trigger,
            language=self.language,
            subject=self.subject,
            body=self.body,
            order_id=self.order_id,
        )


def send_test_emails(items: Sequence[TrialItem], *, actor: Actor) -> list[Outcome]:
    """Queue test messages; they stand among the order's e-mails.

    Refuses as `preview_templates` does, with WrongState an order whose personal data was erased, and with BadInput whoever does
    not work here: a test carries the data of somebody else's order.
    """
    return retrying(lambda: _send(items, actor))


def _send(items: Sequence[TrialItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        # Against erasing at the same moment.
        locked = lock_orders(unit, [item.order_id for item in items])
        erased = {key: locked[key].number for key in erased_among(locked)}
        previews = preview_templates([item.preview for item in items], actor=actor)
        people = _people(items)
        shown = [_unless_refused(i, o, erased, people) for i, o in zip(items, previews, strict=True)]  # fmt: skip
        orders = orders_for_letters((item.order_id for item in items), actor)
        emails = [
            _email(item, outcome, orders[item.order_id][1])
            for item, outcome in zip(items, shown, strict=True)
            if outcome.ok
        ]
        written = iter(queue_emails(unit, emails))
    return [Outcome.done(next(written)) if outcome.ok else outcome for outcome in shown]


def _people(items: Sequence[TrialItem]) -> set[str]:
    wanted = sorted({item.recipient.lower() for item in items})
    rows = sql.fetch("select lower(email) from accounts_user where is_active and lower(email) = any(%s)", (wanted,))  # fmt: skip
    return {row[0] for row in rows}


def _unless_refused(
    item: TrialItem, shown: Outcome, erased: Mapping[UUID, str], people: Collection[str]
) -> Outcome:
    try:
        check_not_erased(item.order_id, frozenset(erased), erased.get(item.order_id, ""))
        if item.recipient.lower() not in people:
            raise BadInput(
                f"Nobody who works here has the address {item.recipient}; a test goes to colleagues alone.",
                code="no_colleague",
                pointer="/recipient",
            )
    except Refusal as refusal:
        return Outcome.refused(refusal)
    return shown


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
