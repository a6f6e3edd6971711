"""Which orders an actor sees: those of its shops; who is limited to locations sees what ships from them."""

from collections.abc import Iterable
from uuid import UUID

from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions


def uuid_list(ids: Iterable[UUID]) -> list[UUID]:
    """Return ids in a fixed order, for an array parameter."""
    return sorted(ids)


def limit_to_shops(where: Conditions, actor: Actor, column: str) -> None:
    """Keep rows of the shops that the actor may see."""
    if actor.shop_ids is not None:
        where.add(f"{column} = any(%s::uuid[])", uuid_list(actor.shop_ids))


def limit_to_locations(where: Conditions, actor: Actor, column: str) -> None:
    """Keep rows of the stock locations that the actor may see."""
    if actor.location_ids is not None:
        where.add(f"{column} = any(%s::uuid[])", uuid_list(actor.location_ids))


def limit_to_orders(where: Conditions, actor: Actor, *, order: str, shop: str) -> None:
    """Keep rows that belong to orders which the actor may see; `order` and `shop` are columns with their ids."""
    limit_to_shops(where, actor, shop)
    if actor.location_ids is not None:
        # Every claim on stock stands in a shipment, so a location's orders are those with a shipment from there.
        where.add(
            f"exists (select 1 from shipments_shipment own where own.order_id = {order} "
            "and own.location_id = any(%s::uuid[]))",
            uuid_list(actor.location_ids),
        )
