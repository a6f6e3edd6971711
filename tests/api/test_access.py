"""Who may what: every address against every scope, every object against the shops and locations of a token."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from orderwerk.accounts.rules import SCOPES
from orderwerk.api.commands import COMMANDS, Command
from orderwerk.api.overviews import OVERVIEWS
from orderwerk.api.papers import GATHERED, PAPERS
from orderwerk.api.resource import Resource
from orderwerk.api.resources import RESOURCES
from orderwerk.api.urls import urlpatterns
from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotAllowed
from orderwerk.flows.capture_payments import CaptureItem, capture_payments
from orderwerk.flows.withdraw import WithdrawalItem, state_withdrawals
from orderwerk.refunds.commands.note_differences import Found, note_differences
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from tests import build
from tests.api.conftest import Api, caller

pytestmark = pytest.mark.django_db


SELLER = {"name": "Test Winkel", "country": "NL", "vat_number": "NL123456782B90"}


def needs() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for command in COMMANDS:
        yield "POST", f"/{command.plural}/{command.verb}", command.scopes
    for resource in RESOURCES:
        yield "GET", f"/{resource.plural}", resource.scopes
        yield "GET", f"/{resource.plural}/{ids.new_id()}", resource.scopes
    for paper in PAPERS:
        yield "GET", f"/{paper.plural}/{ids.new_id()}{paper.ending}", paper.scopes
    for overview in OVERVIEWS:
        address = overview.address.replace("{id}", str(ids.new_id()))
        yield "GET", f"/{address}", overview.scopes
    for gathered in GATHERED:
        yield "GET", f"/{gathered.address}", gathered.scopes
    yield "POST", "/orders", ("orders:write",)
    yield "GET", f"/orders/{ids.new_id()}/events", ("orders:read",)
    yield "GET", f"/orders/{ids.new_id()}/waiting", ("stock:read",)
    yield "GET", "/return-requests/expected", ("returns:read",)
    yield "GET", f"/routing-rules/{ids.new_id()}/try", ("settings:read",)


def test_every_address_is_in_the_matrix() -> None:
    paths = {str(pattern.pattern) for pattern in urlpatterns if getattr(pattern, "name", None)}

    assert (
        len(paths)
        == len(COMMANDS) + 2 * len(RESOURCES) + len(PAPERS) + len(GATHERED) + len(OVERVIEWS) + 4
    )


def test_every_address_wants_a_token_and_exactly_its_scope() -> None:
    callers = {scope: caller(scope) for scope in SCOPES}
    stranger = Api(None)
    for method, path, scopes in needs():
        answers = {
            scope: (api.get(path) if method == "GET" else api.post(path, {"items": []})).status_code
            for scope, api in callers.items()
        }
        nobody = stranger.get(path) if method == "GET" else stranger.post(path, {})

        assert nobody.status_code == 401
        let_in = {scope for scope, status in answers.items() if status != 403}
        assert let_in == set(scopes), (method, path)


def differ(world: build.World) -> None:
    """Let a day of the shop's account differ from what its provider says."""
    [(account,)] = sql.fetch("select id from payments_account where shop_id = %s", (world.shop_id,))
    made = Found(
        shop_id=world.shop_id, account_id=account, kind="unknown_payment", reference="tr_1", currency="EUR",
        happened_at=clock.now(), theirs_minor=1,
    )  # fmt: skip
    note_differences([made], actor=build.TESTER)[0].require()
    sql.execute(
        "insert into refunds_reconciliation (id, shop_id, account_id, day, ran_at, currency, ours_count, ours_minor, theirs_count, "
        "theirs_minor, found) values (gen_random_uuid(), %s, %s, '2026-11-24', now(), 'EUR', 0, 0, 0, 0, 1)",
        (world.shop_id, account),
    )


def pay_by_bank(world: build.World) -> None:
    """Let a file for the bank and a store credit stand in a shop."""
    build.store_credit(world)
    sql.execute(
        "insert into refunds_batch (id, number, shop_id, created_at, created_by, transfers, total_minor, content, sha256, downloaded_by) "
        "values (gen_random_uuid(), %s, %s, now(), 'x', 1, 100, '\\x01', sha256('\\x01'), '')",
        (f"SEPA{build.serial()}", world.shop_id),
    )


def record_a_piece(world: build.World, api: Api) -> None:
    """A piece that is known by its serial number."""
    phone = f"phone-{build.serial()}"
    api.bulk("/products/upsert", {"sku": phone, "name": "Phone", "tracking": "serial"})
    world.count(world.locations[0], {phone: 1})
    [one] = build.shipments(world.place((phone, 1)))
    piece = {"sku": phone, "serial": "SN1"}
    api.bulk("/shipments/record-serials", {"shipment_id": str(one), "add": [piece]})


def _received_by_lot(world: build.World, api: Api) -> str:
    by_lot = f"lot-{build.serial()}"
    api.bulk("/products/upsert", {"sku": by_lot, "name": "Vaccine", "tracking": "lot"})
    goods = ReceiveItem(sku=by_lot, location=world.locations[0], quantity=1, lot="L1")
    receive_stock([goods], actor=build.TESTER)[0].require()
    return by_lot


def objects(world: build.World, api: Api) -> dict[str, str]:
    """One object of each kind in a world."""
    placed = world.place()
    order_id = str(placed)
    build.invoice(placed)
    build.refund(placed, "5.00")
    api.bulk("/memos/create", {"order_id": order_id, "text": "x"})
    api.bulk("/orders/hold", {"order_id": str(world.place()), "reason": "x"})
    api.bulk("/pick-lists/create", {"location": world.locations[0]})
    lines = [{"sku": world.skus[0], "quantity": 1}]
    for kind, rule in (("shipping", {}), ("routing", {}), ("hold", {"min_value": "9000"})):
        api.bulk(f"/{kind}-rules/upsert", {"shop": world.shop, "rules": [{"name": "All", **rule}]})
    api.bulk("/inbounds/upsert", {"location": world.locations[0], "lines": lines})
    account = {"shop": world.shop, "provider": "mollie", "key": "test_0123456789abcdef"}
    api.bulk("/payment-accounts/upsert", account)
    held = {"provider": "mollie", "reference": f"tr_{build.serial()}", "status": "authorized", "amount": "10.00"}  # fmt: skip
    gone = build.shipped(world, (world.skus[0], 1), payments=[held])
    capture_payments([CaptureItem(order_id=gone)], actor=build.TESTER)[0].require()
    differ(world)
    pay_by_bank(world)
    text = {"shop": world.shop, "trigger": "order.received", "language": "nl"}
    api.bulk("/email-templates/upsert", {**text, "subject": "x", "body": "x"})
    api.bulk("/emails/send", {"order_id": order_id, "subject": "x", "body": "x"})
    came = build.shipped(world, (world.skus[1], 1))
    build.request(came).require()
    build.give_back(came).require()
    withdrawn = WithdrawalItem(
        order_id=build.shipped(world, (world.skus[1], 1)),
        name="x",
        email="x@example.com",
        language="nl",
    )
    state_withdrawals([withdrawn], actor=build.TESTER)[0].require()
    for make in (build.labelled, build.offered, build.asked_back, build.lost):
        make(world)
    build.claim(gone, 1).require()
    world.count(world.locations[1], {world.skus[2]: 0})
    short = world.place((world.skus[2], 1))
    api.bulk("/pick-lists/create", {"location": world.locations[0], "shipment_ids": [str(build.shipments(short)[0])], "wave": "Noon"})  # fmt: skip
    [(line,)] = sql.fetch("select id from picklists_line where order_id = %s", (short,))
    api.bulk("/pick-lists/pick", {"pick_line_id": str(line), "picked": 0, "short": 1, "reason": "x"})  # fmt: skip
    by_lot = _received_by_lot(world, api)
    build.shipped(world, (by_lot, 1))
    record_a_piece(world, api)
    api.bulk("/count-plans/upsert", {"location": world.locations[0], "a_days": 30})
    api.bulk("/channel-stocks/upsert", {"sku": world.skus[0], "location": world.locations[0], "shop": world.shop, "reserved": 1})  # fmt: skip
    api.bulk("/postal-places/upsert", {"country": "NL", "postal_code": "1012", "latitude": 52.37, "longitude": 4.9})  # fmt: skip
    labelled = build.parcel_labelled(world)
    [(carrier, labelled_order)] = sql.fetch("select carrier, order_id from shipments_shipment where id = %s", (labelled,))  # fmt: skip
    narrowed = {
        "carriers": {"code": carrier},
        "carrier-accounts": {"carrier": carrier},
        "return-reasons": {"code": "damaged"},
        "products": {"sku": world.skus[0]},
        "stock-locations": {"code": world.locations[0]},
        "stock-movements": {"sku": world.skus[0]},
        "pick-lists": {"order_id": order_id},
        "bins": {"location": world.locations[0]},
        "shipments": {"order_id": str(labelled_order)},
        "shops": {"code": world.shop},
        "lots": {"sku": by_lot},
        "postal-places": {},
    }
    found: dict[str, str] = {}
    for resource in RESOURCES:
        # The feed ends before the transaction that this test runs in; the order's own history does not.
        path = f"orders/{order_id}/events" if resource.plural == "events" else resource.plural
        query = (
            {}
            if resource.plural == "events"
            else narrowed.get(resource.plural, {"shop": world.shop})
        )
        items = api.get(f"/{path}", query).json()["items"]
        if items:
            found[resource.plural] = items[0]["id"]
    return found


def test_objects_of_another_shop_are_not_there_like_missing_ones() -> None:
    world, other = build.world(legal=SELLER), build.world()
    owner, mine, theirs = caller(), caller(shops=(world.shop,)), caller(shops=(other.shop,))
    found = objects(world, owner)
    assert set(found) == {r.plural for r in RESOURCES}

    for plural, key in found.items():
        if plural in {
            "products",
            "lots",
            "return-reasons",
            "carriers",
            "carrier-accounts",
            "postal-places",
        }:  # the installation's
            continue
        missing = str(ids.new_id())
        assert mine.get(f"/{plural}/{key}").status_code == 200, plural
        hidden, absent = theirs.get(f"/{plural}/{key}"), theirs.get(f"/{plural}/{missing}")
        assert hidden.status_code == 404, plural
        assert hidden.content.replace(key.encode(), b"") == absent.content.replace(
            missing.encode(), b""
        )
        assert key not in str(theirs.get(f"/{plural}", {"limit": 200}).json()), plural
    assert theirs.get(f"/orders/{found['orders']}/events").status_code == 404
    for paper in PAPERS:
        path = f"/{paper.plural}/{found[paper.plural]}{paper.ending}"
        assert (mine.get(path).status_code, theirs.get(path).status_code) == (200, 404), path


def test_a_token_of_one_location_sees_and_moves_only_what_is_there() -> None:
    world = build.world()
    first = caller(shops=(world.shop,), locations=(world.locations[0],))
    second = caller(shops=(world.shop,), locations=(world.locations[1],))
    found = objects(world, caller())

    for plural in (
        "orders",
        "allocations",
        "shipments",
        "pick-lists",
        "memos",
        "payments",
        "events",
        "inbounds",
    ):
        assert first.get(f"/{plural}/{found[plural]}").status_code == 200, plural
        assert second.get(f"/{plural}/{found[plural]}").status_code == 404, plural
        assert second.get(f"/{plural}").json()["items"] == [], plural
    for path, item in (
        ("/shipments/ship", {"shipment_id": found["shipments"]}),
        ("/shipments/cancel", {"shipment_id": found["shipments"]}),
        ("/pick-lists/cancel", {"pick_list_id": found["pick-lists"]}),
        ("/pick-lists/complete", {"pick_list_id": found["pick-lists"]}),
        ("/allocations/release", {"allocation_id": found["allocations"]}),
        ("/stock-levels/count", {"sku": world.skus[0], "location": world.locations[0], "quantity": 1}),
    ):  # fmt: skip
        [result] = second.bulk(path, item)
        assert not result["ok"], (path, result)
        assert result["error"]["status"] == 404, (path, result)


def test_events_of_people_are_for_those_who_may_see_the_settings() -> None:
    caller()
    plain = caller("orders:read")

    kinds = {event["object_type"] for event in plain.get("/events", {"limit": 200}).json()["items"]}

    assert not kinds & {"user", "token"}


def test_a_revoked_and_an_expired_token_let_nobody_in() -> None:
    api = caller("orders:read")
    assert api.get("/orders").status_code == 200

    sql.execute("update accounts_api_token set expires_at = now() - interval '1 second'")

    assert api.get("/orders").status_code == 401


def test_a_login_does_not_open_the_api(django_user_model: Any) -> None:
    person = django_user_model.objects.create(username="olga", name="Olga", role="owner")
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert client.get("/api/v1/orders").status_code == 401
    assert client.post("/api/v1/orders/cancel", b"{}", content_type="text/plain").status_code == 401


def test_tables_name_each_thing_once() -> None:
    commands: list[Command] = list(COMMANDS)
    resources: list[Resource] = list(RESOURCES)

    assert len({(c.plural, c.verb) for c in commands}) == len(commands)
    assert len({r.plural for r in resources}) == len(resources)
    assert {scope for c in commands for scope in c.scopes} <= set(SCOPES)
    assert UUID(str(ids.new_id())).version == 7


# What belongs to one location, to one order, or changes nothing: who is limited is limited there item by item.
_OWN_PLACE = {"orders/erase", "stock-locations/upsert", "bins/upsert", "count-plans/upsert", "email-templates/preview", "email-templates/test"}  # fmt: skip
OF_A_WHOLE_SHOP = {
    f"{command.plural}/{command.verb}": command
    for command in COMMANDS
    if command.scopes == ("settings:write",)
    and f"{command.plural}/{command.verb}" not in _OWN_PLACE
}


@pytest.mark.parametrize("name", OF_A_WHOLE_SHOP)
def test_who_is_limited_to_locations_leaves_the_settings_of_shops_alone(name: str) -> None:
    limited = Actor("token", "limited", location_ids=frozenset({ids.new_id()}))

    with pytest.raises(NotAllowed):
        OF_A_WHOLE_SHOP[name].run([], actor=limited)


def test_what_all_shops_share_is_changed_by_nobody_limited_to_one() -> None:
    limited = Actor("token", "limited", shop_ids=frozenset({ids.new_id()}))

    with pytest.raises(NotAllowed):
        OF_A_WHOLE_SHOP["return-reasons/upsert"].run([], actor=limited)


def test_products_of_all_shops_are_added_and_sent_again_but_changed_by_nobody_limited() -> None:
    world = build.world(products=2)
    sku, part = world.skus
    known = {"sku": sku, "name": f"Article {sku}"}
    kit = {"sku": part, "name": f"Article {part}", "components": [{"sku": sku, "quantity": 2}]}
    changes = [{**known, "name": "Mine"}, {**known, "weight_grams": 5}, {**known, "tracking": "serial"}, kit]  # fmt: skip

    for api in (caller(shops=(world.shop,)), caller(locations=(world.locations[0],))):
        again, added = api.bulk("/products/upsert", known, {"sku": f"new{ids.new_id()}", "name": "New"})  # fmt: skip
        refused = api.bulk("/products/upsert", *changes)

        assert (again["ok"], added["ok"], added["created"]) == (True, True, True)
        assert [r["error"]["status"] for r in refused] == [403] * 4

    assert sql.fetch("select name, weight_grams, tracking, version from catalog_product where sku = %s", (sku,)) == [(f"Article {sku}", None, "none", 1)]  # fmt: skip
    assert caller().bulk("/products/upsert", *changes[:2])[1]["ok"]
