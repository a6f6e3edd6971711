"""The public shapes of payments, memos, e-mails, events and shops."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core.money import format_amount
from orderwerk.emails.queries import EmailRow
from orderwerk.emails.text_queries import TemplateRow
from orderwerk.memos.queries import MemoRow
from orderwerk.orders.cancel_queries import CancelRequestLineRow, CancelRequestRow
from orderwerk.orders.rows import EventRow
from orderwerk.payments.account_queries import AccountRow
from orderwerk.payments.capture_queries import CaptureRow
from orderwerk.payments.ledger_queries import EntryRow
from orderwerk.payments.queries import PaymentRow
from orderwerk.shops.queries import ShopRow


class Payment(msgspec.Struct, frozen=True):
    """Money received or promised, as the provider reports it; `captured` is what has come in.

    `is_contested`: an exchange or a store credit made it, and too little is left of the payment that its money came from, which was charged
    back; nothing of it goes back as money meanwhile. It follows that payment by itself, without an event or a version of its own: whoever
    needs it reads it again after `payment.charged_back`, `refund.succeeded` and what a payment of that order says later.
    """

    id: UUID
    order_id: UUID
    order_number: str
    shop: str
    currency: str
    provider: str
    method: str
    reference: str
    status: str
    amount: str
    authorized: str
    captured: str
    refunded: str
    charged_back: str
    is_contested: bool
    capture_before: datetime | None
    received_at: datetime | None
    created_at: datetime


class PaymentAccount(msgspec.Struct, frozen=True):
    """A shop's account at a payment provider; its secrets are never shown. `hook_url` is the address for its messages."""

    id: UUID
    shop: str
    provider: str
    mode: str
    is_active: bool
    capture_on_shipment: bool
    has_signing_secret: bool
    hook_url: str
    checked_at: datetime | None
    check_ok: bool | None
    check_note: str


def payment_account(row: AccountRow) -> PaymentAccount:
    """Return the public shape of an account at a payment provider."""
    return PaymentAccount(**{name: getattr(row, name) for name in PaymentAccount.__struct_fields__})


class Capture(msgspec.Struct, frozen=True):
    """A part of an authorised payment that is taken because goods have left; or what is left of it, let go (`is_release`).

    `is_in_doubt`: nobody knows whether the provider took it; it is looked up before anything is tried again.
    """

    id: UUID
    shop: str
    order_id: UUID
    order_number: str
    payment_id: UUID
    payment_reference: str
    provider: str
    currency: str
    amount: str
    is_release: bool
    status: str
    is_in_doubt: bool
    attempts: int
    provider_reference: str
    note: str
    created_at: datetime
    finished_at: datetime | None


def capture(row: CaptureRow) -> Capture:
    """Return the public shape of a capture."""
    names = set(Capture.__struct_fields__) - {"amount"}
    amount = format_amount(row.amount_minor, row.currency)
    return Capture(amount=amount, **{name: getattr(row, name) for name in names})


class LedgerEntry(msgspec.Struct, frozen=True):
    """One line of the ledger of money: `amount` from the account `credit` to the account `debit`; never changed."""

    id: UUID
    at: datetime
    shop: str
    order_id: UUID
    order_number: str
    payment_id: UUID
    provider: str
    payment_reference: str
    kind: str
    source_id: UUID
    debit: str
    credit: str
    currency: str
    amount: str


def ledger_entry(row: EntryRow) -> LedgerEntry:
    """Return the public shape of a line of the ledger."""
    same = {name: getattr(row, name) for name in LedgerEntry.__struct_fields__ if name != "amount"}
    return LedgerEntry(**same, amount=format_amount(row.amount_minor, row.currency))


class Memo(msgspec.Struct, frozen=True):
    """An internal note, never shown to customers."""

    id: UUID
    order_id: UUID
    order_number: str
    text: str
    author: str
    created_at: datetime
    pinned: bool
    mentions: list[str]


class Email(msgspec.Struct, frozen=True):
    """A message as it was (or will be) sent; `status_note` says what went wrong.

    `bounce`: a mail server told later that it did not arrive (`permanent`), or not yet (`temporary`).
    """

    id: UUID
    order_id: UUID
    order_number: str
    shop: str
    trigger: str
    recipient: str
    sender: str
    subject: str
    body: str
    body_html: str
    status: str
    status_note: str
    created_at: datetime
    sent_at: datetime | None
    attachments: list[str]
    left_out: list[str]
    message_id: str
    bounce: str | None
    bounce_note: str


class EmailTemplate(msgspec.Struct, frozen=True):
    """A text that a shop has changed, in Liquid; where `is_custom` is false it has gone back to the one that comes along."""

    id: UUID
    shop: str
    trigger: str
    language: str
    subject: str
    body: str
    is_custom: bool
    version: int
    updated_at: datetime


class Event(msgspec.Struct, frozen=True):
    """One line of history: what changed, who did it, when. `object_type` and `object_id` say of what."""

    id: UUID
    at: datetime
    kind: str
    object_type: str
    object_id: UUID
    order_id: UUID | None
    shop: str | None
    from_status: str | None
    to_status: str | None
    actor_kind: str
    actor: str
    data: dict[str, Any]


class Shop(msgspec.Struct, frozen=True):
    """A webshop with its policies and the codes of its stock locations."""

    id: UUID
    code: str
    name: str
    currency: str
    locale: str
    timezone: str
    sender_email: str
    sender_name: str
    legal: dict[str, Any]
    invoice_when: str
    refund_mode: str
    refund_schedule: str
    four_eyes_above: str
    return_window_days: int
    use_allocation: bool
    use_pick_lists: bool
    cancel_while_picking: str
    unpaid_hours: dict[str, int]
    late_payment: str
    backorder_release: str
    substitute_price: str
    substitute_hours: int
    substitute_when_short: bool
    collect_days: int
    return_portal: bool
    withdrawal_portal: bool
    on_account_methods: list[str]
    number_prefix: str
    erase_after_days: int | None
    fiscal_years: int
    locations: list[str]
    version: int


def payment(row: PaymentRow) -> Payment:
    """Return the public shape of a payment."""
    return Payment(
        id=row.id,
        order_id=row.order_id,
        order_number=row.order_number,
        shop=row.shop,
        currency=row.currency,
        provider=row.provider,
        method=row.method,
        reference=row.reference,
        status=row.status,
        amount=format_amount(row.amount_minor, row.currency),
        authorized=format_amount(row.authorized_minor, row.currency),
        captured=format_amount(row.captured_minor, row.currency),
        refunded=format_amount(row.refunded_minor, row.currency),
        charged_back=format_amount(row.charged_back_minor, row.currency),
        is_contested=row.is_contested,
        capture_before=row.capture_before,
        received_at=row.received_at,
        created_at=row.created_at,
    )


def memo(row: MemoRow) -> Memo:
    """Return the public shape of a memo."""
    return Memo(
        row.id,
        row.order_id,
        row.order_number,
        row.text,
        row.author_name,
        row.created_at,
        row.is_pinned,
        row.mentions,
    )


def email(row: EmailRow) -> Email:
    """Return the public shape of an e-mail."""
    return Email(
        id=row.id,
        order_id=row.order_id,
        order_number=row.order_number,
        shop=row.shop,
        trigger=row.trigger,
        recipient=row.recipient,
        sender=row.sender,
        subject=row.subject,
        body=row.body_text,
        body_html=row.body_html,
        status=row.status,
        status_note=row.status_note,
        created_at=row.created_at,
        sent_at=row.sent_at,
        attachments=row.attachments,
        left_out=row.left_out,
        message_id=row.message_id,
        bounce=row.bounce,
        bounce_note=row.bounce_note,
    )


def email_template(row: TemplateRow) -> EmailTemplate:
    """Return the public shape of a shop's text."""
    return EmailTemplate(**{name: getattr(row, name) for name in EmailTemplate.__struct_fields__})


def _money(name: str, value: object, currency: str | None) -> tuple[str, object]:
    # Inside, amounts are minor units under a name that says so; outside, decimal strings under the plain name.
    if name.endswith("_minor") and isinstance(value, int) and currency is not None:
        return name.removesuffix("_minor"), format_amount(value, currency)
    return name, value


def event(row: EventRow) -> Event:
    """Return the public shape of an event."""
    return Event(
        id=row.id,
        at=row.at,
        kind=row.kind,
        object_type=row.object_type,
        object_id=row.object_id,
        order_id=row.order_id,
        shop=row.shop,
        from_status=row.from_status,
        to_status=row.to_status,
        actor_kind=row.actor_kind,
        actor=row.actor_name,
        data=dict(_money(name, value, row.currency) for name, value in row.payload.items()),
    )


def shop(row: ShopRow) -> Shop:
    """Return the public shape of a shop."""
    return Shop(**{name: getattr(row, name) for name in Shop.__struct_fields__})


class CancelRequestLine(msgspec.Struct, frozen=True):
    """So many pieces of a line that are to be cancelled."""

    order_line_id: UUID
    sku: str
    name: str
    quantity: int


class CancelRequest(msgspec.Struct, frozen=True):
    """A wish to cancel goods that are being picked; `note` says why the warehouse rejected it."""

    id: UUID
    order_id: UUID
    order_number: str
    shop: str
    status: str
    reason: str
    requested_by: str
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str
    version: int
    lines: list[CancelRequestLine]


def cancel_request(row: CancelRequestRow, lines: Sequence[CancelRequestLineRow]) -> CancelRequest:
    """Return the public shape of a cancel request."""
    shown = {
        name: getattr(row, name) for name in CancelRequest.__struct_fields__ if name != "lines"
    }
    parts = [CancelRequestLine(x.order_line_id, x.sku, x.name, x.quantity) for x in lines]
    return CancelRequest(**shown, lines=parts)
