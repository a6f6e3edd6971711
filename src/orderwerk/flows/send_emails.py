"""Writes a message to the customer of an order by hand: free words, or one of the shop's texts with this order's data."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.emails.commands.queue import Attachment, NewEmail, queue_emails
from orderwerk.emails.own_texts import Key, Stored, stored_texts, text_for
from orderwerk.emails.templating import MOST_BODY, MOST_SUBJECT
from orderwerk.emails.texts import language_of
from orderwerk.emails.texts.text import Text
from orderwerk.emails.triggers import TRIGGERS
from orderwerk.flows.attachable import READ_WITH, Attachable, documents_by_id
from orderwerk.flows.compose import written
from orderwerk.flows.letter_data import orders_for_letters
from orderwerk.orders.counters import lock_orders
from orderwerk.orders.erasure import check_not_erased, erased_among
from orderwerk.orders.rows import OrderRow
from orderwerk.shops.queries import ShopRow

MOST_FILES = 10


class DocumentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A document: an invoice (debit or credit), the packing slip of a shipment that left, the slip or the label of a return.

    `id`: of the invoice, the shipment, the return request, the return label.
    """

    kind: Literal["invoice", "packing_slip", "return_slip", "return_label"]
    id: UUID


class SendEmailItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to write to the customer: `subject` and `body` (both Liquid), or the key of a `template`.

    `invoices` and other `documents` of the order go along, ten at most; the token must be allowed to read each kind of them
    (`billing:read`, `shipping:read`, `returns:read`).
    """

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
    documents: Annotated[list[DocumentItem], msgspec.Meta(max_length=MOST_FILES)] = []

    def named(self) -> dict[tuple[str, UUID], str]:
        """Return all that is to go along, each once, and where it stands in the item."""
        found = {("invoice", key): f"/invoices/{n}" for n, key in enumerate(self.invoices)}
        others = {(each.kind, each.id): f"/documents/{n}" for n, each in enumerate(self.documents)}
        return others | found


def scopes_to_send(item: SendEmailItem) -> frozenset[str]:
    """Return what the sender must be allowed to read besides the order: the kinds of the documents that go along."""
    return frozenset(READ_WITH[kind] for kind, _ in item.named())


_About = tuple[OrderRow, ShopRow, dict[str, Any]]


def send_emails(items: Sequence[SendEmailItem], *, actor: Actor) -> list[Outcome]:
    """Write messages, from the shop's own address, and queue them.

    Refuses with NotFound an order, or a document of it, that is not there, with WrongState an order that is erased or without an e-mail
    address, or a document that cannot go along now, with LimitExceeded more than ten documents, with BadInput
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
        files = documents_by_id([key for item in items for _, key in item.named()], actor)
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


def _attached(
    item: SendEmailItem, files: Mapping[tuple[str, UUID], Attachable]
) -> tuple[Attachment, ...]:
    named = item.named()
    if len(named) > MOST_FILES:
        raise LimitExceeded(
            f"At most {MOST_FILES} documents go with one message.",
            code="too_many_attachments",
            pointer="/documents",
        )
    return tuple(_attachment(item, key, files.get(key), at) for key, at in named.items())


def _attachment(
    item: SendEmailItem, key: tuple[str, UUID], file: Attachable | None, pointer: str
) -> Attachment:
    kind = key[0].replace("_", " ")
    if file is None or file.order_id != item.order_id:
        code = "unknown_invoice" if key[0] == "invoice" else "unknown_document"
        raise NotFound(f"The order has no {kind} {key[1]}.", code=code, pointer=pointer)
    if file.refused:
        raise WrongState(f"The {kind} {file.name} cannot go along now.", code=file.refused, pointer=pointer)  # fmt: skip
    return Attachment(file.kind, file.id, file.name)


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
