"""What is told over many objects at once: who waits for an article, the self-check, its history, how far everybody is."""

from datetime import date

import pytest

from orderwerk.allocations import waiting_queries
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build
from tests.api.conftest import caller
from tests.flows.test_promises import SOON, expect
from tests.stock.test_self_check import spoil

pytestmark = pytest.mark.django_db


def test_who_waits_for_an_article_is_told_in_turn_with_what_is_promised() -> None:
    world = build.world(stock=0)
    later, first = (world.place((world.skus[0], n), placed_at=f"2026-11-2{n}T10:00:00Z") for n in (3, 2))  # fmt: skip
    urgent = world.place((world.skus[0], 1), placed_at="2026-11-26T10:00:00Z")
    world.place((world.skus[0], 9), payments=[])
    sql.execute("update orders_order set priority = 5 where id = %s", (urgent,))
    expect(world, 3, SOON)
    api = caller(shops=(world.shop,))
    address = f"/products/{world.product_ids[world.skus[0]]}/waiting"

    told = api.get(address, {}).json()

    assert (told["orders"], told["units"]) == (3, 6)
    assert [row["order_id"] for row in told["rows"]] == [str(urgent), str(first), str(later)]
    assert [(row["quantity"], row["pegged"]) for row in told["rows"]] == [(1, 1), (2, 2), (3, 0)]
    assert [row["promised_on"] for row in told["rows"]] == [SOON.isoformat()] * 2 + [None]
    cut = api.get(address, {"limit": 1}).json()
    assert (cut["orders"], cut["units"], len(cut["rows"])) == (3, 6, 1)
    assert api.get(address, {"limit": 0}).status_code == 422
    assert api.get(f"/products/{new_id()}/waiting", {}).status_code == 404
    stranger = caller(shops=(build.world(stock=0).shop,))
    assert stranger.get(address, {}).json() == {"orders": 0, "units": 0, "rows": []}
    nobody = f"/products/{world.product_ids[world.skus[1]]}/waiting"
    assert api.get(nobody, {}).json() == {"orders": 0, "units": 0, "rows": []}


def test_the_list_of_who_waits_costs_the_same_for_one_and_many() -> None:
    counted = set()
    for orders in (1, 20):
        world = build.world(stock=0)
        for _ in range(orders):
            world.place((world.skus[0], 1))
        api = caller(shops=(world.shop,))
        with sql.count_statements() as count:
            api.get(f"/products/{world.product_ids[world.skus[0]]}/waiting", {})
        counted.add(count.total)

    assert len(counted) == 1


def test_the_self_check_tells_what_is_wrong_and_of_an_article_everything() -> None:
    world = build.world(locations=1, products=2, stock=7)
    api, sku = caller(), world.skus[0]
    spoil(world, "update stock_level set on_hand = 9 where true")

    [wrong] = [x for x in api.get("/stock-levels/checks", {}).json()["items"] if x["sku"] in world.skus]  # fmt: skip

    assert (wrong["sku"], wrong["location"], wrong["is_right"]) == (sku, world.locations[0], False)
    assert wrong["differences"] == {"on_hand": [9, 7]}
    assert wrong["can_be_repaired"]
    [right] = api.get("/stock-levels/checks", {"sku": world.skus[1]}).json()["items"]
    assert (right["is_right"], right["on_hand"], right["ledger"]) == (True, 7, 7)
    assert api.get("/stock-levels/checks", {"sku": "nosuch"}).status_code == 404


def test_the_history_of_an_article_ends_today_with_what_lies_there() -> None:
    world = build.world(locations=1, products=1, stock=7)
    api, address = caller(), f"/products/{world.product_ids[world.skus[0]]}/history"

    days = api.get(address, {"days": 3}).json()["days"]

    assert [day["on_hand"] for day in days] == [0, 0, 7]
    assert (days[-1]["day"], days[-1]["came"]) == (clock.now().date().isoformat(), 7)
    assert len(api.get(address, {}).json()["days"]) == 90
    for wrong in ("0", "367", "x"):
        assert api.get(address, {"days": wrong}).status_code == 422


def test_everybodys_progress_is_told() -> None:
    world = build.world(locations=1, products=1, stock=7)
    world.place((world.skus[0], 2))
    item = CreatePickListItem(location=world.locations[0])
    create_pick_lists([item], actor=build.TESTER)[0].require()
    api = caller(locations=(world.locations[0],))

    [row] = api.get("/pick-lists/progress", {}).json()["people"]

    assert row == {"name": "", "list_count": 1, "open_list_count": 1, "units": 2, "units_done": 0}
    assert api.get("/pick-lists/progress", {"hours": "169"}).status_code == 422


def test_of_very_many_who_wait_the_first_are_told_what_comes_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(waiting_queries, "MOST_IN_TURN", 2)
    world = build.world(stock=0)
    first, second, third = (world.place((world.skus[0], n), placed_at=f"2026-11-2{n}T10:00:00Z") for n in (1, 2, 3))  # fmt: skip
    expect(world, 2, SOON)
    api = caller(shops=(world.shop,))

    address = f"/products/{world.product_ids[world.skus[0]]}/waiting"
    told, one = api.get(address, {}).json(), api.get(address, {"limit": 1}).json()

    assert (told["orders"], told["units"]) == (one["orders"], one["units"]) == (3, 6)
    assert [(row["order_id"], row["quantity"], row["pegged"]) for row in told["rows"]] == [(str(first), 1, 1), (str(second), 2, 1), (str(third), 3, 0)]  # fmt: skip
    assert one["rows"] == told["rows"][:1]


def test_who_sees_only_what_stands_behind_very_many_others_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(waiting_queries, "MOST_IN_TURN", 2)
    world = build.world(stock=0, products=1)
    [sku] = world.skus
    for day in (1, 2):
        world.place((sku, 1), placed_at=f"2026-11-0{day}T10:00:00Z")
    other = build.world(stock=0, products=1)
    # Its second line stands behind those that are looked at.
    theirs = other.place((sku, 2), (sku, 3), placed_at="2026-11-03T10:00:00Z")
    expect(world, 9, SOON)
    api = caller(shops=(other.shop,))

    told = api.get(f"/products/{world.product_ids[sku]}/waiting", {}).json()

    assert (told["orders"], told["units"]) == (1, 5)
    [row] = told["rows"]
    assert (row["order_id"], row["quantity"], row["pegged"], row["promised_on"]) == (str(theirs), 5, 0, None)  # fmt: skip


def test_what_lies_in_which_bin_is_told_of_an_article_and_of_a_bin() -> None:
    world = build.world(locations=2, products=2, stock=7)
    place = world.locations[0]
    set_bins([BinItem(location=place, bin="A-1", position=1)], actor=build.TESTER)[0].require()
    upsert_products([ProductItem(sku=f"{world.skus[0]}-lot", name="Milk", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    came = ReceiveItem(sku=f"{world.skus[0]}-lot", location=place, quantity=3, bin="A-1", lot="L7", expires_on=date(2031, 1, 2))  # fmt: skip
    receive_stock([came], actor=build.TESTER)[0].require()
    api, here = caller(), caller(locations=(world.locations[1],))
    of = f"/products/{world.product_ids[world.skus[0]]}/bins"
    [bin_id] = [x["id"] for x in api.get("/bins", {"location": place}).json()["items"] if x["bin"] == "A-1"]  # fmt: skip

    assert [(x["location"], x["bin"], x["quantity"]) for x in api.get(of, {}).json()["items"]] == [
        (code, "DEFAULT", 7) for code in world.locations
    ]
    [lot] = api.get(f"/bins/{bin_id}/stock", {}).json()["items"]
    assert (lot["sku"], lot["lot"], lot["quantity"], lot["expires_on"], lot["planned"], lot["blocked"]) == (
        f"{world.skus[0]}-lot", "L7", 3, "2031-01-02", 0, "",
    )  # fmt: skip
    assert [x["location"] for x in here.get(of, {}).json()["items"]] == [world.locations[1]]
    assert here.get(f"/bins/{bin_id}/stock", {}).status_code == 404
    assert api.get(f"/bins/{bin_id}/stock", {"limit": 0}).status_code == 422


def test_what_lies_in_very_many_bins_is_told_page_by_page() -> None:
    world = build.world(locations=2, products=1, stock=0)
    place, sku = world.locations[0], f"{world.skus[0]}-lot"
    upsert_products([ProductItem(sku=sku, name="Milk", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    set_bins([BinItem(location=place, bin="A-1", position=1)], actor=build.TESTER)[0].require()
    days = {"L1": None, "L2": date(2031, 1, 2), "L3": date(2031, 1, 2), "L4": date(2030, 1, 2)}
    came = [
        ReceiveItem(sku=sku, location=at, quantity=1, lot=lot, expires_on=day, **({"bin": "A-1"} if at == place else {}))
        for at in world.locations for lot, day in days.items()
    ]  # fmt: skip
    for outcome in receive_stock(came, actor=build.TESTER):
        outcome.require()
    api = caller()
    [product] = api.get("/products", {"sku": sku}).json()["items"]
    [bin_id] = [x["id"] for x in api.get("/bins", {"location": place}).json()["items"] if x["bin"] == "A-1"]  # fmt: skip

    by_day = ["L4", "L2", "L3", "L1"]
    assert paged(f"/products/{product['id']}/bins") == [(at, lot) for at in world.locations for lot in by_day]  # fmt: skip
    assert paged(f"/bins/{bin_id}/stock") == [(place, lot) for lot in by_day]
    assert api.get(f"/bins/{bin_id}/stock", {"cursor": "x"}).status_code == 422


def paged(address: str) -> list[tuple[str, str]]:
    """Location and lot of everything that an address tells, three at a time."""
    api, found, cursor = caller(), [], ""
    while cursor is not None:
        page = api.get(address, {"limit": 3, "cursor": cursor}).json()
        assert len(page["items"]) <= 3
        found += [(x["location"], x["lot"]) for x in page["items"]]
        cursor = page["next"]
    return found
