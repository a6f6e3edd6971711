"""Puts a letter together: the text in the customer's language, filled in, in the layout, from the shop's own address."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr
from typing import Any
from uuid import UUID

from django.conf import settings

from orderwerk.core.errors import BadInput
from orderwerk.emails import letters
from orderwerk.emails.commands.queue import NewEmail
from orderwerk.emails.own_texts import Key, Stored, text_for
from orderwerk.emails.templating import render, subject_line
from orderwerk.emails.texts import default_text, language_of
from orderwerk.emails.texts.text import Text
from orderwerk.orders.rows import OrderRow
from orderwerk.shops.queries import ShopRow

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to the customer of an order, ready to be queued."""

    order: OrderRow
    shop: ShopRow
    subject: str
    body_text: str
    body_html: str

    def email(self, trigger: str, object_id: UUID, recipient: str | None = None) -> NewEmail:
        """Return it as a message; (shop, trigger, object, recipient) is written once."""
        address = self.shop.sender_email or settings.DEFAULT_FROM_EMAIL
        return NewEmail(
            shop_id=self.shop.id,
            order_id=self.order.id,
            trigger=trigger,
            object_id=object_id,
            recipient=recipient or self.order.customer_email or "",
            sender=formataddr((self.shop.sender_name or self.shop.name, address)),
            reply_to=self.shop.sender_email,
            subject=self.subject,
            body_text=self.body_text,
            body_html=self.body_html,
        )


def compose(
    order: OrderRow,
    shop: ShopRow,
    data: Mapping[str, Any],
    trigger: str,
    texts: dict[Key, Stored],
) -> Letter:
    """Return the letter of a trigger. A shop's text that fails with real data gives way to ours: the customer is told."""
    language = language_of(order.locale)
    text = text_for(texts, shop.id, trigger, language)
    try:
        return written(order, shop, data, text)
    except BadInput:
        _log.exception("the text %s (%s) of shop %s cannot be filled in", trigger, language, shop.code)  # fmt: skip
        return written(order, shop, data, default_text(trigger, language))


def written(order: OrderRow, shop: ShopRow, data: Mapping[str, Any], text: Text) -> Letter:
    """Return the letter of a text; refuses with BadInput a text that cannot be filled in."""
    subject = subject_line(render(text.subject, data, pointer="/subject"))
    body = render(text.body, data, pointer="/body")
    return Letter(
        order,
        shop,
        subject or shop.name,
        letters.plain(body),
        letters.html(body, shop=shop.name, foot=foot(shop), logo=logo_url(shop)),
    )


def logo_url(shop: ShopRow) -> str:
    """Return where a letter finds the shop's logo, for ever; empty where it has none."""
    return f"{settings.ORDERWERK_BASE_URL}/track/logos/{shop.logo}.png" if shop.logo else ""


def foot(shop: ShopRow) -> str:
    """Return who writes, as the law wants it under business letters."""
    legal = shop.legal
    numbers = [str(legal[name]) for name in ("company_number", "vat_number") if legal.get(name)]
    parts = (legal.get("name") or shop.name, legal.get("address"), " · ".join(numbers))
    return "\n".join(str(part) for part in parts if part)
