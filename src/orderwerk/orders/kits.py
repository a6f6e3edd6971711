"""Reads what lines of kits need of each product, and how far it has come."""

from uuid import UUID

import msgspec

from orderwerk.core import sql


class ComponentRow(msgspec.Struct, frozen=True):
    """What a line of a kit needs of one product, and how far it has come; in pieces."""

    order_line_id: UUID
    sku: str
    name: str
    needed: int
    allocated: int
    picked: int
    shipped: int
    per_kit: int

    @property
    def kits_started(self) -> int:
        """Kits of which pieces of this product have left."""
        return -(-self.shipped // self.per_kit)

    @property
    def waiting(self) -> int:
        """Pieces that wait for stock."""
        return self.needed - self.allocated - self.shipped


def order_components(order_id: UUID) -> dict[UUID, list[ComponentRow]]:
    """Return the components of an order's kits by line, for a caller that has read the order; one statement."""
    rows = sql.read(
        "select c.order_line_id, p.sku, p.name, c.needed, c.allocated, c.picked, c.shipped, c.per_kit from orders_component c "
        "join catalog_product p on p.id = c.product_id where c.order_id = %s order by p.sku",
        [order_id],
    )
    found: dict[UUID, list[ComponentRow]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(ComponentRow(*row))
    return found
