"""Substitutes in the console: offered on the articles tab and where something is short, answered on the phone."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def statuses() -> list[tuple[str, str, str | None]]:
    """All questions: status, how answered, by whom."""
    return sql.fetch("select status, via, decided_by from orders_substitution order by id")


def test_a_substitute_is_offered_and_the_answer_on_the_phone_is_noted(enter: Enter) -> None:
    world = build.world(locations=1, stock=0)
    world.count(world.locations[0], {world.skus[1]: 5})
    listed = ProductItem(sku=world.skus[0], name="Blue", substitutes=[world.skus[1]])
    upsert_products([listed], actor=build.TESTER)[0].require()
    order = world.place((world.skus[0], 2))
    [line] = build.order_lines(order)
    number = build.order(order)["number"]
    client = enter("customer_service")
    page = f"/orders/{number}/articles/"
    ask = f"/orders/{number}/do/substitute/{line}/"

    assert ask in client.get(page).content.decode()
    assert f'value="{world.skus[1]}"' in client.get(ask).content.decode()
    form = {"sku": world.skus[1], "quantity": "2", "unit_price": "9,50", "tax_rate": ""}
    assert client.post(ask, {**form, "quantity": "3"}).status_code == 422
    assert client.post(ask, form).status_code == 302
    shown = client.get(page).content.decode()
    [(key,)] = sql.fetch("select id from orders_substitution")
    assert f"/orders/substitutes/{key}/do/accept/" in shown
    assert ask not in shown

    client.post(f"/orders/substitutes/{key}/do/accept/", {"sure": "1"})

    [(status, via, by)] = statuses()
    assert (status, via) == ("accepted", "staff")
    assert by
    assert build.order(order)["units_allocated"] == 2
    assert client.get(f"/orders/{number}/").content.decode().count("instead of") >= 1
    assert client.get(f"/orders/substitutes/{uuid4()}/do/accept/").status_code == 404
    assert client.get(f"/orders/substitutes/{key}/do/nothing/").status_code == 404
    assert client.get(f"/orders/{number}/do/substitute/{uuid4()}/").status_code == 404


def test_the_short_dialog_offers_what_the_product_lists(enter: Enter) -> None:
    world = build.world(locations=1, stock=5)
    listed = ProductItem(sku=world.skus[0], name="Blue", substitutes=[world.skus[1]])
    upsert_products([listed], actor=build.TESTER)[0].require()
    order = world.place((world.skus[0], 3))
    wanted = CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order))
    made = create_pick_lists([wanted], actor=build.TESTER)[0].require()
    [(line, _)] = build.pick_lines_of(made.data["pick_lists"][0]["id"])
    path = f"/pick-lists/{made.data['pick_lists'][0]['number']}/lines/{line}/short/"
    client = enter("owner")

    assert 'name="substitute"' in client.get(path).content.decode()
    assert 'name="substitute"' not in enter("warehouse").get(path).content.decode()
    client.post(path, {"picked": "1", "reason": "missing", "substitute": world.skus[1]})

    assert [row[0] for row in statuses()] == ["proposed"]
    assert sql.fetch("select quantity from orders_substitution") == [(2,)]


def test_an_unknown_article_may_be_replaced_too(enter: Enter) -> None:
    world = build.world()
    order = world.place(("nobody-knows-this", 1))
    [line] = build.order_lines(order)

    path = f"/orders/{build.order(order)['number']}/do/substitute/{line}/"

    assert enter("customer_service").get(path).status_code == 200


def test_substitutes_of_a_product_are_kept(enter: Enter) -> None:
    world = build.world()
    path = f"/products/edit/{world.skus[0]}/"
    client = enter("owner")
    form = {"name": "Blue", "tracking": "none", "substitutes": f"{world.skus[1]}, {world.skus[2]}"}

    assert client.post(path, {**form, "substitutes": world.skus[0]}).status_code == 422
    assert client.post(path, {**form, "substitutes": "nothing"}).status_code == 422
    assert client.post(path, form).status_code == 302

    rows = sql.fetch("select substitutes from catalog_product where sku = %s", (world.skus[0],))
    assert rows == [(world.skus[1:3],)]
    assert world.skus[2] in client.get(f"/stock/{world.skus[0]}/").content.decode()
