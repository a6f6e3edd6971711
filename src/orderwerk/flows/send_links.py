"""Sends customers the link to their order's page, where typing its number is not enough to open it."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import queue_emails, still_to_write
from orderwerk.emails.own_texts import stored_texts
from orderwerk.flows.compose import compose
from orderwerk.flows.letter_data import orders_for_letters

_TRIGGER = "portal.link"


def send_links(order_ids: Sequence[UUID]) -> list[UUID]:
    """Write each order's customer a letter with the link, once a day at most; returns the ids of the new ones."""
    today = clock.now().date().isoformat()
    with unit_of_work(Actor.job("mail")) as unit:
        orders = orders_for_letters(order_ids)
        texts = stored_texts({row.shop_id for row, _, _ in orders.values()})
        letters = [
            compose(row, shop, data, _TRIGGER, texts).email(_TRIGGER, uuid5(row.id, today))
            for row, shop, data in orders.values()
            if row.customer_email
        ]
        return queue_emails(unit, still_to_write(unit, letters))
