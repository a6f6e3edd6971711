"""Writes what lines of kits need, from the kits as they are at that moment."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql

_INSERT = """
insert into orders_component (id, shop_id, order_id, order_line_id, product_id, per_kit, needed, allocated, picked, shipped)
select gen_random_uuid(), l.shop_id, l.order_id, l.id, c.product_id, c.quantity, (l.quantity - l.cancelled) * c.quantity, 0, 0, 0
from orders_line l join catalog_component c on c.kit_id = l.product_id
where l.id = any(%s)
"""


def insert_components(line_ids: Sequence[UUID]) -> None:
    """Give lines whose product has just become known the components of its kit; nothing of them is claimed yet."""
    sql.execute(_INSERT, (list(line_ids),))
