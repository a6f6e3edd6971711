"""Orders over HTTP: taken in once, answered whole, listed, commanded in bulk."""

from datetime import timedelta
from typing import Any

import pytest

from orderwerk.core import clock, ids, sql
from tests import build
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


def placed() -> int:
    return int(sql.fetch("select count(*) from orders_order")[0][0])


def test_an_order_goes_in_and_comes_back_whole(api: Api, world: build.World) -> None:
    document = world.json(
        (world.skus[0], 2),
        ("UNKNOWN", 1),
        tags=["vip"],
        metadata={"source": "test"},
        comment="Ring twice",
    )

    response = api.post("/orders", document)

    assert response.status_code == 201
    order = response.json()
    assert response["Location"] == f"/api/v1/orders/{order['id']}"
    assert {
        name: order[name]
        for name in ("shop", "external_id", "currency", "tags", "metadata", "comment")
    } == {
        name: document[name]
        for name in ("shop", "external_id", "currency", "tags", "metadata", "comment")
    }
    assert order["status"] == "awaiting_stock"
    assert order["totals"] == {
        "items": "30.00", "discount": "0.00", "shipping": "0.00", "tax": "5.21", "grand_total": "30.00", "cancelled": "0.00", "retained": "0.00",
        "authorized": "0.00", "paid": "30.00", "invoiced": "0.00", "credited": "0.00", "refunded": "0.00",
    }  # fmt: skip
    first, second = order["lines"]
    assert (first["unit_price"], first["tax_rate"], first["ordered"], first["allocated"]) == (
        "10.00",
        "21.00",
        2,
        2,
    )
    assert (second["product_id"], second["allocated"]) == (None, 0)
    assert order["delivery_address"] == order["billing_address"]
    assert len(order["links"]["allocations"]) == len(order["links"]["shipments"]) == 1
    assert order["payments"][0]["amount"] == "30.00"
    assert api.get(f"/orders/{order['id']}").json() == order
    assert api.get("/orders").json() == {"items": [order], "next": None}
    events = api.get(f"/orders/{order['id']}/events").json()["items"]
    assert "order.placed" in {event["kind"] for event in events}


def test_the_same_document_again_answers_the_first_and_another_is_refused(
    api: Api, world: build.World
) -> None:
    document = world.json()
    first = api.post("/orders", document)

    again = api.post("/orders", document)
    other = api.post("/orders", document | {"comment": "different"})

    assert (again.status_code, again.json()) == (200, first.json())
    assert other.status_code == 409
    assert other["Content-Type"] == "application/problem+json"
    problem = other.json()
    assert (problem["status"], problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == (
        409, "/external_id", "external_id_exists",
    )  # fmt: skip
    assert placed() == 1


@pytest.mark.parametrize(
    ("currency", "price", "total"),
    [("EUR", "19.95", "19.95"), ("JPY", "1995", "1995"), ("KWD", "1.995", "1.995")],
)
def test_money_is_a_decimal_string_in_the_orders_currency(
    api: Api, world: build.World, currency: str, price: str, total: str
) -> None:
    document = world.json(currency=currency, payments=[], prices_include_tax=True)
    document["lines"][0]["unit_price"] = price

    order = api.post("/orders", document).json()

    assert (order["totals"]["grand_total"], order["lines"][0]["unit_price"]) == (total, price)
    assert order["status"] == "awaiting_payment"


def test_bulk_results_stand_in_order_and_one_bad_item_leaves_the_others_alone(
    api: Api, world: build.World
) -> None:
    documents = [world.json() for _ in range(4)]
    documents[1]["quantity"] = 3
    documents[2]["lines"][0]["unit_price"] = "0.005"

    results = api.bulk("/orders/create", *documents, documents[0])

    assert [result["ok"] for result in results] == [True, False, False, True, True]
    assert [error["pointer"] for r in results if not r["ok"] for error in r["error"]["errors"]] == [
        "/items/1", "/items/2/lines/0/unit_price",
    ]  # fmt: skip
    assert results[1]["error"]["errors"][0]["code"] == "unknown_field"
    assert (results[0]["id"], results[0]["created"]) == (results[4]["id"], True)
    assert placed() == 2


def test_one_foreign_order_among_many_answers_like_a_missing_one(
    api: Api, world: build.World
) -> None:
    mine, foreign, missing = world.place(), build.world().place(), ids.new_id()

    results = api.bulk(
        "/memos/create", *({"order_id": str(key), "text": "x"} for key in (mine, foreign, missing))
    )

    assert [result["ok"] for result in results] == [True, False, False]
    assert str(results[1]).replace(str(foreign), "").replace("/items/1", "") == str(
        results[2]
    ).replace(str(missing), "").replace("/items/2", "")
    assert results[1]["error"]["status"] == 404


def test_the_way_of_an_order_over_the_api(api: Api, world: build.World) -> None:
    order = api.post("/orders", world.json((world.skus[0], 3))).json()
    key = {"order_id": order["id"]}

    assert api.bulk("/orders/hold", key | {"reason": "check"})[0]["status"] == "on_hold"
    assert api.bulk("/orders/release", key)[0]["ok"]
    updated = api.bulk(
        "/orders/update",
        key | {"tags": ["late"], "priority": 5, "version": api.get(f"/orders/{order['id']}").json()["version"]},
    )  # fmt: skip
    assert updated[0]["changed"] == ["priority", "tags"]
    assert api.get(f"/orders/{order['id']}").json()["priority"] == 5
    [result] = api.bulk("/pick-lists/create", {"location": world.locations[0]})
    assert result["ok"], result
    pick_lists = api.get("/pick-lists", {"order_id": order["id"]}).json()["items"]
    [line] = pick_lists[0]["lines"]
    assert api.bulk("/pick-lists/pick", {"pick_line_id": line["id"], "picked": 3})[0]["ok"]
    [shipment] = api.get("/shipments", {"order_id": order["id"], "status": "open"}).json()["items"]
    assert shipment["lines"][0]["picked"] == 3
    [shipped] = api.bulk(
        "/shipments/ship",
        {"shipment_id": shipment["id"], "tracking_code": "3STEST", "notify": True},
    )
    assert (shipped["ok"], shipped["order_status"]) == (True, "shipped")
    stored = api.get(f"/orders/{order['id']}").json()
    assert (stored["status"], stored["lines"][0]["shipped"]) == ("shipped", 3)
    assert api.get(f"/shipments/{shipment['id']}").json()["tracking_code"] == "3STEST"
    assert (
        api.get("/stock-levels", {"sku": world.skus[0], "location": world.locations[0]}).json()[
            "items"
        ][0]["on_hand"]
        == 97
    )
    [refused] = api.bulk("/orders/cancel", key | {"reason": "too late"})
    assert refused["error"]["status"] == 409


def test_an_unpaid_order_cannot_be_shipped(api: Api, world: build.World) -> None:
    order = api.post("/orders", world.json(payments=[])).json()

    [result] = api.bulk("/allocations/allocate", {"order_id": order["id"]})

    assert result["error"]["status"] == 409
    paid = {
        "order_id": order["id"],
        "provider": "p",
        "reference": "r",
        "status": "paid",
        "amount": "10.00",
    }
    assert api.bulk("/payments/record", paid)[0]["order_status"] == "awaiting_shipment"


def test_lists_are_paged_with_cursors(api: Api, world: build.World) -> None:
    keys = [str(world.place()) for _ in range(5)]

    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2, "sort": "placed_at"}
    while True:
        page = api.get("/orders", query).json()
        seen += [order["id"] for order in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]

    assert sorted(seen) == sorted(keys)
    assert len(seen) == 5


def test_the_feed_tells_money_as_decimals(api: Api, world: build.World) -> None:
    order_id = str(world.place())
    api.bulk("/orders/cancel", {"order_id": order_id, "reason": "x"})

    events = api.get(f"/orders/{order_id}/events").json()["items"]

    cancelled = next(event for event in events if event["kind"] == "order.cancelled")
    assert cancelled["data"]["value"] == "10.00"
    assert api.get(f"/events/{cancelled['id']}").json() == cancelled


NOWHERE = {"name": "A", "street": "S", "city": "C", "country": "XX"}


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"currency": "XXX"}, "unknown_currency", "/currency"),
        ({"currency": "XTS"}, "unknown_currency", "/currency"),
        ({"billing_address": NOWHERE}, "unknown_country", "/billing_address/country"),
        ({"delivery_address": NOWHERE}, "unknown_country", "/delivery_address/country"),
        ({"shipping": {"price": "1", "tax_rate": "100.5"}}, "invalid_tax_rate", "/shipping/tax_rate"),
        ({"placed_at": "2036-01-01T00:00:00Z"}, "placed_in_future", "/placed_at"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_place(
    api: Api, world: build.World, change: dict[str, Any], code: str, pointer: str
) -> None:
    document = world.json() | change

    answer = api.post("/orders", document)

    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["code"], error["pointer"]) == (code, pointer)
    assert placed() == 0


def test_a_tax_of_a_line_above_a_hundred_is_refused_and_a_hundred_is_not(
    api: Api, world: build.World
) -> None:
    document = world.json()
    document["lines"][0]["tax_rate"] = "121"

    refused = api.post("/orders", document)
    document["lines"][0]["tax_rate"] = "100"

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/lines/0/tax_rate"
    assert api.post("/orders", document).status_code == 201


@pytest.mark.parametrize("country", ["XI", "XK", "GB", "NL", "ZZ"])
def test_countries_of_trade_and_the_unknown_one_are_taken(
    api: Api, world: build.World, country: str
) -> None:
    answer = api.post("/orders", world.json() | {"billing_address": {**NOWHERE, "country": country}})  # fmt: skip

    assert answer.status_code == 201


def test_a_webshop_whose_clock_is_ahead_is_heard(api: Api, world: build.World) -> None:
    soon = (clock.now() + timedelta(hours=20)).isoformat()

    assert api.post("/orders", world.json() | {"placed_at": soon}).status_code == 201
