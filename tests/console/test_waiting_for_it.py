"""Who waits for an article, on its page and in the list of orders that wait for stock."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.core import sql
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def test_who_waits_for_an_article_is_shown_in_turn_and_served_from_there(enter: Enter) -> None:
    client = enter()
    world = build.world(stock=0, locations=1, backorder_release="by_hand")
    late, first = (world.place((world.skus[0], 2), placed_at=f"2026-11-2{n}T10:00:00Z") for n in (3, 1))  # fmt: skip
    urgent = world.place((world.skus[0], 3), placed_at="2026-11-24T10:00:00Z")
    sql.execute("update orders_order set priority = 5 where id = %s", (urgent,))
    in_turn = [build.order(key)["number"] for key in (urgent, first, late)]
    address = f"/stock/{world.skus[0]}/"

    page = client.get(address).content.decode()

    section = page[page.index("Waiting for it") : page.index("Movements")]
    assert "7 in 3 orders" in section
    assert re.findall(r'href="/orders/([^/"]+)/"', section) == in_turn

    world.count(world.locations[0], {world.skus[0]: 2})
    client.post("/orders/bulk/allocate/", {"id": str(late)})

    assert build.order(late)["units_allocated"] == 2
    assert "5 in 2 orders" in client.get(address).content.decode()
    picker = enter("warehouse").get(address).content.decode()
    assert "Choose order" not in picker


@pytest.mark.parametrize(
    ("how", "said"),
    [("automatic", "claimed by itself"), ("by_hand", "waits until somebody allocates it")],
)
def test_an_order_that_waits_says_whether_stock_is_claimed_by_itself(enter: Enter, how: str, said: str) -> None:  # fmt: skip
    world = build.world(stock=0, locations=1, backorder_release=how)
    number = build.order(world.place((world.skus[0], 2)))["number"]

    page = enter().get(f"/orders/{number}/allocations/").content.decode()

    assert said in page
    assert ("by itself" in page) == (how == "automatic")


def test_orders_that_wait_for_stock_stand_in_turn_and_other_tabs_by_day(enter: Enter) -> None:
    client = enter()

    waiting = client.get("/orders/", {"status": "awaiting_stock"}).context["listing"]

    assert waiting.asked.sort == "turn"
    assert [c.key for c in waiting.columns][2] == "turn"
    links = {link["tab"].key: link["url"] for link in waiting.tab_links()}
    assert links["awaiting_stock"] == "/orders/?status=awaiting_stock&sort=turn"
    assert links["shipped"] == "/orders/?status=shipped"
    shipped = client.get("/orders/", {"status": "shipped", "sort": "total"}).context["listing"]
    links = {link["tab"].key: link["url"] for link in shipped.tab_links()}
    assert (links["all"], links["awaiting_stock"]) == ("/orders/?status=all&sort=total", "/orders/?status=awaiting_stock&sort=turn")  # fmt: skip
    assert client.get("/orders/", {"sort": "turn"}).context["listing"].asked.sort == "-placed_at"
