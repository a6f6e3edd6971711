"""The link that stands in an order's letters."""

from uuid import UUID

from orderwerk.core import sql
from orderwerk.orders.links import track_token


def own_token(order_id: UUID) -> str:
    """Return the token of an order for its present e-mail address."""
    rows = sql.fetch("select customer_email from orders_order where id = %s", (order_id,))
    return track_token(order_id, rows[0][0])
