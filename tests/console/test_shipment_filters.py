"""The list of shipments is narrowed to a carrier and to a shop, where there is more than one to choose from."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.core.decode import convert
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.console.conftest import enter  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def test_shipments_are_narrowed_to_a_carrier_and_to_a_shop(enter: Callable[..., Client]) -> None:  # noqa: F811
    world = build.world(locations=1)
    [one], [two] = (build.shipments(world.place((world.skus[0], 1))) for _ in range(2))
    client = enter("warehouse")
    alone = client.get("/shipments/").content.decode()
    assert 'name="carrier"' not in alone
    assert 'name="shop"' not in alone

    other = build.world(locations=1)
    [theirs] = build.shipments(other.place((other.skus[0], 1)))
    carrier = convert({"code": "post", "name": "Post"}, CarrierItem)
    upsert_carriers([carrier], actor=build.TESTER)[0].require()
    update_shipments([UpdateShipmentItem(shipment_id=one, carrier="post")], actor=build.TESTER)[0].require()  # fmt: skip
    numbers = {key: shipment_detail(build.TESTER, key).shipment.number for key in (one, two, theirs)}  # fmt: skip

    def shown(query: str) -> set[object]:
        text = client.get(f"/shipments/?{query}").content.decode()
        return {key for key, number in numbers.items() if f">{number}<" in text}

    assert shown("") == {one, two, theirs}
    assert shown("carrier=post") == {one}
    assert shown("carrier=manual") == {two, theirs}
    assert shown(f"shop={other.shop}") == {theirs}
    assert shown(f"shop={world.shop}&carrier=manual") == {two}
