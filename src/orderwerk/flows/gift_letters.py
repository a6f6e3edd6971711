"""Letters about gifts that come back go to whoever received them, and name neither the buyer nor what was paid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import structs

from orderwerk.core import sql
from orderwerk.flows.letter_data import quiet
from orderwerk.orders.links import gift_return_url
from orderwerk.orders.rows import OrderRow


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who received a gift, and the request with which they send it back."""

    request_id: UUID
    name: str
    email: str
    language: str


_OF_GIFTS = """
select k.id, q.id, q.receiver_name, q.receiver_email, q.receiver_language from unnest(%s::uuid[]) as k(id)
join return_requests_request q on q.is_gift and q.id = coalesce(
  (select r.id from return_requests_request r where r.id = k.id),
  (select b.request_id from returns_return b where b.id = k.id),
  (select b.request_id from refunds_store_credit c join refunds_refund r on r.id = c.refund_id
   join invoices_invoice v on v.id = r.credit_id join returns_return b on b.id = v.return_id where c.id = k.id))
"""


def receivers_of_gifts(object_ids: Iterable[UUID]) -> dict[UUID, Receiver]:
    """Return whom letters about these requests, returns and store credits go to, where they are of a gift; one statement."""
    rows = sql.fetch(_OF_GIFTS, (list(dict.fromkeys(object_ids)),))
    return {row[0]: Receiver(*row[1:]) for row in rows}


def to_receiver(
    order: OrderRow, data: Mapping[str, Any], receiver: Receiver
) -> tuple[OrderRow, dict[str, Any]]:
    """Return order and data of a letter as whoever received the gift may read them, whatever text the shop has written."""
    known = dict.fromkeys(data["order"], "") | {
        "number": order.number,
        "is_paid": True,
        "lines": [],
        "left": [],
        "waiting": [],
        "track_url": gift_return_url(receiver.request_id, receiver.email),
    }
    told = {
        **data,
        "customer": {"name": quiet(receiver.name), "email": receiver.email, "company": ""},
        "order": known,
    }
    if "returned" in told:
        # What it was worth is told with the store credit.
        told["returned"] = {**told["returned"], "credited": ""}
    reader = structs.replace(
        order,
        customer_email=receiver.email,
        customer_name=receiver.name,
        customer_company=None,
        locale=receiver.language,
    )
    return reader, told
