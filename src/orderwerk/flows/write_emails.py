"""Writes the messages that customers get about shipments."""

from collections.abc import Sequence
from email.utils import formataddr
from uuid import UUID

from django.conf import settings

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.texts import shipped_text

_SHIPPED = """
select s.id, o.shop_id, o.id, o.number, o.locale, o.customer_name, o.customer_email, p.name, p.sender_email, p.sender_name,
  s.tracking_code, s.tracking_url,
  (select jsonb_agg(jsonb_build_array(l.quantity, ol.name) order by ol.position)
   from shipments_line l join orders_line ol on ol.id = l.order_line_id where l.shipment_id = s.id and l.is_live)
from core_event e
join shipments_shipment s on s.id = e.aggregate_id
join orders_order o on o.id = s.order_id
join shops_shop p on p.id = o.shop_id
where e.id = any(%s) and (e.payload ->> 'notify')::boolean and s.status in ('shipped', 'delivered')
"""


def write_shipment_emails(event_ids: Sequence[UUID]) -> list[UUID]:
    """Write "on its way" messages for shipments shipped with `notify`; those written before are not written again."""
    with unit_of_work(Actor.job("mail")) as unit:
        emails: list[NewEmail] = []
        for row in sql.fetch(_SHIPPED, (list(event_ids),)):
            (
                shipment,
                shop_id,
                order_id,
                number,
                locale,
                name,
                email,
                shop,
                sender,
                sender_name,
                code,
                url,
                lines,
            ) = row
            if not email:
                continue
            text = shipped_text(
                locale,
                number=number,
                shop=shop,
                name=name,
                lines=[tuple(x) for x in sql.from_json(lines) or []],
                tracking=(code, url),
            )
            address = sender or settings.DEFAULT_FROM_EMAIL
            emails.append(
                NewEmail(
                    shop_id,
                    order_id,
                    "shipment.shipped",
                    shipment,
                    email,
                    formataddr((sender_name or shop, address)),
                    sender,
                    text.subject,
                    text.body,
                )
            )
        return queue_emails(unit, emails)
