"""Bad input and bad callers (the rows of the attack list): a clear error, never a 5xx, and nothing changed."""

import gc
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from orderwerk.core import ids, sql
from tests import build
from tests.api.conftest import Api, caller

pytestmark = pytest.mark.django_db

_STATE = """
select (select count(*) from orders_order), (select count(*) from core_event), (select count(*) from stock_movement),
  (select sum(allocated) from stock_level), (select count(*) from payments_payment)
"""


def state() -> tuple[Any, ...]:
    return sql.fetch(_STATE)[0]


def refused(response: HttpResponse, *statuses: int) -> dict[str, Any]:
    assert response.status_code in statuses, (response.status_code, response.content[:500])
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.content)
    assert problem["status"] == response.status_code
    assert problem["errors"][0]["code"]
    return problem


BAD_NUMBERS = [
    "-1", "0", "-0", "2147483648", "9223372036854775808", "1" * 5000, "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "1.0",
    "1.5", "true", "null", '"1"', "[]", "{}", "1e2",
]  # fmt: skip


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_odd_quantities_are_refused(api: Api, world: build.World, number: str) -> None:
    text = json.dumps(world.json()).replace('"quantity": 1', f'"quantity": {number}')
    before = state()

    refused(api.raw("/orders", text.encode()), 400, 422)

    assert state() == before


@pytest.mark.parametrize(
    "number",
    [
        "-1",
        "-0.01",
        "1e400",
        "1" * 5000,
        "NaN",
        "Infinity",
        "0.005",
        "1,5",
        "",
        " 1",
        "1_000",
        "١",
        "0x1",
    ],
)
def test_odd_prices_are_refused(api: Api, world: build.World, number: str) -> None:
    document = world.json()
    document["lines"][0]["unit_price"] = number
    before = state()

    refused(api.post("/orders", document), 422)

    assert state() == before


@pytest.mark.parametrize(
    ("currency", "price"),
    [("EUR", "0.005"), ("JPY", "1.5"), ("KWD", "0.0005"), ("XXY", "1"), ("eur", "1")],
)
def test_more_decimals_than_the_currency_has_are_refused(
    api: Api, world: build.World, currency: str, price: str
) -> None:
    document = world.json(currency=currency, payments=[])
    document["lines"][0]["unit_price"] = price

    refused(api.post("/orders", document), 422)


def test_nobody_outside_says_that_another_order_has_paid(api: Api, world: build.World) -> None:
    payment = {"provider": "orderwerk", "method": "exchange", "reference": "C1", "status": "paid", "amount": "10.00"}  # fmt: skip
    order = world.place(payments=[])
    before = state()
    refused(api.post("/orders", world.json(payments=[payment])), 422)
    answer = api.post("/payments/record", {"items": [payment | {"order_id": str(order)}]})
    [result] = json.loads(answer.content)["results"]
    assert result["error"]["errors"][0]["pointer"].endswith("/provider")
    assert state() == before


@pytest.mark.parametrize(
    "field",
    [
        "status",
        "shop_id",
        "totals",
        "captured_minor",
        "id",
        "approved_by",
        "grand_total",
        "lines/0/shipped",
    ],
)
def test_fields_that_nobody_may_set_are_unknown(api: Api, world: build.World, field: str) -> None:
    document = world.json()
    target: Any = document["lines"][0] if "/" in field else document
    target[field.rpartition("/")[2]] = "x"

    problem = refused(api.post("/orders", document), 422)

    assert problem["errors"][0]["code"] == "unknown_field"


def bodies(world: build.World) -> dict[str, bytes]:
    good = json.dumps(world.json())
    return {
        "not json": b"{",
        "empty": b"",
        "duplicate key": good.replace(
            '"currency": "EUR"', '"currency": "EUR", "currency": "USD"'
        ).encode(),
        "not utf-8": good.encode().replace(b"EUR", b"E\xffR"),
        "overlong utf-8": good.encode().replace(b"EUR", b"\xc0\xaf"),
        "bom": b"\xef\xbb\xbf" + good.encode(),
        "utf-16": good.encode("utf-16"),
        "deep": b"[" * 100_000 + b"]" * 100_000,
        "deep at the edge": good.replace('"EUR"', "[" * 900 + "]" * 900).encode(),
        "deep object": good.replace('"EUR"', '{"a":' * 450 + "1" + "}" * 450).encode(),
        "many keys": b"{" + b",".join(b'"k%d":1' % n for n in range(200_000)) + b"}",
        "list": b"[]",
        "text": b'"x"',
        "null": b"null",
        "trailing": good.encode() + b"x",
        "single quotes": b"{'a': 1}",
    }


@pytest.mark.parametrize("name", list(bodies(build.World("s", ["l"], ["k"]))))
@pytest.mark.parametrize("path", ["/orders", "/orders/create", "/memos/create"])
def test_bodies_that_cannot_be_read_are_refused(
    api: Api, world: build.World, name: str, path: str
) -> None:
    before = state()

    refused(api.raw(path, bodies(world)[name]), 400, 415, 422)

    assert state() == before


_COSTLY: dict[str, Callable[[int], bytes]] = {
    "deep": lambda size: b"[" * size + b"]" * size,
    "deep object": lambda size: b'{"a":' * size + b"1" + b"}" * size,
    "many keys": lambda size: b"{" + b",".join(b'"k%d":1' % n for n in range(size)) + b"}",
    "many unknown lines": lambda size: b'{"lines": [' + b",".join([b"{}"] * size) + b"]}",
}


@pytest.mark.parametrize("name", list(_COSTLY))
def test_bodies_made_to_cost_much_cost_no_more_than_their_length(api: Api, name: str) -> None:
    def cost(size: int) -> float:
        body, spent = _COSTLY[name](size), []
        for _ in range(5):
            begun = time.process_time()
            refused(api.raw("/orders", body), 400, 422)
            spent.append(time.process_time() - begun)
        return min(spent)

    # What thousands of tests before this one left in memory is not looked through on its account.
    gc.freeze()
    short, long = cost(20_000), cost(160_000)
    gc.unfreeze()
    # Eight times as long: what grows with the square costs sixty-four times as much.
    assert long < 40 * short


_FORBIDDEN = [
    "\x00",
    "\\u0000",
    "\\ud800",
    "\\udfff\\ud800",
    "\\u202e",
    "\\u200b",
    "\\ufeff",
    "\\ufffe",
    "a\\uffff",
    "a\\u0007b",
]
_FIELDS = ["name", "city", "external_id", "comment", "metadata"]
# A comment may have lines; nothing that stands in a header or on a label may.
_CASES = [(text, field) for text in _FORBIDDEN for field in _FIELDS] + [
    ("a\\r\\nBcc: x", field) for field in _FIELDS if field != "comment"
]


@pytest.mark.parametrize(("text", "field"), _CASES)
def test_forbidden_characters_are_refused(
    api: Api, world: build.World, text: str, field: str
) -> None:
    document = world.json(
        comment="MARK" if field == "comment" else "",
        metadata={"k": "MARK"} if field == "metadata" else {},
    )
    if field == "external_id":
        document["external_id"] = "MARK"
    elif field in ("name", "city"):
        document["billing_address"][field] = "MARK"
    before = state()

    refused(api.raw("/orders", json.dumps(document).replace("MARK", text).encode()), 400, 422)

    assert state() == before


def test_too_large_bodies_are_refused_before_they_are_read(api: Api) -> None:
    for path, size in (("/orders", 5 * 1024 * 1024 + 1), ("/orders/create", 20 * 1024 * 1024 + 1)):
        response = api.client.generic(
            "POST",
            f"/api/v1{path}",
            b"{}",
            content_type="application/json",
            headers=api.headers,
            CONTENT_LENGTH=str(size),
        )
        refused(response, 413)


def test_too_many_lines_and_items_are_refused(api: Api, world: build.World) -> None:
    document = world.json()
    document["lines"] *= 2001

    refused(api.post("/orders", document), 422)
    refused(api.post("/orders/create", {"items": [{}] * 1001}), 422)
    refused(api.post("/orders/create", {"items": []}), 422)
    refused(api.post("/orders/create", {"items": [], "more": 1}), 422)
    refused(api.post("/orders/create", {"items": {}}), 422)


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/xml",
        "",
    ],
)
def test_another_type_than_json_is_refused(api: Api, kind: str) -> None:
    refused(api.raw("/orders", b"{}", kind), 415)


def test_a_compressed_body_is_refused(api: Api) -> None:
    refused(api.raw("/orders", b"\x1f\x8b", **{"Content-Encoding": "gzip"}), 415)


QUERIES = [
    "sort=user__password", "status__regex=a", "customer__email=x", "limit=1000000000", "limit=0", "limit=-1", "limit=x", "limit=1&limit=2",
    "limit=1e2", "cursor=x", "cursor=%00", "cursor=eyJhIjoxfQ:abc", "q=%00", "q=a%E2%80%AEb", "status=x", "status=shipped'--",
    "placed_after=x", "placed_after=2026-01-01T00:00:00", "placed_after=99999-01-01T00:00:00Z", "shop=%00", "unknown=1", "tag=%ED%A0%80&tag=1",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_odd_queries_are_refused(api: Api, query: str) -> None:
    refused(api.get(f"/orders?{query}"), 422)


@pytest.mark.parametrize(
    "plural",
    [
        "payments",
        "products",
        "stock-locations",
        "stock-levels",
        "stock-movements",
        "allocations",
        "pick-lists",
        "shipments",
        "memos",
        "emails",
        "shops",
        "events",
    ],
)
def test_tampered_cursors_are_refused_everywhere(api: Api, plural: str) -> None:
    refused(api.get(f"/{plural}", {"cursor": "W10:AAAA"}), 422)
    refused(api.get(f"/{plural}", {"limit": 201}), 422)
    refused(api.get(f"/{plural}", {"nonsense": 1}), 422)


INJECTIONS = [
    "' or 1=1 --",
    "%27%3B drop table orders_order",
    "\\",
    "%",
    "zz%s",
    "{}",
    "zzz:*",
    "!",
    "()",
    "&",
    "|",
    "'",
    '"',
    "<->",
    "-" * 200,
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_injection_finds_nothing_and_breaks_nothing(
    api: Api, world: build.World, text: str
) -> None:
    world.place()
    for path, name in (
        ("/orders", "q"), ("/orders", "tag"), ("/orders", "number"), ("/orders", "country"), ("/orders", "sku"), ("/orders", "shop"),
        ("/shipments", "q"), ("/stock-levels", "q"), ("/products", "q"), ("/pick-lists", "q"), ("/allocations", "q"),
        ("/payments", "reference"), ("/events", "kind"),
    ):  # fmt: skip
        response = api.get(path, {name: text})
        assert response.status_code == 200, (path, name, response.content)
        assert response.json()["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/orders/%00",
        "/orders/%ff",
        "/orders/..%2f..%2fetc",
        "/orders/1",
        "/orders/' or 1=1",
        "/nothing",
        "/",
        "/orders/",
        "/orders/x/events",
        "/orders/{}",
    ],
)
def test_odd_addresses_are_not_found(api: Api, path: str) -> None:
    refused(api.get(path), 404)


def test_odd_headers_never_break_anything(api: Api, world: build.World) -> None:
    for value in (
        "",
        "Bearer",
        "Bearer x",
        "Basic eDp5",
        "Bearer owt_" + "é" * 43,
        "Bearer owt_" + "A" * 43,
        "Bearer " + "a" * 10_000,
    ):
        refused(Client().get("/api/v1/orders", headers={"Authorization": value}), 401)
    for key in ("", "a" * 256, "a b", "é", "\x00"):
        refused(
            api.raw("/orders", json.dumps(world.json()).encode(), **{"Idempotency-Key": key}), 400
        )


def test_a_token_in_the_address_lets_nobody_in() -> None:
    token = caller().headers["Authorization"].removeprefix("Bearer ")

    response = Client().get(
        "/api/v1/orders", {"token": token, "access_token": token, "api_key": token}
    )

    refused(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_not_allowed(api: Api, method: str) -> None:
    response = api.client.generic(method, "/api/v1/orders", headers=api.headers)

    refused(response, 405)
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_get_never_changes_anything_and_head_and_options_have_no_body(api: Api) -> None:
    refused(api.get("/orders/cancel"), 405)
    head = api.client.head("/api/v1/orders", headers=api.headers)
    options = api.client.options("/api/v1/orders")

    assert (head.status_code, head.content) == (200, b"")
    assert (options.status_code, options["Allow"]) == (204, "GET, POST, HEAD, OPTIONS")
    assert "Access-Control-Allow-Origin" not in api.get("/orders", Origin="https://evil.example")


def test_answers_are_not_cached_and_not_guessed(api: Api) -> None:
    response = api.get("/orders")

    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_reference_is_for_insiders() -> None:
    for path in ("/api/v1/openapi.json", "/api/v1/docs"):
        assert Client().get(path).status_code == 200
        outsider = Client().get(path, REMOTE_ADDR="203.0.113.9")
        assert outsider.status_code == 401
        assert Client().get(path, HTTP_X_FORWARDED_FOR="127.0.0.1").status_code == 401
        token = caller().headers["Authorization"]
        assert (
            Client()
            .get(path, REMOTE_ADDR="203.0.113.9", headers={"Authorization": token})
            .status_code
            == 200
        )
    assert b"cdn" not in Client().get("/api/v1/docs").content


@pytest.mark.parametrize("path", ["/stock-levels/adjust", "/stock-levels/transfer"])
def test_stock_moves_only_under_a_key(api: Api, world: build.World, path: str) -> None:
    before = state()

    problem = refused(
        api.post(
            path,
            {
                "items": [
                    {
                        "sku": world.skus[0],
                        "location": world.locations[0],
                        "difference": 1,
                        "reason": "x",
                    }
                ]
            },
        ),
        428,
    )

    assert problem["errors"][0]["code"] == "idempotency_key_required"
    assert state() == before


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x", "https://x y"]
)
def test_only_web_addresses_are_tracking_links(api: Api, world: build.World, url: str) -> None:
    order_id = world.place()
    [shipment] = build.shipments(order_id)

    [result] = api.bulk("/shipments/update", {"shipment_id": str(shipment), "tracking_url": url})

    assert result["error"]["status"] == 422


def test_catastrophic_inputs_are_answered_at_once(api: Api, world: build.World) -> None:
    for name, value in (
        ("email", "a" * 50_000 + "@"),
        ("phone", "0" * 50_000),
        ("vat_number", "a" * 50_000),
    ):
        document = world.json()
        document["customer"][name] = value
        refused(api.post("/orders", document), 422)
    assert api.get("/orders", {"q": "0 " * 2_000}).status_code == 200
    assert api.get("/orders", {"q": "a@" * 2_000}).status_code == 200


@pytest.mark.parametrize("with_locations", [True, False])
def test_references_of_others_are_not_found_and_change_nothing(
    world: build.World, with_locations: bool
) -> None:
    other = build.world()
    mine = caller(shops=(world.shop,), locations=tuple(world.locations) if with_locations else None)
    order_id = str(other.place())
    [allocation] = build.allocations(UUID(order_id))
    [shipment] = build.shipments(UUID(order_id))
    before = state()

    for path, item in (
        ("/orders/create", other.json()),
        ("/orders/cancel", {"order_id": order_id, "reason": "x"}),
        ("/orders/update", {"order_id": order_id, "comment": "x"}),
        ("/orders/hold", {"order_id": order_id, "reason": "x"}),
        ("/orders/release", {"order_id": order_id}),
        ("/payments/record", {"order_id": order_id, "provider": "p", "reference": "r", "status": "paid", "amount": "1.00"}),
        ("/allocations/allocate", {"order_id": order_id}),
        ("/allocations/release", {"allocation_id": str(allocation[0])}),
        ("/allocations/move", {"allocation_id": str(allocation[0]), "location": world.locations[0]}),
        ("/shipments/update", {"shipment_id": str(shipment), "carrier": "x"}),
        ("/shipments/announce", {"shipment_id": str(shipment)}),
        ("/shipments/ship", {"shipment_id": str(shipment)}),
        ("/shipments/cancel", {"shipment_id": str(shipment)}),
        ("/shipments/track", {"shipment_id": str(shipment), "status": "x", "at": "2026-01-01T00:00:00Z"}),
        ("/pick-lists/create", {"location": other.locations[0]}),
        ("/memos/create", {"order_id": order_id, "text": "x"}),
        ("/stock-levels/count", {"sku": other.skus[0], "location": other.locations[0], "quantity": 5}),
        ("/stock-levels/adjust", {"sku": other.skus[0], "location": other.locations[0], "difference": 5, "reason": "x"}),
        ("/stock-levels/transfer", {"sku": other.skus[0], "from": other.locations[0], "to": world.locations[0], "quantity": 1}),
        ("/shops/upsert", {"code": other.shop, "name": "mine", "currency": "EUR", "locale": "nl"}),
        ("/stock-locations/upsert", {"code": other.locations[0], "name": "mine"}),
    ):  # fmt: skip
        if with_locations and path == "/shops/upsert":
            # Who is limited to locations changes no shop at all: the call is refused as a whole.
            refused(mine.post(path, {"items": [item]}), 403)
            continue
        [result] = mine.bulk(path, item, key=str(ids.new_id()))
        assert not result["ok"], (path, result)
        assert result["error"]["status"] in (403, 404, 422), (path, result)

    assert state() == before


def test_a_caller_of_one_shop_picks_nothing_of_another_at_a_shared_location(
    world: build.World,
) -> None:
    other = build.world(stock=0)
    everything = caller()
    everything.bulk(
        "/stock-locations/upsert",
        {"code": world.locations[0], "name": "shared", "shops": [world.shop, other.shop]},
    )
    document = other.json()
    document["lines"][0]["sku"] = world.skus[0]
    foreign = everything.post("/orders", document).json()
    mine = caller(shops=(world.shop,))

    mine.bulk("/pick-lists/create", {"location": world.locations[0]})
    item = {"code": world.locations[0], "name": "mine", "shops": []}
    changed = mine.post("/stock-locations/upsert", {"items": [item]}).json()["results"][0]

    assert foreign["status"] == "awaiting_shipment"
    assert everything.get(f"/orders/{foreign['id']}").json()["links"]["pick_lists"] == []
    [location] = everything.get("/stock-locations", {"code": world.locations[0]}).json()["items"]
    assert changed["error"]["errors"][0]["code"] == "shared_location"
    assert (location["name"], set(location["shops"])) == ("shared", {world.shop, other.shop})


EDGES = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-02-30T00:00:00Z",
    "2026-01-01T00:00:00",
    "2026-01-01",
    "1e9",
    "2026-06-30T23:59:60Z",
]


@pytest.mark.parametrize("instant", EDGES)
def test_instants_at_the_edge_of_time_poison_no_list(
    api: Api, world: build.World, instant: str
) -> None:
    order_id = str(world.place())
    [shipment] = build.shipments(UUID(order_id))

    answers = [
        api.post("/orders", world.json(placed_at=instant)),
        api.post("/orders/hold", {"items": [{"order_id": order_id, "reason": "x", "until": instant}]}),
        api.post("/shipments/track", {"items": [{"shipment_id": str(shipment), "status": "x", "at": instant}]}),
        api.post("/payments/record", {"items": [{"order_id": order_id, "provider": "p", "reference": "e", "status": "paid", "amount": "1.00", "received_at": instant}]}),
        api.post("/stock-levels/count", {"items": [{"sku": world.skus[0], "location": world.locations[0], "quantity": 9, "counted_at": instant}]}),
        api.get("/orders", {"placed_after": instant}),
    ]  # fmt: skip

    for answer in answers:
        assert answer.status_code in (200, 201, 422), answer.content
    for path in (
        "/orders",
        f"/orders/{order_id}/events",
        "/shipments",
        "/payments",
        "/stock-movements",
    ):
        assert api.get(path).status_code == 200, path


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "2201-01-01", "9999-12-31"])
def test_dates_at_the_edge_of_the_calendar_are_refused(
    api: Api, world: build.World, day: str
) -> None:
    lines = [{"sku": world.skus[0], "quantity": 1}]
    item = {"location": world.locations[0], "lines": lines, "expected_on": day}

    [result] = api.post("/inbounds/upsert", {"items": [item]}).json()["results"]

    assert result["error"]["status"] == 422
    assert [(e["code"], e["pointer"]) for e in result["error"]["errors"]] == [("date_out_of_range", "/items/0/expected_on")]  # fmt: skip
