"""What rules know of an order's weight: nothing is light because nobody weighed it, and a kit weighs what is in it."""

from dataclasses import replace

import pytest

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.rule_filters import Filters, fits
from orderwerk.allocations.rules import Rule
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations
from tests import build
from tests.flows.test_rules import FACTS


@pytest.mark.parametrize(
    ("filters", "weighed", "unweighed"),
    [
        (Filters(max_weight_grams=900), True, False),
        (Filters(min_weight_grams=900), True, True),
        (Filters(min_weight_grams=901), False, False),
        (Filters(min_weight_grams=1, max_weight_grams=5000), True, False),
        (Filters(), True, True),
    ],
)
def test_what_nobody_weighed_weighs_so_much_at_least(
    filters: Filters, weighed: bool, unweighed: bool
) -> None:
    assert fits(filters, FACTS, {}) is weighed
    assert fits(filters, replace(FACTS, is_weighed=False), {}) is unweighed


def goes(world: build.World, sku: str, pieces: int = 1) -> list[str]:
    """Where so many pieces go on their way in, and again when they are routed later."""
    order = world.place((sku, pieces))
    first = build.allocations(order, "allocated")
    given = [ReleaseAllocationItem(allocation_id=key) for key, _, _, _ in first]
    for outcome in release_allocations(given, actor=build.TESTER):
        outcome.require()
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    again = build.allocations(order, "allocated")
    return [*{place for *_, place in first}, *{place for *_, place in again}]


@pytest.mark.django_db
def test_a_rule_up_to_a_weight_takes_only_what_is_known_to_be_light() -> None:
    world = build.world(locations=2, products=3, stock=50)
    light, heavy, unknown = world.skus
    near, far = world.locations
    for sku, grams in ((light, 400), (heavy, 3000), (unknown, None)):
        upsert_products([ProductItem(sku=sku, name=sku, weight_grams=grams)], actor=build.TESTER)[0].require()  # fmt: skip
    kits = {"light": [(light, 2)], "heavy": [(light, 1), (heavy, 1)], "unknown": [(light, 1), (unknown, 1)]}  # fmt: skip
    for name, parts in kits.items():
        # The kit's own weight is nothing to go by: it is sent as its components.
        item = ProductItem(
            sku=f"{light}-{name}", name=name, weight_grams=1, components=[ComponentItem(sku=sku, quantity=n) for sku, n in parts]
        )  # fmt: skip
        upsert_products([item], actor=build.TESTER)[0].require()
    rule = Rule(name="Letters", max_weight_grams=1000, locations=[far])
    set_routing_rules([RoutingItem(shop=world.shop, rules=[rule])], actor=build.TESTER)[0].require()

    assert goes(world, light, 2) == [far, far]
    assert goes(world, light, 3) == [near, near]
    assert goes(world, unknown) == [near, near]
    assert goes(world, f"{light}-light") == [far, far]
    assert goes(world, f"{light}-light", 2) == [near, near]
    assert goes(world, f"{light}-heavy") == [near, near]
    assert goes(world, f"{light}-unknown") == [near, near]
