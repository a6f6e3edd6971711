"""Reading orders: pages, search by shape, exact counts, limits of the caller, one order whole."""

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound
from orderwerk.flows.place_orders import place_orders
from orderwerk.orders.queries import (
    EventFilters,
    OrderFilters,
    cut_page,
    event_feed,
    order_detail,
    order_detail_by_number,
    order_events,
    order_links,
    order_page,
    order_tab_counts,
)
from orderwerk.orders.search import MOST_PER_INDEX, Cut
from orderwerk.shipments.queries import ShipmentFilters, shipment_page
from tests import build

pytestmark = pytest.mark.django_db


def limited(world: build.World, *locations: str) -> Actor:
    return Actor(
        kind="user",
        name="Wim",
        id=ids.new_id(),
        shop_ids=frozenset({world.shop_id}),
        location_ids=frozenset(world.location_ids[code] for code in locations) or None,
    )


def found(world: build.World, text: str, **filters: Any) -> list[UUID]:
    page = order_page(limited(world), OrderFilters(q=text, **filters))
    return [row.id for row in page.items]


def test_pages_follow_each_other_while_orders_arrive() -> None:
    world = build.world()
    first = [world.place(placed_at=f"2026-11-0{day}T10:00:00Z") for day in range(1, 8)]
    actor = limited(world)

    page = order_page(actor, OrderFilters(), limit=3)
    world.place(placed_at="2026-11-09T10:00:00Z")
    seen = [row.id for row in page.items]
    while page.next:
        page = order_page(actor, OrderFilters(), cursor=page.next, limit=3)
        seen += [row.id for row in page.items]

    assert seen == first[::-1]


@pytest.mark.parametrize(
    "sort", ["placed_at", "-placed_at", "number", "-number", "total", "-total"]
)
def test_every_sort_reaches_every_order_once(sort: str) -> None:
    world = build.world()
    placed = {world.place((world.skus[0], n)) for n in (1, 2, 2, 3)}
    actor = limited(world)

    seen: list[UUID] = []
    cursor = None
    for _ in placed:
        page = order_page(actor, OrderFilters(), sort=sort, cursor=cursor, limit=1)
        seen += [row.id for row in page.items]
        cursor = page.next

    assert cursor is None
    assert set(seen) == placed
    assert len(seen) == len(placed)


def test_who_waits_for_stock_is_listed_in_turn() -> None:
    world = build.world(stock=0)
    hours = {8: 0, 9: 5, 7: 0, 10: 5}
    placed = {
        hour: world.place((world.skus[0], 1), placed_at=f"2026-11-20T{hour:02}:00:00Z")
        for hour in hours
    }
    for hour, priority in hours.items():
        sql.execute("update orders_order set priority = %s where id = %s", (priority, placed[hour]))
    waiting, actor = OrderFilters(status="awaiting_stock"), limited(world)

    def walk(sort: str) -> list[UUID]:
        seen, cursor = [], None
        for _ in hours:
            page = order_page(actor, waiting, sort=sort, cursor=cursor, limit=1)
            seen += [row.id for row in page.items]
            cursor = page.next
        assert cursor is None
        return seen

    assert walk("turn") == [placed[hour] for hour in (9, 10, 7, 8)]
    assert walk("-turn") == [placed[hour] for hour in (8, 7, 10, 9)]
    whole = order_page(actor, waiting, sort="turn", limit=4)
    first = cut_page(whole, "turn", 2)
    rest = order_page(actor, waiting, sort="turn", cursor=first.next, limit=4)
    assert [row.id for row in (*first.items, *rest.items)] == walk("turn")
    with pytest.raises(BadInput, match="awaiting_stock"):
        order_page(actor, OrderFilters(), sort="turn")


def test_a_foreign_cursor_an_unknown_sort_and_an_odd_limit_are_refused() -> None:
    world = build.world()
    for _ in range(2):
        world.place()
    actor = limited(world)
    cursor = order_page(actor, OrderFilters(), limit=1).next
    assert cursor is not None

    for wrong in (cursor[:-1], "A" + cursor, "\udcff", cursor * 50):
        with pytest.raises(BadInput, match="cursor"):
            order_page(actor, OrderFilters(), cursor=wrong)
    with pytest.raises(BadInput, match="cursor"):
        order_page(actor, OrderFilters(), sort="-total", cursor=cursor)
    with pytest.raises(BadInput, match="sorted"):
        order_page(actor, OrderFilters(), sort="user__password")
    for limit in (0, 201, -1):
        with pytest.raises(BadInput, match="limit"):
            order_page(actor, OrderFilters(), limit=limit)


def test_the_search_box_finds_by_every_kind_of_key() -> None:
    world = build.world()
    mark = build.serial()
    address = {
        "name": "Sjöberg Wessel", "street": "Kade", "postal_code": f"{1000 + mark % 9000} XZ", "city": "Urk", "country": "NL",
    }  # fmt: skip
    order_id = world.place(
        (world.skus[1], 2),
        external_id=f"WEB-{mark}-x",
        customer={"name": "Anna van Loon", "email": f"A{mark}@Example.com", "phone": "06-12345678"},
        delivery_address=address,
    )
    world.place()
    number = build.order(order_id)["number"]
    [shipment] = build.shipments(order_id)
    shipment_number = sql.fetch(
        "update shipments_shipment set tracking_code = %s where id = %s returning number",
        (f"3SABC{mark}", shipment),
    )[0][0]

    for text in (
        number, number[:-1] + number[-1], f"WEB-{mark}-x", f"WEB-{mark}", shipment_number, f"3SABC{mark}", f"3sabc{mark}",
        f"a{mark}@example", f"A{mark}@EXAMPLE.com", "0612345678", "+31 6 12345678", f"{1000 + mark % 9000}xz",
        f"{1000 + mark % 9000} XZ", world.skus[1], "Loon", "anna loon", "sjöb", "urk",
    ):  # fmt: skip
        assert found(world, text) == [order_id], text
    for text in (
        "nobody",
        "zz99999",
        "x@nowhere.example",
        "'; drop table x; --",
        "!!!",
        "%",
        "zq&|!:*",
        "\\",
    ):
        assert found(world, text) == [], text


def test_an_order_is_found_by_the_numbers_on_its_papers() -> None:
    world = build.world()
    order_id = build.returned(world)
    build.shipped(world)
    build.refund(order_id, "1.00")
    build.claim(order_id).require()
    tables = ("invoices_invoice", "refunds_refund", "return_requests_request", "returns_return", "returns_claim")  # fmt: skip
    papers = {
        table: sql.fetch(f"select number from {table} where order_id = %s", (order_id,))
        for table in tables
    }

    for table, rows in papers.items():
        assert rows, table
        for (number,) in rows:
            assert found(world, number) == [order_id], number
            assert found(world, number.lower()) == [order_id], number
            assert found(world, f"{number}x") == [], number
            assert found(build.world(), number) == [], number


def test_digits_alone_find_the_number_behind_a_shops_prefix() -> None:
    world, other = build.world(number_prefix="NL"), build.world(number_prefix="UK")
    mine, theirs = world.place(), other.place()
    digits = build.order(mine)["number"].removeprefix("NL")

    assert found(world, digits) == [mine]
    assert found(world, f"NL{digits}") == [mine]
    assert theirs not in found(world, digits[:-1])


def test_search_by_name_pages_through_all_hits_with_filters() -> None:
    world = build.world()
    placed = [
        world.place(customer={"name": "Noor Bakker"}, placed_at=f"2026-10-{day:02}T08:00:00Z", tags=[["a", "b"][day % 2]])
        for day in range(1, 9)
    ]  # fmt: skip
    actor = limited(world)

    seen: list[UUID] = []
    cursor = None
    while True:
        page = order_page(actor, OrderFilters(q="noor", tag="b"), cursor=cursor, limit=3)
        seen += [row.id for row in page.items]
        cursor = page.next
        if cursor is None:
            break

    assert seen == placed[::2][::-1]


def test_a_text_with_more_hits_than_are_looked_at_first_hides_none() -> None:
    world, mark = build.world(stock=2000), build.serial()
    sku, many = world.skus[0], MOST_PER_INDEX + 3
    same = {
        "customer": {"name": "Noor Bakker", "email": f"all{mark}@example.com", "phone": f"+3161{mark:07}"},
        "delivery_address": {"name": "Noor", "street": "Kade", "postal_code": f"ZZ{mark}", "city": "Urk", "country": "DE"},
    }  # fmt: skip
    old = world.place((sku, 2), placed_at="2026-01-01T00:00:00Z", tags=["vip"], **same)
    # What comes in afterwards is older: an import of what was before.
    live = world.place((sku, 1), placed_at="2026-03-01T00:00:00Z", **same)
    place_orders(
        [world.document((sku, 1), placed_at="2026-02-01T00:00:00Z", **same) for _ in range(many)],
        actor=build.TESTER,
    )
    actor = limited(world)

    for text in (sku, f"all{mark}@example.com", f"+3161{mark:07}", f"zz{mark}"):
        assert found(world, text)[0] == live, text
        assert found(world, text, tag="vip") == [old], text
        assert found(world, text, placed_before=datetime.fromisoformat("2026-01-02T00:00:00Z")) == [old]  # fmt: skip
    [shipment] = build.shipments(old)
    for prefix in ("S", build.order(old)["number"][:1]):
        narrowed = ShipmentFilters(q=prefix, order_id=old)
        assert [row.id for row in shipment_page(actor, narrowed).items] == [shipment], prefix
    for text in (sku, f"zz{mark}"):
        for sort in ("placed_at", "-total", "number"):
            page = order_page(actor, OrderFilters(q=text), sort=sort, limit=2)
            assert page.items[0].id == old, (text, sort)

    seen: list[UUID] = []
    cursor = None
    while True:
        page = order_page(actor, OrderFilters(q=sku), cursor=cursor, limit=200)
        seen += [row.id for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == many + 2
    assert seen[0] == live
    assert seen[-1] == old


def test_a_page_of_the_newest_hits_is_enough_where_nothing_unseen_can_be_newer() -> None:
    world = build.world(stock=2000)
    sku, first = world.skus[0], datetime.fromisoformat("2025-12-01T00:00:00+00:00")
    documents = [
        world.document((sku, 1), placed_at=(first + timedelta(hours=n)).isoformat())
        for n in range(MOST_PER_INDEX + 100)
    ]
    # The oldest come in last, as when an earlier year is imported.
    for part in (documents[-200:], documents[:-200]):
        place_orders(part, actor=build.TESTER)
    actor, seen, statements = limited(world), [], []
    cursor = None
    while True:
        with sql.count_statements() as count:
            page = order_page(actor, OrderFilters(q=sku), cursor=cursor, limit=100)
        statements.append(count.total)
        seen += [row.placed_at for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [first + timedelta(hours=n) for n in reversed(range(len(documents)))]
    # One to see what is left out and one for the page; one more where what is left out may be newer.
    assert statements == [2, 2, 2, 2, 3, 3]


def test_unseen_hits_may_change_a_page_that_reaches_back_to_them() -> None:
    moment = datetime.fromisoformat("2026-02-01T00:00:00+00:00")
    later = moment + timedelta(seconds=1)
    assert [Cut().may_change(at) for at in (None, moment)] == [False, False]
    assert [Cut(loose=True).may_change(at) for at in (None, later)] == [True, True]
    assert [Cut(unseen_until=moment).may_change(at) for at in (None, moment, later)] == [
        True, True, False,
    ]  # fmt: skip


def test_filters_narrow_the_list() -> None:
    world = build.world()
    old = world.place(placed_at="2026-01-01T00:00:00Z", tags=["vip"])
    new = world.place((world.skus[2], 1), placed_at="2026-02-01T00:00:00Z", payments=[])
    actor = limited(world)

    def ids_of(**filters: Any) -> list[UUID]:
        return [row.id for row in order_page(actor, OrderFilters(**filters)).items]

    assert ids_of(status="awaiting_payment") == [new]
    assert ids_of(tag="vip") == [old]
    assert ids_of(sku=world.skus[2]) == [new]
    assert ids_of(shop=world.shop) == [new, old]
    assert ids_of(shop="elsewhere") == []
    assert ids_of(number=build.order(old)["number"]) == [old]
    assert ids_of(country="NL", placed_before=datetime.fromisoformat("2026-02-01T00:00:00Z")) == [
        old
    ]
    assert ids_of(placed_after=datetime.fromisoformat("2026-02-01T00:00:00Z")) == [new]
    assert ids_of(country="BE") == []


def test_counts_are_exact_for_everybody() -> None:
    world = build.world(stock=0)
    world.count(world.locations[0], {world.skus[0]: 1})
    world.count(world.locations[1], {world.skus[1]: 1})
    world.place((world.skus[0], 1))
    world.place((world.skus[1], 1))
    world.place((world.skus[0], 5))
    world.place(payments=[])

    everybody = order_tab_counts(limited(world))
    second = order_tab_counts(limited(world, world.locations[1]))

    assert everybody == {
        "awaiting_payment": 1, "on_hold": 0, "awaiting_stock": 1, "awaiting_shipment": 2,
        "partially_shipped": 0, "shipped": 0, "cancelled": 0,
    }  # fmt: skip
    assert sum(second.values()) == second["awaiting_shipment"] == 1
    assert order_tab_counts(limited(world), world.shop) == everybody
    assert sum(order_tab_counts(limited(world), "elsewhere").values()) == 0


def test_an_order_is_read_whole() -> None:
    world = build.world()
    order_id = world.place((world.skus[0], 2), ("unknown", 1), metadata={"a": "b"}, tags=["x"])

    detail = order_detail(limited(world), order_id)

    assert detail.order.grand_total_minor == 3000
    assert (detail.order.metadata, detail.order.tags) == ({"a": "b"}, ["x"])
    assert [(line.sku, line.allocated, line.waiting) for line in detail.lines] == [
        (world.skus[0], 2, 0),
        ("unknown", 0, 1),
    ]
    assert detail.lines[1].product_id is None
    assert (detail.counts.articles, detail.counts.allocations, detail.counts.shipments) == (2, 1, 1)
    assert (detail.counts.payments, detail.counts.invoices) == (1, 0)
    assert detail.counts.events >= 1
    assert order_detail_by_number(limited(world), detail.order.number).order == detail.order
    assert len(order_links([order_id])[order_id].shipments) == 1


def test_another_shops_order_and_another_locations_order_are_not_there() -> None:
    world, other = build.world(), build.world()
    order_id = world.place()

    for actor in (limited(other), limited(world, world.locations[1])):
        with pytest.raises(NotFound):
            order_detail(actor, order_id)
        assert order_page(actor, OrderFilters()).items == []
        assert order_events(actor, order_id).items == []
    assert len(order_page(limited(world, world.locations[0]), OrderFilters()).items) == 1


@pytest.mark.parametrize("text", [None, "test", "T1", "a@b"])
def test_pages_and_details_cost_the_same_for_one_and_twenty_rows(text: str | None) -> None:
    world = build.world()
    actor = limited(world)
    counts = []
    for more in (1, 19):
        for _ in range(more):
            order_id = world.place((world.skus[0], 1), *[(world.skus[1], 1)] * more)
        with sql.count_statements() as count:
            order_page(actor, OrderFilters(q=text), limit=200)
            order_tab_counts(actor)
            order_detail(actor, order_id)
            order_events(actor, order_id)
        counts.append(count.total)

    # Of a text it is asked first whether it has thousands of hits.
    assert counts == [7 if text else 6] * 2


def _wait_until_all_can_be_told() -> None:
    # The feed stops before the oldest open transaction of the server, and tests beside this one have theirs open.
    for _ in range(6000):
        rows = sql.fetch(
            "select coalesce(max(txid), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint from core_event"
        )
        if rows[0][0]:
            return
        time.sleep(0.1)
    raise AssertionError("other tests have been in one transaction for ten minutes")


@pytest.mark.django_db(transaction=True)
def test_the_feed_tells_everything_in_the_order_of_commits_and_goes_on_later() -> None:
    world = build.world()
    order_id = world.place()
    _wait_until_all_can_be_told()
    actor = limited(world)

    kinds: list[str] = []
    page = event_feed(actor, EventFilters(), limit=1)
    while page.items:
        kinds += [row.kind for row in page.items]
        page = event_feed(actor, EventFilters(), cursor=page.next, limit=1)
    later = page.next
    world.place()
    _wait_until_all_can_be_told()

    assert "order.placed" in kinds
    assert [r.kind for r in event_feed(actor, EventFilters(order_id=order_id)).items].count(
        "order.placed"
    ) == 1
    assert "order.placed" in [
        row.kind for row in event_feed(actor, EventFilters(), cursor=later).items
    ]
