"""What letters may say of refunds, read for any number at once, in the customer's language."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from orderwerk.core import sql
from orderwerk.flows.letter_data import long_day, money
from orderwerk.refunds.store_credits import grouped_code

_REFUNDS = """
select r.id, r.number, r.amount_minor, r.currency, o.locale, r.via from refunds_refund r join orders_order o on o.id = r.order_id
where r.id = any(%s) and r.via not in ('exchange', 'store_credit')
"""


def refunds_for_letters(object_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what a letter may name of each refund of money among these objects; one statement."""
    keys = list(dict.fromkeys(object_ids))
    return {
        key: {
            "refund": {
                "number": number,
                "amount": money(amount, currency, locale),
                "by_bank": via == "manual",
            }
        }
        for key, number, amount, currency, locale, via in sql.fetch(_REFUNDS, (keys,))
    }


_CREDITS = """
select c.id, c.number, c.code, c.remaining_minor, c.currency, c.expires_on, coalesce((
    select nullif(q.receiver_language, '') from refunds_refund r join invoices_invoice v on v.id = r.credit_id
    join returns_return b on b.id = v.return_id join return_requests_request q on q.id = b.request_id where r.id = c.refund_id), o.locale)
from refunds_store_credit c
join orders_order o on o.id = c.order_id where c.id = any(%s)
"""


def credits_for_letters(object_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what a letter may name of each store credit among these objects, its code too; one statement."""
    keys = list(dict.fromkeys(object_ids))
    return {
        key: {
            "store_credit": {
                "number": number,
                "code": grouped_code(code),
                "remaining": money(remaining, currency, locale),
                "until": long_day(until, locale) if until else "",
            }
        }
        for key, number, code, remaining, currency, until, locale in sql.fetch(_CREDITS, (keys,))
    }
