"""Writes a message to the customer of an order by hand: free words, or one of the shop's texts with this order's data."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.emails.commands.queue import Attachment, NewEmail, queue_emails
from orderwerk.emails.own_texts import Key, Stored, stored_texts, text_for
from orderwerk.emails.templating import MOST_BODY, MOST_SUBJECT
from orderwerk.emails.texts import language_of
from orderwerk.emails.texts.text import Text
from orderwerk.emails.triggers import TRIGGERS
from orderwerk.flows.compose import written
from orderwerk.flows.letter_data import orders_for_letters
from orderwerk.orders.counters import lock_orders
from orderwerk.orders.erasure import check_not_erased, erased_among
from orderwerk.orders.rows import OrderRow
from orderwerk.shops.queries import ShopRow

MOST_FILES = 10


class SendEmailItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to write to the customer: `subject` and `body` (both Liquid), or the key of a `template`; `invoices` go along."""

    order_id: UUID
    subject: (
        Annotated[
            str,
            msgspec.Meta(min_length=1, max_length=MOST_SUBJECT, pattern=r"^[^\r\n\t]*(?![\s\S])"),
        ]
        | None
    ) = None
    body: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_BODY)] | None = None
    template: fields.Line | None = None
    invoices: Annotated[list[UUID], msgspec.Meta(max_length=MOST_FILES)] = []


_About = tuple[OrderRow, ShopRow, dict[str, Any]]


def send_emails(items: Sequence[SendEmailItem], *, actor: Actor) -> list[Outcome]:
    """Write messages, from the shop's own address, and queue them.

    Refuses with NotFound an order, or an invoice of it, that is not there, with WrongState one that is erased or without an e-mail address, with BadInput
    neither words nor template, both, a template that speaks of a shipment or a cancellation, or words that cannot be
    filled in.
    """
    return retrying(lambda: _send(items, actor))


def _send(items: Sequence[SendEmailItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    emails: list[NewEmail] = []
    with unit_of_work(actor) as unit:
        # Against erasing at the same moment.
        erased = erased_among(lock_orders(unit, [item.order_id for item in items]))
        found = orders_for_letters((item.order_id for item in items), actor)
        files = _files([key for item in items for key in item.invoices])
        texts = stored_texts({shop.id for _, shop, _ in found.values()})
        for item in items:
            try:
                attached = _attached(item, files)
                about = found.get(item.order_id)
                check_not_erased(item.order_id, erased, about[0].number if about else "")
                emails.append(_written(item, about, texts, attached))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            outcomes.append(Outcome.done(emails[-1].object_id))
        written_ids = iter(queue_emails(unit, emails))
    return [
        Outcome.done(next(written_ids), status="queued") if outcome.ok else outcome
        for outcome in outcomes
    ]


def _files(invoice_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, Attachment]]:
    rows = sql.fetch(
        "select id, order_id, number from invoices_invoice where id = any(%s)", (list(invoice_ids),)
    )
    return {row[0]: (row[1], Attachment("invoice", row[0], f"{row[2]}.pdf")) for row in rows}


def _attached(
    item: SendEmailItem, files: dict[UUID, tuple[UUID, Attachment]]
) -> tuple[Attachment, ...]:
    found = []
    for index, key in enumerate(dict.fromkeys(item.invoices)):
        order_id, file = files.get(key, (None, None))
        if file is None or order_id != item.order_id:
            raise NotFound(
                f"The order has no invoice {key}.",
                code="unknown_invoice",
                pointer=f"/invoices/{index}",
            )
        found.append(file)
    return tuple(found)


def _written(
    item: SendEmailItem,
    about: _About | None,
    texts: dict[Key, Stored],
    attached: tuple[Attachment, ...],
) -> NewEmail:
    if about is None:
        raise NotFound(f"There is no order {item.order_id}.", pointer="/order_id")
    order, shop, data = about
    if not order.customer_email:
        raise WrongState(f"Order {order.number} has no e-mail address.", code="no_email_address")
    letter = written(order, shop, data, _text(item, order, shop, texts))
    return replace(letter.email("written", ids.new_id()), attachments=attached)


def _text(item: SendEmailItem, order: OrderRow, shop: ShopRow, texts: dict[Key, Stored]) -> Text:
    if item.template is None:
        if item.subject is None or item.body is None:
            raise BadInput("Give subject and body, or a template.", code="nothing_written", pointer="/body")  # fmt: skip
        return Text(item.subject, item.body)
    if item.subject is not None or item.body is not None:
        raise BadInput("Give words or a template, not both.", code="words_and_template", pointer="/template")  # fmt: skip
    trigger = TRIGGERS.get(item.template)
    if trigger is None or trigger.speaks_of:
        usable = ", ".join(key for key, each in TRIGGERS.items() if not each.speaks_of)
        raise BadInput(
            f"{item.template!r} is no text about an order alone: choose one of {usable}.",
            code="unknown_template",
            pointer="/template",
        )
    return text_for(texts, shop.id, trigger.key, language_of(order.locale))
