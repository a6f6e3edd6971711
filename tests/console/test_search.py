"""The search box at the top: it finds pick lists by their number, beside the orders that are on them."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.accounts.models import Role
from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.orders.queries import OrderFilters, order_page
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.queries import pick_lists_called
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def _listed(world: build.World, orders: int, place: int = 0) -> tuple[str, list[str]]:
    """A pick list of so many orders at a location; its number, and those of its orders."""
    code = world.locations[place]
    made = [world.place((world.skus[0], 1)) for _ in range(orders)]
    shipments = [key for order in made for key in build.shipments(order)]
    item = CreatePickListItem(location=code, shipment_ids=shipments, kind="batch")
    outcome = create_pick_lists([item], actor=build.TESTER)[0].require()
    [listed] = outcome.data["pick_lists"]
    return listed["number"], [build.order(order)["number"] for order in made]


def _orders(actor: Actor, text: str) -> set[str]:
    return {row.number for row in order_page(actor, OrderFilters(q=text)).items}


def test_a_pick_list_is_found_by_its_number_with_the_orders_on_it(enter: Enter) -> None:
    world = build.world()
    number, orders = _listed(world, 3)
    world.place()

    for text in (number, number.lower(), f" {number} "):
        page = enter().get("/orders/", {"q": text}).content.decode()
        assert f'href="/pick-lists/{number}/">Pick list {number}</a>' in page, text
        assert "3 orders" in page
        assert _orders(build.TESTER, text) == set(orders)


def test_what_is_no_number_of_a_pick_list_finds_none(enter: Enter) -> None:
    number, _ = _listed(build.world(), 1)
    client = enter()

    for text in (number + "0", "P", f"{number} {number}", "nobody", number * 20, "%1", "P1'--", ""):
        assert pick_lists_called(build.TESTER, text) == [], text
        assert "also-found" not in client.get("/orders/", {"q": text}).content.decode(), text


def test_the_latest_of_many_that_begin_alike_are_shown(enter: Enter) -> None:
    world = build.world()
    numbers = [_listed(world, 1)[0] for _ in range(7)]
    beginning = numbers[0][:-2] if len(numbers[0]) > 3 else numbers[0][:2]

    found = [row.number for row in pick_lists_called(build.TESTER, beginning)]

    wanted = sorted((n for n in numbers if n.startswith(beginning)), reverse=True)[:5]
    assert found == wanted


def test_nobody_finds_a_pick_list_that_he_may_not_see(enter: Enter) -> None:
    mine, theirs = build.world(), build.world()
    here, there = _listed(mine, 1)[0], _listed(theirs, 1)[0]
    shop = Actor("user", "limited", id=ids.new_id(), shop_ids=frozenset({mine.shop_id}))
    [(place,)] = sql.fetch("select id from stock_location where code = %s", (mine.locations[1],))
    elsewhere = Actor("user", "elsewhere", id=ids.new_id(), location_ids=frozenset({place}))

    assert [row.number for row in pick_lists_called(shop, here)] == [here]
    assert pick_lists_called(shop, there) == []
    assert _orders(shop, there) == set()
    assert pick_lists_called(elsewhere, here) == []


@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICE, Role.FINANCE, Role.READ_ONLY, Role.OWNER])
def test_who_may_not_see_pick_lists_is_shown_the_orders_alone(enter: Enter, role: str) -> None:
    number, [order] = _listed(build.world(), 1)
    client = enter(role)

    page = client.get("/orders/", {"q": number}).content.decode()

    assert f"/orders/{order}/" in page
    may_see = client.get(f"/pick-lists/{number}/").status_code == 200
    assert (f"Pick list {number}" in page) is may_see


def test_a_search_costs_the_same_for_one_pick_list_and_for_many(enter: Enter) -> None:
    world = build.world()
    client = enter()
    one, _ = _listed(world, 1)

    def statements(text: str) -> int:
        client.get("/orders/", {"q": text})
        with sql.count_statements() as counted:
            client.get("/orders/", {"q": text})
        return len(counted.statements)

    alone = statements(one)
    many, _ = _listed(world, 12)
    for _ in range(4):
        _listed(world, 1)

    assert statements(many) == statements(one[:2]) == alone
    # Words are no number: nothing more is asked.
    assert statements("persoon") == alone - 1
