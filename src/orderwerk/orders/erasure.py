"""Which orders have had their personal data erased: those take no new words about people."""

from collections.abc import Iterable
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import WrongState


def erased_among(order_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return which of these orders are erased; one statement. Ask under the orders' lock, or the answer may be old."""
    rows = sql.fetch(
        "select id from orders_order where id = any(%s) and erased_at is not null",
        (sorted(set(order_ids)),),
    )
    return frozenset(row[0] for row in rows)


def check_not_erased(order_id: UUID, erased: frozenset[UUID], number: str) -> None:
    """Refuse (WrongState) new words about the people of an order that is erased."""
    if order_id in erased:
        raise WrongState(
            f"The personal data of order {number} was erased; it takes no new data.", code="erased"
        )
