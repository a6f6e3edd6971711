"""A lot's page: as a file whatever its lot is called, and no more to do than its reader may."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def a_lot(code: str) -> tuple[build.World, Any]:
    world = build.world(products=1, stock=0)
    sku = world.skus[0]
    upsert_products([ProductItem(sku=sku, name="Vaccine", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    receive_stock([ReceiveItem(sku=sku, location=world.locations[0], quantity=3, lot=code)], actor=build.TESTER)[0].require()  # fmt: skip
    [(key,)] = sql.fetch("select id from stock_lot where product_id = %s", (world.product_ids[sku],))  # fmt: skip
    return world, key


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_who_got_a_lot_comes_as_a_file_whatever_the_lot_is_called(kind: str, enter: Enter) -> None:
    _, key = a_lot('a/../b"; x=é\\')
    answer = enter().get(reverse("lot", args=[key]), {"file": kind})

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert "lot-a-..-b-x-%C3%A9-" in answer["Content-Disposition"]


def test_who_is_limited_keeps_a_lot_back_and_is_not_asked_to_let_it_go(enter: Enter) -> None:
    world, key = a_lot("A")
    hidden = build.world(products=1, stock=0)
    world.place((world.skus[0], 2))
    limited = enter("warehouse", shops=[hidden.shop])
    page, change = reverse("lot", args=[key]), changes_of(key)

    before = limited.get(page).content.decode()
    told = limited.post(change["block"], {"reason": "recalled"}, follow=True).content.decode()
    refused = limited.post(change["free"], {"sent": "1"})

    assert (change["block"] in before, change["day"] in before, change["free"] in told) == (True, False, False)  # fmt: skip
    assert "2 pieces were promised to orders of others and have been routed again." in told
    assert refused.status_code == 422
    assert (
        "Who is limited to shops does not change what all shops share." in refused.content.decode()
    )
    everyone = enter().get(page).content.decode()
    assert (change["free"] in everyone, change["block"] in everyone) == (True, False)


def changes_of(key: Any) -> dict[str, str]:
    return {verb: reverse("lot_change", args=[key, verb]) for verb in ("block", "free", "day")}


def test_a_count_that_takes_pieces_of_orders_that_its_reader_does_not_see_says_so(
    enter: Enter,
) -> None:
    world = build.world(products=1, stock=5, locations=1)
    other = build.world(products=1, stock=0, locations=1)
    link_locations([LocationShops(location=world.locations[0], shops=[world.shop, other.shop])], actor=build.TESTER)  # fmt: skip
    world.place((world.skus[0], 5))
    page = enter("warehouse", shops=[other.shop]).post(
        reverse("stock_change", args=["count", world.skus[0]]),
        {"location": world.locations[0], "quantity": "3"},
        follow=True,
    )

    assert "2 pieces were promised to orders of others and have been routed again." in page.content.decode()  # fmt: skip
