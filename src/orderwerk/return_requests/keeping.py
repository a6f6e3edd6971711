"""What customers keep of an order, or ask to keep, over all its requests: the shop's limit is for these together."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.return_requests.rules import worth

_KEPT = """
select r.order_id, l.gross_minor, k.quantity, l.quantity
from return_requests_request r join return_requests_line k on k.request_id = r.id join orders_line l on l.id = k.order_line_id
where r.order_id = any(%s) and (r.is_kept or (%s and r.outcome = 'keep' and r.status in ('requested', 'approved')))
"""


def kept_of(order_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return what was sold for so much and is kept, by order, in minor units; one statement."""
    return _sums(order_ids, with_wishes=False)


def kept_or_asked_of(order_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the same with what customers ask to keep in requests that are not finished; one statement."""
    return _sums(order_ids, with_wishes=True)


def _sums(order_ids: Sequence[UUID], *, with_wishes: bool) -> dict[UUID, int]:
    sums = dict.fromkeys(order_ids, 0)
    for order_id, gross, pieces, quantity in sql.fetch(_KEPT, (list(sums), with_wishes)):
        sums[order_id] += worth(gross, pieces, quantity)
    return sums
