"""The packing table: a parcel leaves once however often its device sends it, and one box is packed for all its orders."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import decode
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.ready_shipments import ReadyShipmentItem, ready_shipments
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.packing_queries import parcels_to_pack
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shipments.packing import PackageItem
from tests import build
from tests.console.morning import numbers
from tests.console.test_deeds import one, said
from tests.flows.test_combined_parcels import ELSEWHERE, together
from tests.flows.test_shipping_rules import rules

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def parcel(world: build.World, quantity: int = 2) -> str:
    """The number of a shipment that waits."""
    order = world.place((world.skus[0], quantity))
    [number] = numbers("shipments_shipment", build.shipments(order))
    return number


def confirmed(world: build.World, quantity: int = 2, **fields: Any) -> dict[str, Any]:
    """What a device sends when the box is full."""
    contents = [{"sku": world.skus[0], "quantity": quantity}]
    return {"key": str(uuid4()), "at": "2026-11-20T10:00:00Z", "contents": contents, "packages": [{"weight_grams": 900}], **fields}  # fmt: skip


def send(client: Client, number: str, *scans: Any) -> Any:
    body = json.dumps({"scans": list(scans)})
    return client.post(f"/shipments/{number}/pack/", body, content_type="application/json")


def status(number: str) -> str:
    return str(one("select status from shipments_shipment where number = %s", number))


def test_a_parcel_whose_answer_was_lost_leaves_once_and_says_done_again(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world(locations=1)
    number = parcel(world)
    scan = confirmed(world)

    answers = [send(client, number, scan).json()["results"] for _ in range(3)]

    assert answers == [[{"key": scan["key"], "ok": True, "next": f"/shipments/pack/?done={number}"}]] * 3  # fmt: skip
    assert status(number) == "shipped"
    left = "select count(*) from core_event e join shipments_shipment h on h.id = e.aggregate_id where h.number = %s and e.kind = %s"
    assert [one(left, number, kind) for kind in ("shipment.shipped", "shipment.packed")] == [1, 1]


def test_what_was_packed_of_a_list_leads_back_to_it_and_says_which_way_it_goes(
    enter: Enter,
) -> None:
    client, world = enter("warehouse"), build.world(locations=1)
    carrier = decode.convert({"code": "post", "name": "Post", "services": [{"code": "box", "name": "In a box"}]}, CarrierItem)  # fmt: skip
    upsert_carriers([carrier], actor=build.TESTER)[0].require()
    rules(world, {"name": "Light", "max_weight_grams": 1000, "carrier": "post", "service": "box"}).require()  # fmt: skip
    light, proposed = parcel(world), parcel(world)
    made = create_pick_lists([CreatePickListItem(location=world.locations[0], kind="batch")], actor=build.TESTER)[0].require()  # fmt: skip
    walk = made.data["pick_lists"][0]["number"]
    complete_pick_lists([CompleteItem(pick_list_id=made.id)], actor=build.TESTER)[0].require()  # type: ignore[arg-type]
    table = client.get(f"/shipments/{light}/pack/?list={walk}").context["packing"]
    assert table["address"] == f"/shipments/{light}/pack/?list={walk}"
    # Nobody knows what the article weighs.
    assert [each["grams"] for each in table["articles"]] == [None]

    def went(number: str, **fields: Any) -> str:
        body = json.dumps({"scans": [confirmed(world, **fields)]})
        address = f"/shipments/{number}/pack/?list={walk}"
        [told] = client.post(address, body, content_type="application/json").json()["results"]
        return str(told["next"])

    there = went(light), went(proposed, is_weighed=False)

    here = f"/shipments/pack/lists/{walk}/?done="
    assert there == (f"{here}{light}&changed=1", f"{here}{proposed}")
    changed, same = (said(client.get(each)) for each in there)
    assert "By its weight it goes another way: <strong>Post · In a box</strong>." in changed
    assert "Goes with: By hand, no carrier connected</p>" in same
    assert "By its weight" in said(client.get(f"/shipments/pack/?done={light}&changed=1"))
    nobody = said(client.get("/shipments/pack/?done=S0&changed=1"))
    assert "By its weight" not in nobody
    assert "Goes with" not in nobody


def test_another_confirmation_of_a_parcel_that_left_is_refused(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world(locations=1)
    number = parcel(world)
    scan = confirmed(world)
    send(client, number, scan)

    [fresh] = send(client, number, confirmed(world)).json()["results"]
    [changed] = send(client, number, {**scan, "packages": [{"weight_grams": 1}]}).json()["results"]

    assert (fresh["ok"], changed["ok"]) == (False, False)
    assert "already" in fresh["text"]
    assert one("select weight_grams from shipments_package g join shipments_shipment h on h.id = g.shipment_id where h.number = %s", number) == 900  # fmt: skip


def test_what_nobody_was_answered_is_done_once_whoever_holds_the_device_then(enter: Enter) -> None:
    first, second, world = enter("warehouse"), enter(), build.world(locations=1)
    number = parcel(world)
    scan, wrong = confirmed(world), {"key": str(uuid4()), "code": "4711"}

    answers = [send(client, number, wrong, scan).json()["results"] for client in (first, second)]
    [other] = send(second, number, {**wrong, "code": "4712"}).json()["results"]

    assert answers[0] == answers[1]
    assert [result["ok"] for result in answers[0]] == [True, True]
    assert not other["ok"]
    kept = "select count(*) from core_event e join shipments_shipment h on h.id = e.aggregate_id where h.number = %s and e.kind = any(%s)"
    assert one(kept, number, ["shipment.packed", "shipment.scan_refused"]) == 2


def test_what_was_refused_is_packed_again_and_leaves(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world(locations=1)
    number = parcel(world)

    [refused] = send(client, number, confirmed(world, 1)).json()["results"]
    assert (refused["ok"], refused["serial"], status(number)) == (False, "", "open")
    [good] = send(client, number, confirmed(world)).json()["results"]

    assert (good["ok"], status(number)) == (True, "shipped")


@pytest.mark.parametrize("broken", [{"key": "none"}, {"contents": "x"}, {"more": 1}])
def test_what_can_never_be_read_is_answered_and_changes_nothing(
    enter: Enter, broken: dict[str, Any]
) -> None:
    client, world = enter("warehouse"), build.world(locations=1)
    number = parcel(world)
    scan = {**confirmed(world), **broken}

    [result] = send(client, number, scan).json()["results"]

    assert (result["key"], result["ok"]) == (scan["key"], False)
    assert status(number) == "open"


def test_a_wrong_scan_is_kept_at_once_and_once_and_the_parcel_stays(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world(locations=1)
    number = parcel(world)
    wrong = {"key": str(uuid4()), "at": "2026-11-20T10:00:00Z", "code": "4711"}

    answers = [send(client, number, wrong).json()["results"] for _ in range(2)]
    [unread] = send(client, number, {**wrong, "key": str(uuid4()), "step": "none"}).json()["results"]  # fmt: skip
    order = one("select o.number from shipments_shipment h join orders_order o on o.id = h.order_id where h.number = %s", number)  # fmt: skip

    assert answers == [[{"key": wrong["key"], "ok": True}]] * 2
    assert not unread["ok"]
    kept = "select count(*) from core_event e join shipments_shipment h on h.id = e.aggregate_id where h.number = %s and e.kind = 'shipment.scan_refused'"
    assert (one(kept, number), status(number)) == (1, "open")
    history = said(enter().get(f"/orders/{order}/"))
    assert f"Scanned into shipment {number} and refused" in history
    assert "4711" in history


def test_another_shape_is_a_bad_request(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world(locations=1)
    number = parcel(world)

    bad = [send(client, number), send(client, number, 1), client.post(f"/shipments/{number}/pack/", "{", content_type="application/json")]  # fmt: skip

    assert [answer.status_code for answer in bad] == [400, 400, 400]


def test_a_combined_parcel_is_packed_on_one_page(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world(locations=1)
    orders, keys = together(world, [(world.skus[0], 1)], [(world.skus[0], 1), (world.skus[1], 4)])
    leader, other = numbers("shipments_shipment", keys)
    page = f"/shipments/{leader}/pack/"

    shown = said(client.get(page))
    elsewhere = client.get(f"/shipments/{other}/pack/")

    assert elsewhere["Location"] == page
    assert "0 / 6" in shown
    for order in orders:
        assert build.order(order)["number"] in shown
    contents = [{"sku": world.skus[0], "quantity": 2}, {"sku": world.skus[1], "quantity": 4}]
    [done] = send(client, leader, confirmed(world, contents=contents)).json()["results"]
    assert done["ok"]
    assert [status(number) for number in (leader, other)] == ["shipped", "shipped"]
    assert client.get(page)["Location"] == f"/shipments/{leader}/"


@pytest.mark.parametrize("which", [0, 1])
def test_the_page_of_a_combined_parcel_says_which_order_keeps_it_here(
    enter: Enter, which: int
) -> None:
    client, world = enter("warehouse"), build.world(locations=1)
    orders, keys = together(world, [(world.skus[0], 1)], [(world.skus[1], 1)])
    [leader] = numbers("shipments_shipment", keys[:1])
    number = build.order(orders[which])["number"]
    page = f"/shipments/{leader}/pack/"
    assert "cannot leave yet" not in said(client.get(page))

    item = decode.convert({"order_id": str(orders[which]), "delivery_address": ELSEWHERE}, UpdateItem)  # fmt: skip
    update_orders([item], actor=build.TESTER)[0].require()
    moved = said(client.get(page))
    hold_orders([HoldItem(order_id=orders[which], reason="x")], actor=build.TESTER)[0].require()
    held = said(client.get(page))

    second = build.order(orders[1])["number"]
    assert f"Order {second} goes to another customer or address now" in moved
    assert ("" if which == 0 else f"{number}: ") + "The order is on hold, so this cannot leave yet." in held  # fmt: skip


def test_a_shops_boxes_are_kept_in_settings_and_chosen_at_the_table(enter: Enter) -> None:
    owner, floor, world = enter(), enter("warehouse"), build.world(locations=1)
    items = [ProductItem(sku=world.skus[0], name="Pan", weight_grams=900)]
    upsert_products(items, actor=build.TESTER)[0].require()
    number = parcel(world)
    table, here = f"/shipments/{number}/pack/", f"/settings/shipping/{world.shop}/boxes"
    assert 'id="box"' not in said(floor.get(table))
    small = {"name": "Small", "length_mm": "200", "width_mm": "150", "height_mm": "100", "weight_grams": "60", "max_weight_grams": "1000"}  # fmt: skip

    owner.post(f"{here}/new/", {**small, "seen": "0"})
    owner.post(f"{here}/new/", {**small, "seen": "1", "name": "Large", "height_mm": "300", "weight_grams": "150", "max_weight_grams": ""})  # fmt: skip
    wrong = [owner.post(f"{here}/1/", {**small, "seen": "2"}), owner.post(f"{here}/new/", {**small, "seen": "2", "height_mm": "0"})]  # fmt: skip
    assert 'name="seen" value="2"' in said(owner.get("/settings/shipping/"))
    owner.post(f"{here}/1/up/", {"seen": "2"})
    settings, shown = said(owner.get("/settings/shipping/")), said(floor.get(table))

    assert [answer.status_code for answer in wrong] == [422, 422]
    assert settings.index("Large") < settings.index("Small")
    assert owner.get(f"{here}/7/").status_code == 404
    assert [owner.post(f"{here}/{place}/", {"seen": "3"}).status_code for place in ("0/down", "7/up")] == [404, 404]  # fmt: skip
    assert owner.get("/settings/shipping/nowhere/boxes/new/").status_code == 404
    # Two pans weigh more than the small box bears: the large one is proposed, and its own weight is in the sum.
    assert '"proposed": 0' in shown
    assert '<option value="0">Large' in shown
    packages = [{"box": "Large", "length_mm": 200, "width_mm": 150, "height_mm": 300, "weight_grams": 1950}]  # fmt: skip
    [done] = send(floor, number, confirmed(world, packages=packages)).json()["results"]
    assert done["ok"]
    assert "Large" in said(floor.get(f"/shipments/{number}/"))
    owner.post(f"{here}/0/remove/", {"seen": "3"})
    assert "Large" not in said(owner.get("/settings/shipping/"))


def test_a_box_stays_with_a_package_whose_size_stays(enter: Enter) -> None:
    floor, world = enter("warehouse"), build.world(locations=1)
    number = parcel(world)
    key = one("select id from shipments_shipment where number = %s", number)
    boxed = PackageItem(box="S", length_mm=300, width_mm=200, height_mm=100)
    update_shipments([UpdateShipmentItem(shipment_id=key, packages=[boxed])], actor=build.TESTER)[0].require()  # fmt: skip
    page, box = f"/shipments/{number}/packages/", "select box from shipments_package where shipment_id = %s"  # fmt: skip

    floor.post(page, {"count": "1", "weight-1": "900", "size-1": "300 × 200 × 100"})
    assert one(box, key) == "S"
    floor.post(page, {"count": "1", "weight-1": "900", "size-1": "300 × 200 × 150"})
    assert one(box, key) == ""


def test_a_package_has_its_own_code_before_and_after_it_has_left(enter: Enter) -> None:
    floor, world = enter("warehouse"), build.world(locations=1)
    number = parcel(world)
    page = f"/shipments/{number}/"
    found = "select array_agg(g.tracking_code order by position) from shipments_package g join shipments_shipment h on h.id = g.shipment_id where h.number = %s"

    floor.post(f"{page}packages/", {"count": "2", "weight-1": "900"})
    floor.post(f"{page}packages/", {"count": "2", "code-1": "3SONE", "code-2": ""})
    # The overview and older pages have no such field: what is there stays.
    floor.post(f"{page}packages/", {"count": "2", "weight-1": "900"})
    assert one(found, number) == ["3SONE", ""]
    floor.post(f"{page}ship/", {"tracking_code": "", "count": "2", "weight-1": "900", "code-1": "3SONE", "code-2": ""})  # fmt: skip
    assert status(number) == "shipped"
    assert "Tracking codes" in said(floor.get(page))
    assert 'value="3SONE"' in said(floor.get(f"{page}codes/"))
    too_long = floor.post(f"{page}codes/", {"code-1": "3SONE", "code-2": "x" * 101})
    floor.post(f"{page}codes/", {"code-1": "3SONE", "code-2": "3STWO"})

    assert too_long.status_code == 422
    assert one(found, number) == ["3SONE", "3STWO"]
    assert "3STWO" in said(floor.get(page))
    # A page from before that, on which only the first code is typed anew, takes nothing back.
    floor.post(f"{page}codes/", {"code-1": "3SNEW", "was-1": "3SONE", "code-2": "", "was-2": ""})
    assert one(found, number) == ["3SNEW", "3STWO"]
    assert enter("finance").get(f"{page}codes/").status_code == 403


def test_the_table_lists_what_can_be_packed_and_says_why_a_code_means_nothing(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world(locations=2, products=2, stock=9)
    client.get("/scan/", {"location": world.locations[0]})
    first, urgent, held = parcel(world), parcel(world), parcel(world)
    order = one("select order_id from shipments_shipment where number = %s", urgent)
    update_orders([UpdateItem(order_id=order, priority=5)], actor=build.TESTER)[0].require()
    stopped = one("select order_id from shipments_shipment where number = %s", held)
    hold_orders([HoldItem(order_id=stopped, reason="x")], actor=build.TESTER)[0].require()

    listed = [each.number for each in client.get("/shipments/pack/").context["parcels"]]

    assert listed == [urgent, first]
    several = build.world(locations=2, products=1, stock=1)
    both = build.order(several.place((several.skus[0], 2)))["number"]
    assert "several parcels" in client.get("/shipments/pack/", {"code": both}).content.decode()
    assert "nothing that waits" in client.get("/shipments/pack/", {"code": "4711"}).content.decode()
    elsewhere = enter("warehouse", locations=(world.locations[1],))
    assert elsewhere.get("/shipments/pack/").context["parcels"] == []
    shop = enter("warehouse", shops=(several.shop,))
    theirs = shop.get("/shipments/pack/").context["parcels"]
    assert not {first, urgent, held} & {each.number for each in theirs}


def test_a_shop_that_ships_what_has_been_picked_lists_nothing_that_has_not(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world(locations=1, use_pick_lists=True)
    client.get("/scan/", {"location": world.locations[0]})
    parcel(world)

    assert client.get("/shipments/pack/").context["parcels"] == []


def test_the_list_shows_what_is_announced_and_not_what_lies_ready() -> None:
    world = build.world(locations=1)
    waits, announced = parcel(world), parcel(world)
    collected = world.place(shipping={"collect_at": world.locations[0]})
    key = one("select id from shipments_shipment where number = %s", announced)
    announce_shipments([AnnounceItem(shipment_id=key)], actor=build.TESTER)[0].require()
    ready = [ReadyShipmentItem(shipment_id=each) for each in build.shipments(collected)]
    ready_shipments(ready, actor=build.TESTER)[0].require()
    found = parcels_to_pack(build.TESTER, world.locations[0], limit=10).items
    assert [each.number for each in found] == [waits, announced]
