"""Reads of e-mails, as they were sent."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_orders


class EmailRow(msgspec.Struct, frozen=True):
    """One message about an order, with its whole text."""

    id: UUID
    order_id: UUID
    order_number: str
    shop: str
    trigger: str
    recipient: str
    sender: str
    reply_to: str
    subject: str
    body_text: str
    body_html: str
    message_id: str
    status: str
    status_note: str
    created_at: datetime
    sent_at: datetime | None
    attachments: list[str]
    # What each of them is, and what was to go along and did not.
    attachment_kinds: list[str]
    left_out: list[str]
    bounce: str | None
    bounce_note: str

    @property
    def attached(self) -> list[tuple[str, str]]:
        """What went along: kind and name."""
        return list(zip(self.attachment_kinds, self.attachments, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailFilters:
    """What a list of e-mails is narrowed to."""

    order_id: UUID | None = None
    status: str | None = None
    bounce: str | None = None
    shop: str | None = None


_CONDITIONS = {
    "order_id": "x.order_id = %s",
    "status": "x.status = %s",
    "bounce": "b.kind = %s",
    "shop": "x.shop_id = (select id from shops_shop where code = %s)",
}
_SORT = keyset.sortings(id=(("x.id", "uuid"),))["-id"]


def _select(actor: Actor) -> Select:
    where = Conditions()
    limit_to_orders(where, actor, order="x.order_id", shop="x.shop_id")
    return Select(
        "x.id, x.order_id, o.number, s.code, x.trigger, x.recipient, x.sender, x.reply_to, x.subject, x.body_text, x.body_html, "
        "x.message_id, x.status, x.status_note, x.created_at, x.sent_at, "
        "array(select a.name from emails_attachment a where a.email_id = x.id and not a.left_out order by a.name, a.id), "
        "array(select a.kind from emails_attachment a where a.email_id = x.id and not a.left_out order by a.name, a.id), "
        "array(select a.name from emails_attachment a where a.email_id = x.id and a.left_out order by a.name), "
        "b.kind, concat_ws(' ', nullif(b.code, ''), nullif(b.reason, ''))",
        "emails_email x join orders_order o on o.id = x.order_id join shops_shop s on s.id = x.shop_id "
        "left join lateral (select c.kind, c.code, c.reason from emails_bounce c where c.email_id = x.id order by c.kind limit 1) b on true",
        where,
    )


def email_page(
    actor: Actor, filters: EmailFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[EmailRow]:
    """Return one page of e-mails, newest first; one statement."""
    select = _select(actor)
    select.where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(select, _SORT, cursor, limit)
    return Page([_row(row) for row in rows], more)


# The code of a store credit is as good as money, and reading e-mails needs no right to move any: its last group stays.
_CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}(?=[0-9A-HJKMNP-TV-Z]{4})")


def _row(row: sql.Row) -> EmailRow:
    found = EmailRow(*row)
    if found.trigger != "store_credit.issued":
        return found
    hidden = {name: _CODE.sub("····-····-····-", getattr(found, name)) for name in ("subject", "body_text", "body_html")}  # fmt: skip
    return replace(found, **hidden)


def email_detail(actor: Actor, email_id: UUID) -> EmailRow:
    """Return one e-mail; one statement. Refuses with NotFound."""
    select = _select(actor)
    select.where.add("x.id = %s", email_id)
    rows, _ = keyset.fetch_page(select, _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no e-mail {email_id}.", code="unknown_email")
    return _row(rows[0])
