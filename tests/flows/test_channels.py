"""Stock that is kept for a shop, or not offered to it: in every way in which orders claim stock."""

from typing import Any

import pytest

from orderwerk.allocations.channel_queries import channels_of_product
from orderwerk.allocations.commands.set_channels import ChannelStockItem, set_channel_stocks
from orderwerk.core.outcome import Outcome
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.stock.queries import LevelFilters, level_page
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def keep(world: build.World, index: int = 0, **fields: Any) -> Outcome:
    item = ChannelStockItem(sku=world.skus[0], location=world.locations[index], shop=world.shop, **fields)  # fmt: skip
    return set_channel_stocks([item], actor=build.TESTER)[0]


def shops(stock: int) -> tuple[build.World, build.World]:
    """Two shops that draw from one location."""
    mine, theirs = build.shared_worlds()
    mine.count(mine.locations[0], {mine.skus[0]: stock})
    return mine, theirs


def claimed(*orders: Any) -> list[int]:
    return [build.order(key)["units_allocated"] for key in orders]


def available(*worlds: build.World) -> list[int]:
    return [
        level_page(build.TESTER, LevelFilters(sku=w.skus[0], shop=w.shop)).items[0].available
        for w in worlds
    ]


def test_other_shops_leave_what_is_reserved_and_the_shop_itself_has_it() -> None:
    mine, theirs = shops(10)
    keep(mine, reserved=6).require()

    before = available(mine, theirs)
    other = theirs.place((theirs.skus[0], 7))
    middle = available(mine, theirs)
    own = mine.place((mine.skus[0], 6))

    assert (before, middle, available(mine, theirs)) == ([10, 4], [6, 0], [0, 0])
    assert claimed(other, own) == [4, 6]
    sound()


def test_what_the_shop_holds_itself_is_not_kept_twice() -> None:
    mine, theirs = shops(10)
    own = mine.place((mine.skus[0], 4))
    keep(mine, reserved=6).require()

    other = theirs.place((theirs.skus[0], 9))

    assert claimed(own, other) == [4, 4]
    assert [(row.held, row.available) for row in channels_of_product(build.TESTER, mine.skus[0])] == [(4, 2)]  # fmt: skip
    sound()


def test_what_has_left_is_kept_again_from_what_lies_there() -> None:
    mine, theirs = shops(10)
    keep(mine, reserved=4).require()
    own = mine.place((mine.skus[0], 4))
    ship_shipments([ShipItem(shipment_id=build.shipments(own)[0])], actor=build.TESTER)[0].require()

    assert available(mine, theirs) == [6, 2]


def test_safety_stock_of_a_shop_is_not_offered_to_it_and_to_others_it_is() -> None:
    mine, theirs = shops(5)
    keep(mine, safety_stock=2).require()

    own = mine.place((mine.skus[0], 5))
    other = theirs.place((theirs.skus[0], 5))

    assert claimed(own, other) == [3, 2]
    sound()


def test_orders_of_several_shops_in_one_batch_share_what_is_there() -> None:
    mine, theirs = shops(10)
    keep(mine, reserved=5).require()
    documents = [theirs.document((theirs.skus[0], 4)), mine.document((mine.skus[0], 3)), theirs.document((theirs.skus[0], 4)), mine.document((mine.skus[0], 3))]  # fmt: skip

    placed = [o.require().id for o in place_orders(documents, actor=build.TESTER)]

    assert claimed(*placed) == [4, 3, 1, 2]
    sound()


def test_backorders_and_allocating_by_hand_leave_it_too_and_take_what_is_given_free() -> None:
    mine, theirs = shops(0)
    other = theirs.place((theirs.skus[0], 4))
    keep(mine, reserved=3).require()
    mine.count(mine.locations[0], {mine.skus[0]: 5})

    allocate_orders([AllocateItem(order_id=other)], actor=build.TESTER)
    kept = claimed(other)
    keep(mine).require()
    allocate_orders([AllocateItem(order_id=other)], actor=build.TESTER)

    assert (kept, claimed(other)) == ([2], [4])
    sound()


def test_a_cancelled_order_leaves_its_pieces_to_the_reservation() -> None:
    mine, theirs = shops(5)
    keep(mine, reserved=5).require()
    own = mine.place((mine.skus[0], 5))
    cancel_orders([CancelItem(order_id=own, reason="x")], actor=build.TESTER)[0].require()

    other = theirs.place((theirs.skus[0], 1))

    assert claimed(other) == [0]
    sound()


def test_moving_to_a_location_leaves_what_is_reserved_there() -> None:
    mine, theirs = build.world(stock=10), build.world(locations=1, stock=0)
    items = [LocationShops(location=mine.locations[1], shops=[mine.shop, theirs.shop])]
    link_locations(items, actor=build.TESTER)[0].require()
    item = ChannelStockItem(sku=mine.skus[0], location=mine.locations[1], shop=theirs.shop, reserved=8)  # fmt: skip
    set_channel_stocks([item], actor=build.TESTER)[0].require()
    orders = [mine.place((mine.skus[0], n)) for n in (3, 2)]

    moves = [MoveAllocationItem(allocation_id=build.allocations(key)[0][0], location=mine.locations[1]) for key in orders]  # fmt: skip
    outcomes = move_allocations(moves, actor=build.TESTER)

    assert [o.error.code if o.error else None for o in outcomes] == ["not_enough_stock", None]
    sound()


def test_a_shop_that_no_longer_draws_from_a_location_keeps_nothing_there() -> None:
    mine, theirs = shops(5)
    keep(mine, reserved=5).require()
    link_locations([LocationShops(location=mine.locations[0], shops=[theirs.shop])], actor=build.TESTER)[0].require()  # fmt: skip

    other = theirs.place((theirs.skus[0], 5))

    assert claimed(other) == [5]
    sound()


def test_what_cannot_be_reserved_says_why() -> None:
    mine, stranger = build.world(), build.world()
    item = ChannelStockItem(sku=mine.skus[0], location=stranger.locations[0], shop=mine.shop, reserved=1)  # fmt: skip
    nobody = ChannelStockItem(sku=mine.skus[0], location=mine.locations[0], shop="nobody", reserved=1)  # fmt: skip

    outcomes = set_channel_stocks([item, nobody], actor=build.TESTER)
    hidden = set_channel_stocks([ChannelStockItem(sku=mine.skus[0], location=mine.locations[0], shop=mine.shop)], actor=build.limited(stranger.shop_id))  # fmt: skip

    codes = [o.error.code if o.error else None for o in (*outcomes, *hidden)]
    assert codes == ["location_not_linked", "unknown_shop", "unknown_location"]
