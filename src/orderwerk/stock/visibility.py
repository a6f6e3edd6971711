"""Which stock locations an actor sees: named ones, else those that its shops may draw from."""

from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions


def limit_to_places(actor: Actor, column: str) -> Conditions:
    """Return the condition that keeps the locations of an actor; `column` holds a location's id."""
    where = Conditions()
    if actor.location_ids is not None:
        where.add(f"{column} = any(%s::uuid[])", sorted(actor.location_ids))
    if actor.shop_ids is not None:
        where.add(
            f"{column} in (select location_id from shops_shop_location where shop_id = any(%s::uuid[]))",
            sorted(actor.shop_ids),
        )
    return where
