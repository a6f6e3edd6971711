"""What letters may say of refunds, read for any number at once, in the customer's language."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from orderwerk.core import sql
from orderwerk.flows.letter_data import money

_REFUNDS = """
select r.id, r.number, r.amount_minor, r.currency, o.locale, r.via from refunds_refund r join orders_order o on o.id = r.order_id
where r.id = any(%s) and r.via <> 'exchange'
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
