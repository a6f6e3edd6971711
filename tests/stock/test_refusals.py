"""What commands on stock, shops and people do not do, one by one: each says why with a code."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.accounts.commands.update_user import UserChange, update_users
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import decode, sql
from orderwerk.core.outcome import Outcome
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from orderwerk.stock.commands.close_inbounds import CloseInboundItem, close_inbounds
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.set_safety import SafetyItem, set_safety_stocks
from orderwerk.stock.commands.transfer import TransferItem, transfer_stock_levels
from orderwerk.stock.commands.upsert_inbounds import InboundItem, upsert_inbounds
from orderwerk.stock.shelves import STAGING_BIN
from tests import build

pytestmark = pytest.mark.django_db


def refusal(outcomes: list[Outcome], index: int = 0) -> tuple[str, str]:
    """The code with which one item was refused, and where."""
    error = outcomes[index].error
    assert error is not None
    return error.code, error.pointer


def inbound(world: build.World, *lines: tuple[str, int], **fields: Any) -> list[Outcome]:
    """Expect goods at the world's first location."""
    item = {"location": world.locations[0], "lines": [{"sku": s, "quantity": n} for s, n in lines], **fields}  # fmt: skip
    return upsert_inbounds([decode.convert(item, InboundItem)], actor=build.TESTER)


def send(world: build.World, *lines: tuple[str, int], to: int = 1) -> list[Outcome]:
    """Send pieces from the world's first location on their way."""
    item = {"from": world.locations[0], "to": world.locations[to], "lines": [{"sku": s, "quantity": n} for s, n in lines]}  # fmt: skip
    return send_transfers([decode.convert(item, SendItem)], actor=build.TESTER)


def test_a_purchase_order_has_no_origin() -> None:
    world = build.world(stock=0)
    key = inbound(world, (world.skus[0], 3))[0].require().id
    assert key is not None
    item = CloseInboundItem(inbound_id=key, reason="Test", back_to_origin=True)
    assert refusal(close_inbounds([item], actor=build.TESTER)) == ("no_origin", "/back_to_origin")


def test_the_number_of_a_purchase_order_that_one_does_not_see_is_in_use() -> None:
    world, other = build.world(stock=0), build.world(stock=0)
    number = inbound(other, (other.skus[0], 1))[0].require().data["number"]
    item = {"number": number, "location": world.locations[0], "lines": [{"sku": world.skus[0], "quantity": 1}]}  # fmt: skip
    done = upsert_inbounds([decode.convert(item, InboundItem)], actor=build.limited(world.shop_id))
    assert refusal(done) == ("number_exists", "/number")


def test_a_line_that_came_whole_stays_as_it_is_when_the_rest_is_closed() -> None:
    world = build.world(stock=0)
    made = inbound(world, (world.skus[0], 2), (world.skus[1], 5))[0].require()
    came = ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=2, inbound=made.data["number"])  # fmt: skip
    receive_stock([came], actor=build.TESTER)[0].require()
    assert made.id is not None

    close_inbounds([CloseInboundItem(inbound_id=made.id, reason="Test")], actor=build.TESTER)[0].require()  # fmt: skip

    rows = sql.fetch("select expected, received, closed from stock_inbound_line where inbound_id = %s order by position", (made.id,))  # fmt: skip
    assert rows == [(2, 2, 0), (5, 0, 5)]


def test_a_day_of_expiry_where_no_lots_are_kept() -> None:
    world = build.world()
    item = decode.convert({"sku": world.skus[0], "location": world.locations[0], "quantity": 1, "expires_on": "2027-01-01"}, ReceiveItem)  # fmt: skip
    assert refusal(receive_stock([item], actor=build.TESTER)) == ("lot_not_kept", "/expires_on")


def test_transfers_to_where_goods_lie_or_of_one_article_twice() -> None:
    world = build.world()
    sku = world.skus[0]
    assert refusal(send(world, (sku, 1), to=0)) == ("same_location", "/to")
    assert refusal(send(world, (sku, 1), (sku, 1))) == ("duplicate_line", "/lines/1/sku")
    assert refusal(send(world, ("nothing", 1))) == ("unknown_sku", "/lines/0/sku")
    at_once = {"sku": sku, "from": world.locations[0], "to": world.locations[0], "quantity": 1}
    done = transfer_stock_levels([decode.convert(at_once, TransferItem)], actor=build.TESTER)
    assert refusal(done) == ("same_location", "/to")


def test_the_staging_bin_keeps_its_place() -> None:
    item = BinItem(location=build.world().locations[0], bin=STAGING_BIN)
    assert refusal(set_bins([item], actor=build.TESTER)) == ("staging_bin", "/bin")


def test_safety_stock_of_an_article_that_is_not_there() -> None:
    item = SafetyItem(sku="nothing", location=build.world().locations[0], safety_stock=1)
    assert refusal(set_safety_stocks([item], actor=build.TESTER)) == ("unknown_sku", "/sku")


def test_links_of_a_location_or_a_shop_that_is_not_there() -> None:
    world = build.world()
    items = [
        LocationShops(location="nowhere", shops=[world.shop]),
        LocationShops(location=world.locations[0], shops=["nobody"]),
    ]
    done = link_locations(items, actor=build.TESTER)
    assert refusal(done) == ("unknown_location", "/location")
    assert refusal(done, 1) == ("unknown_shop", "/shops")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"timezone": "Mars/Olympus"}, ("unknown_timezone", "/timezone")),
        ({"timezone": "localtime"}, ("unknown_timezone", "/timezone")),
        ({"four_eyes_above": "1.234"}, ("too_many_decimals", "/four_eyes_above")),
        ({"currency": "GBP"}, ("currency_fixed", "/currency")),
    ],
)
def test_settings_of_a_shop_that_cannot_be(
    fields: dict[str, str], expected: tuple[str, str]
) -> None:
    world = build.world()
    item = {"code": world.shop, "name": "Test", "currency": "EUR", "locale": "nl", **fields}
    done = upsert_shops([decode.convert(item, ShopItem)], actor=build.TESTER)
    assert refusal(done) == expected


def test_who_is_limited_to_shops_makes_no_other() -> None:
    item = ShopItem(code=f"new{build.serial()}", name="Test", currency="EUR", locale="nl")
    done = upsert_shops([item], actor=build.limited(build.world().shop_id))
    assert refusal(done) == ("unknown_shop", "/code")


def person() -> UUID:
    """Somebody who works in customer service."""
    n = build.serial()
    made = create_users([NewUser(username=f"user{n}", email=f"user{n}@example.com", name="Test", role="customer_service", password="a-long-test-password")], actor=build.TESTER)  # fmt: skip
    key = made[0].require().id
    assert key is not None
    return key


def test_an_address_of_somebody_else_and_locations_outside_of_the_warehouse() -> None:
    first, second = person(), person()
    mail = sql.fetch("select email from accounts_user where id = %s", (first,))[0][0]
    items = [
        UserChange(user_id=second, email=mail),
        UserChange(user_id=second, locations=(build.world().locations[0],)),
    ]
    done = update_users(items, actor=build.TESTER)
    assert refusal(done)[1] == "/email"
    assert refusal(done, 1) == ("locations_of_warehouse", "/locations")


def test_an_article_that_is_only_expected_is_received_without_a_lot() -> None:
    world = build.world(stock=0)
    upsert_products([ProductItem(sku=world.skus[0], name="Test")], actor=build.TESTER)[0].require()
    item = ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=4)
    receive_stock([item], actor=build.TESTER)[0].require()
    assert world.levels()[(world.skus[0], world.locations[0])] == (4, 0)


def test_an_article_that_nobody_knows_is_not_expected() -> None:
    world = build.world(stock=0)
    assert refusal(inbound(world, (world.skus[0], 1), ("nothing", 1))) == ("unknown_sku", "/lines/1/sku")  # fmt: skip
