"""Shows what a text would look like: with made-up data, or with those of a real order; nothing is sent or kept."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.emails import letters
from orderwerk.emails.own_texts import Key, Stored, check_named, stored_texts, text_for
from orderwerk.emails.sample import sample_for
from orderwerk.emails.templating import MOST_BODY, MOST_SUBJECT, render, subject_line
from orderwerk.flows.compose import foot, logo_url
from orderwerk.flows.letter_data import orders_for_letters, shipments_for_letters
from orderwerk.shops.queries import ShopRow, all_shops


class PreviewItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text to look at: the one that would be sent, or `subject` and `body` as they are being written."""

    shop: fields.Code
    trigger: fields.Line
    language: fields.Line
    subject: Annotated[str, msgspec.Meta(max_length=MOST_SUBJECT)] | None = None
    body: Annotated[str, msgspec.Meta(max_length=MOST_BODY)] | None = None
    order_id: UUID | None = None


def preview_templates(items: Sequence[PreviewItem], *, actor: Actor) -> list[Outcome]:
    """Fill texts in; the outcome has `subject`, `text` and `html`.

    Refuses with NotFound a shop or an order that is not there, with BadInput an unknown trigger or language and a text
    that names something that is not there.
    """
    shops = {shop.code: shop for shop in all_shops(actor)}
    texts = stored_texts([shop.id for shop in shops.values()])
    orders = orders_for_letters((i.order_id for i in items if i.order_id is not None), actor)
    shipments = _newest_shipments(list(orders))
    outcomes: list[Outcome] = []
    for item in items:
        try:
            data = _data(item, {key: about[2] for key, about in orders.items()}, shipments)
            outcomes.append(_shown(item, shops, texts, data))
        except Refusal as refusal:
            outcomes.append(Outcome.refused(refusal))
    return outcomes


def _data(
    item: PreviewItem,
    orders: dict[UUID, dict[str, Any]],
    shipments: dict[UUID, dict[str, Any]],
) -> dict[str, Any] | None:
    if item.order_id is None:
        return None
    if item.order_id not in orders:
        raise NotFound(f"There is no order {item.order_id}.", pointer="/order_id")
    found = dict(orders[item.order_id])
    if item.order_id in shipments:
        found["shipment"] = shipments[item.order_id]
    return found


def _shown(
    item: PreviewItem,
    shops: dict[str, ShopRow],
    texts: dict[Key, Stored],
    real: dict[str, Any] | None,
) -> Outcome:
    shop_id, trigger = check_named(
        {code: shop.id for code, shop in shops.items()}, item.shop, item.trigger, item.language
    )
    shop = shops[item.shop]
    text = text_for(texts, shop_id, item.trigger, item.language)
    data = {
        **sample_for(trigger.speaks_of),
        "shop": {"name": shop.name, "email": shop.sender_email},
    }
    data.update({name: value for name, value in (real or {}).items() if name in data})
    subject = text.subject if item.subject is None else item.subject
    body = text.body if item.body is None else item.body
    filled = render(body, data, strict=True, pointer="/body")
    return Outcome.done(
        shop_id,
        subject=subject_line(render(subject, data, strict=True, pointer="/subject")),
        text=letters.plain(filled),
        html=letters.html(filled, shop=shop.name, foot=foot(shop), logo=logo_url(shop)),
    )


def _newest_shipments(order_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = sql.fetch(
        "select distinct on (order_id) order_id, id from shipments_shipment where order_id = any(%s) "
        "and status <> 'cancelled' order by order_id, id desc",
        (list(order_ids),),
    )
    found = shipments_for_letters(row[1] for row in rows)
    return {row[0]: found[row[1]] for row in rows}
