"""Hold rules in the settings, holds handed over on the order and in bulk, and everybody's own among the orders on hold."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.accounts.models import User
from orderwerk.core import sql
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.hold_rule_queries import hold_rules_of_shop
from tests import build
from tests.console.morning import numbers

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def person(name: str) -> str:
    """Somebody of customer service with this name; returns the login name."""
    login = f"p{build.serial()}"
    made = NewUser(username=login, name=name, role="customer_service")
    create_users([made], actor=build.TESTER)[0].require()
    return login


def held(world: build.World, owner: str | None = None) -> tuple[Any, str]:
    order = world.place()
    item = HoldItem(order_id=order, reason="Call first", owner=owner)
    hold_orders([item], actor=build.TESTER)[0].require()
    return order, numbers("orders_order", [order])[0]


def owner_of(order: Any) -> str | None:
    [(name,)] = sql.fetch("select u.username from orders_hold h left join accounts_user u on u.id = h.assigned_to_id where h.order_id = %s", (order,))  # fmt: skip
    return None if name is None else str(name)


def test_rules_are_added_changed_moved_and_taken_out(enter: Enter) -> None:
    world, owner = build.world(), person("Mia")
    client = enter()
    new = reverse("hold_rule_new", args=[world.shop])
    rule = {
        "seen": "0", "name": "Dear and far", "reason": "Call first", "owner": owner, "hours": "48", "min_value": "1000,50", "countries": "us, jp",
        "countries_differ": "on", "first_order": "on", "domains": "example.com", "tags": "a, b", "postal_codes": "10",
        "skus": "X", "customers": "jan@example.com", "max_value": "",
    }  # fmt: skip

    assert client.get(new).status_code == 200
    assert client.post(new, {**rule, "min_value": "x"}).status_code == 422
    assert client.post(new, rule).status_code == 302
    assert client.post(new, {"name": "All"}).status_code == 422
    stale = client.post(new, {"seen": "0", "name": "All"})
    assert (stale.status_code, "somebody changed them meanwhile" in stale.content.decode()) == (422, True)  # fmt: skip
    assert 'name="seen" value="1"' in client.get(new).content.decode()
    assert client.post(new, {"seen": "1", "name": "All"}).status_code == 302
    [first, second] = hold_rules_of_shop(build.TESTER, world.shop).rules
    assert (first.min_value, first.countries, first.owner, first.hours, first.first_order) == ("1000.50", ["US", "JP"], owner, 48, True)  # fmt: skip
    page = client.get(reverse("hold_rules")).content.decode()
    for words in (
        "Dear and far",
        "orders for the first time",
        "48 hours",
        "Mia",
        "every order",
        "from 1000.50 EUR",
    ):
        assert words in page, words
    User.objects.filter(username=owner).update(is_active=False)
    edit = reverse("hold_rule_edit", args=[world.shop, 0])
    assert f'<option value="{owner}" selected>' in client.get(edit).content.decode()
    assert client.post(edit, {**rule, "seen": "2", "owner": "", "name": "Far"}).status_code == 302
    assert client.get(reverse("hold_rule_edit", args=[world.shop, 9])).status_code == 404
    assert client.get(reverse("hold_rule_new", args=["nowhere"])).status_code == 404
    move = reverse("hold_rule_move", args=[world.shop, 1, "up"])
    assert client.post(move).status_code == 404
    assert client.post(move, {"seen": "3"}).status_code == 302
    assert [r.name for r in hold_rules_of_shop(build.TESTER, world.shop).rules] == [second.name, "Far"]  # fmt: skip
    remove, seen = reverse("hold_rule_move", args=[world.shop, 0, "remove"]), {"seen": "4"}
    assert client.post(remove, seen).status_code == 302
    # A second click means the rule that is gone, not the one that stands in its place now.
    again = client.post(remove, seen, follow=True).content.decode()
    assert "somebody changed them meanwhile" in again
    for index, verb in ((9, "up"), (0, "down")):
        path = reverse("hold_rule_move", args=[world.shop, index, verb])
        assert client.post(path, {"seen": "5"}).status_code == 404
    assert [r.name for r in hold_rules_of_shop(build.TESTER, world.shop).rules] == ["Far"]


def test_a_hold_is_handed_over_on_its_order(enter: Enter) -> None:
    world, owner = build.world(), person("Mia")
    order, number = held(world)
    client = enter("customer_service")
    path = f"/orders/{number}/do/hand-over/"

    assert "nobody deals with it yet" in client.get(f"/orders/{number}/").content.decode()
    assert client.post(path, {"owner": "nobody-knows"}).status_code == 422
    done = client.post(path, {"owner": owner}, follow=True).content.decode()

    assert owner_of(order) == owner
    assert "Mia deals with it" in done
    assert f"to {owner}" in client.get(f"/orders/{number}/").content.decode()
    assert f'<option value="{owner}" selected>' in client.get(path).content.decode()
    client.post(path, {"owner": ""})
    assert owner_of(order) is None
    assert enter("warehouse").get(path).status_code == 403


def test_holds_are_handed_over_in_bulk_with_a_result_each(enter: Enter) -> None:
    world, owner = build.world(), person("Mia")
    order, _ = held(world)
    free = world.place()
    client = enter("customer_service")
    chosen = {"id": [str(order), str(free)]}

    asked = client.post("/orders/bulk/hand-over/", chosen)
    done = client.post("/orders/bulk/hand-over/", {**chosen, "asked": "1", "owner": owner})

    assert "Who deals with it" in asked.content.decode()
    assert (done.context["done_count"], done.context["refused_count"]) == (1, 1)
    assert owner_of(order) == owner


def test_everybody_finds_their_own_among_the_orders_on_hold(enter: Enter) -> None:
    world = build.world()
    client = enter("customer_service")
    [me] = User.objects.filter(role="customer_service").order_by("-created_at")[:1]
    other = person("Zoe")
    (_, mine), (_, theirs), (_, nobodys) = held(world, me.username), held(world, other), held(world)

    def shown(query: str) -> set[str]:
        page = client.get(f"/orders/?{query}").content.decode()
        return {number for number in (mine, theirs, nobodys) if f"/orders/{number}/" in page}

    assert shown("status=on_hold") == {mine, theirs, nobodys}
    assert shown(f"status=on_hold&holder={me.username}") == {mine}
    assert shown(f"status=on_hold&holder={other}") == {theirs}
    assert shown("status=all&holder=-") == {nobodys}
    page = client.get("/orders/?status=on_hold").content.decode()
    assert "Mine" in page
    assert "Zoe" in page
    assert "Mine" not in client.get("/orders/?status=all").content.decode()
