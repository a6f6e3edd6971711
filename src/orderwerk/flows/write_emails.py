"""Writes what customers hear by themselves: each event once, in the customer's language, as the shop has switched it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import structs

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import (
    Attachment,
    NewEmail,
    queue_emails,
    still_to_write,
)
from orderwerk.emails.own_texts import Key, Stored, is_on, stored_texts, switches
from orderwerk.flows.compose import compose
from orderwerk.flows.decide_substitutions import SUBSTITUTED
from orderwerk.flows.gift_letters import receivers_of_gifts, to_receiver
from orderwerk.flows.letter_data import money, orders_for_letters, quiet, shipments_for_letters
from orderwerk.flows.refund_letters import credits_for_letters, refunds_for_letters
from orderwerk.flows.return_letters import repairs_for_letters, returns_for_letters
from orderwerk.flows.substitution_letters import substitutions_for_letters
from orderwerk.orders.rows import OrderRow
from orderwerk.shops.queries import ShopRow

# An order that was placed long ago and comes in now is history, not news: nobody wants a confirmation of it.
NEWS = timedelta(days=2)

_EVENTS = """
select id, kind, aggregate_id, order_id, payload from core_event where id = any(%s) order by id
"""
# What each kind of event sets off; a message about a shipment is one per shipment, a cancellation one per event.
TRIGGER_OF = {
    "order.placed": "order.received",
    "order.payment_changed": "order.paid",
    "order.cancelled": "order.cancelled",
    "substitution.proposed": "substitution.proposed",
    "shipment.shipped": "shipment.shipped",
    "shipment.ready": "shipment.ready",
    "shipment.delivered": "shipment.delivered",
    "return_request.received": "return_request.received",
    "return_request.approved": "return_request.approved",
    "return_request.rejected": "return_request.rejected",
    "return_request.kept": "return_request.kept",
    "return_label.made": "return_label.made",
    "claim.repair_received": "repair.received",
    "claim.repaired": "repair.sent_back",
    # Of a repair alone: what was not repaired goes back as well.
    "claim.rejected": "repair.sent_back",
    "withdrawal.received": "withdrawal.received",
    "return.processed": "return.processed",
    # Taken by the provider, or transferred by a colleague: whichever comes first, once per refund.
    "refund.accepted": "refund.sent",
    "refund.succeeded": "refund.sent",
    "store_credit.issued": "store_credit.issued",
    "store_credit.given_back": "store_credit.issued",
    "store_credit.stopped": "store_credit.stopped",
}

_ONLY_WITH_DATA = frozenset({
    "substitution.proposed", "refund.accepted", "refund.succeeded", "claim.rejected", "return_label.made",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Event:
    id: UUID
    kind: str
    object_id: UUID
    order_id: UUID
    payload: dict[str, Any]


def write_event_emails(event_ids: Sequence[UUID]) -> list[UUID]:
    """Write the messages that events set off; what was written before is not written again. Returns the new ones' ids."""
    with unit_of_work(Actor.job("mail")) as unit:
        events = [_Event(row[0], row[1], row[2], row[3], sql.from_json(row[4])) for row in sql.fetch(_EVENTS, (list(event_ids),))]  # fmt: skip
        orders = orders_for_letters(event.order_id for event in events)
        shipments = shipments_for_letters(event.object_id for event in events)
        returns = returns_for_letters(event.object_id for event in events)
        returns |= refunds_for_letters(event.object_id for event in events)
        returns |= credits_for_letters(event.object_id for event in events)
        returns |= substitutions_for_letters(event.object_id for event in events)
        returns |= repairs_for_letters(event.object_id for event in events)
        receivers = receivers_of_gifts(event.object_id for event in events)
        shop_ids = {row.shop_id for row, _, _ in orders.values()}
        texts, switched = stored_texts(shop_ids), switches(shop_ids)
        emails = []
        for event in events:
            # A substitute that was answered before anybody wrote is asked about no more; what pays for an exchange, or
            # becomes store credit, does not go back.
            is_over = event.kind in _ONLY_WITH_DATA and event.object_id not in returns
            if event.order_id not in orders or is_over:
                continue
            order, shop, data = orders[event.order_id]
            shipment = shipments.get(event.object_id)
            trigger = TRIGGER_OF[event.kind]
            asked = bool(event.payload.get("notify")) or is_on(switched, shop.id, trigger)
            about_return = returns.get(event.object_id, {})
            statement = about_return.get("withdrawal")
            if statement:
                # The receipt goes where the consumer wants it, in the language of the statement.
                order = structs.replace(
                    order, customer_email=statement["email"], locale=statement["language"]
                )
            told = {**data, **about_return}
            if event.object_id in receivers:
                order, told = to_receiver(order, told, receivers[event.object_id])
            if order.customer_email and asked and _is_news(event, order, shipment):
                emails.append(_write(event, (order, shop, told), shipment, texts))
        return queue_emails(unit, still_to_write(unit, emails))


def _is_news(event: _Event, order: OrderRow, shipment: Mapping[str, Any] | None) -> bool:
    match event.kind:
        case "order.placed":
            return order.placed_at > clock.now() - NEWS and order.status != "cancelled"
        case "order.payment_changed":
            due = order.grand_total_minor - order.cancelled_minor
            # What is taken because goods leave is told by the message that they left.
            is_taken_now = order.units_shipped > 0 and not order.on_account
            return 0 < due <= order.captured_minor and not is_taken_now
        case "order.cancelled":
            # Whoever agreed to a substitute knows that the other article does not come.
            return bool(event.payload.get("reason") != SUBSTITUTED)
        case kind if kind.startswith(
            ("return", "withdrawal", "refund", "store_credit", "substitution", "claim")
        ):
            return True
        case "shipment.ready":
            return shipment is not None and shipment["status"] == "announced"
        case _:
            # Whoever took it along at the counter knows that he has it.
            is_sent = shipment is not None and not shipment["collect_by"]
            return (
                is_sent and shipment is not None and shipment["status"] in {"shipped", "delivered"}
            )


def _write(
    event: _Event,
    about: tuple[OrderRow, ShopRow, dict[str, Any]],
    shipment: Mapping[str, Any] | None,
    texts: dict[Key, Stored],
) -> NewEmail:
    order, shop, data = about
    trigger = text_trigger = TRIGGER_OF[event.kind]
    extra: dict[str, Any] = {}
    if shipment is not None:
        extra["shipment"] = shipment
        if event.kind == "shipment.shipped" and order.status == "partially_shipped":
            text_trigger = "shipment.partly_shipped"
    if event.kind == "order.cancelled":
        extra["cancellation"] = {
            "is_whole": order.status == "cancelled",
            "reason": event.payload.get("reason") or "",
        }
    if "repair" in data:
        extra["repair"] = {**data["repair"], "note": quiet(event.payload.get("note") or "")}
    if event.kind == "store_credit.stopped":
        # Neither the code, which is worth nothing any more, nor the reason, which colleagues wrote for each other.
        ended = money(event.payload["amount_minor"], order.currency, order.locale)
        extra["ended_credit"] = {"number": event.payload["number"], "amount": ended}
    letter = compose(order, shop, {**data, **extra}, text_trigger, texts)
    once = {
        "order.placed": order.id,
        "order.payment_changed": order.id,
        "order.cancelled": event.id,
        # A credit is told of whenever something comes on it.
        "store_credit.given_back": event.id,
        "store_credit.stopped": event.id,
    }
    email = letter.email(trigger, once.get(event.kind, event.object_id))
    return replace(email, attachments=_attachments(event, data))


def _attachments(event: _Event, data: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Return the label that is to be printed; one that is shown as a code is on the order's page."""
    if "return_label" not in data or data["return_label"]["is_paperless"]:
        return ()
    number = data["return_request"]["number"]
    return (Attachment("return_label", event.object_id, f"return-label-{number}.pdf"),)
