"""What commands on returns and orders do not do, one by one: each says why with a code, and where."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import clock, decode, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.return_requests.commands.add_photos import PhotosItem, add_photos
from orderwerk.return_requests.commands.decide import CancelRequestItem, cancel_return_requests
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.commands.withdraw import WithdrawalRecord, record_withdrawals
from orderwerk.return_requests.rules import Policy, last_day, may_withdraw
from orderwerk.returns.commands.inspect import InspectItem, inspect_returns
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from tests import build

pytestmark = pytest.mark.django_db
NOBODY = UUID(int=1)


def refusal(outcome: Outcome) -> tuple[str, str]:
    """The code with which one item was refused, and where."""
    assert outcome.error is not None
    return outcome.error.code, outcome.error.pointer


def request_of(order: UUID) -> UUID:
    """An announced return of one piece."""
    key = build.request(order).require().id
    assert key is not None
    return key


def test_announcing_lines_of_other_orders_or_one_line_twice() -> None:
    world = build.world()
    order, other = build.shipped(world, (world.skus[0], 2)), build.shipped(world)
    assert refusal(build.request(order, build.back(other))) == ("unknown_order_line", "/lines/0/order_line_id")  # fmt: skip
    twice = build.request(order, build.back(order), build.back(order))
    assert refusal(twice) == ("duplicate_line", "/lines/1/order_line_id")


def test_pictures_of_nothing() -> None:
    key = request_of(build.shipped(build.world()))
    items = [
        PhotosItem(return_request_id=key, photos=[]),
        PhotosItem(return_request_id=NOBODY, photos=[b"x"]),
    ]
    done = add_photos(items, actor=build.TESTER)
    assert refusal(done[0]) == ("no_photos", "/photos")
    assert refusal(done[1])[1] == "/return_request_id"


def test_cancelling_a_request_twice() -> None:
    item = CancelRequestItem(return_request_id=request_of(build.shipped(build.world())))
    done = cancel_return_requests([item, item], actor=build.TESTER)
    assert done[0].ok
    assert done[1].error is not None


def test_a_fee_that_is_no_amount_and_a_policy_that_stays_the_same() -> None:
    world = build.world()
    wrong = PolicyItem(shop=world.shop, fee="1.234")
    assert refusal(set_return_policies([wrong], actor=build.TESTER)[0])[1] == "/fee"
    for _ in range(2):
        set_return_policies([PolicyItem(shop=world.shop, fee="1.00")], actor=build.TESTER)[0].require()  # fmt: skip
    events = sql.fetch("select count(*) from core_event where kind = 'return_policy.saved' and shop_id = %s", (world.shop_id,))  # fmt: skip
    assert events == [(1,)]


def test_withdrawing_from_an_order_that_is_not_there() -> None:
    item = WithdrawalRecord(order_id=NOBODY, name="Test", email="test@example.com", language="nl", in_time=True, received_at=clock.now())  # fmt: skip
    assert refusal(record_withdrawals([item], actor=build.TESTER)[0]) == ("unknown_order", "/order_id")  # fmt: skip


def test_the_right_of_withdrawal_lasts_until_goods_came_and_the_window_does_not_begin_before() -> (
    None
):
    policy = Policy.__new__(Policy)
    assert last_day(None, policy) is None
    assert may_withdraw(None, "Europe/Amsterdam", datetime(2026, 11, 20, tzinfo=UTC))


def test_the_window_counts_days_by_the_clock_of_the_shop() -> None:
    late = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)

    assert last_day(late, Policy(window_days=14)) == date(2026, 2, 14)
    assert last_day(late, Policy(window_days=14, timezone="Europe/Amsterdam")) == date(2026, 2, 15)


@pytest.mark.parametrize(
    ("line", "box", "expected"),
    [
        ({"restock": True, "disposition": "dispose"}, {}, ("contradiction", "/lines/0/disposition")),
        ({"correction": "0.001"}, {}, ("too_many_decimals", "/lines/0/correction")),
        ({}, {"credit": False, "refund_shipping": True}, ("shipping_needs_credit", "/refund_shipping")),
    ],
)  # fmt: skip
def test_boxes_that_contradict_themselves(
    line: dict[str, Any], box: dict[str, Any], expected: tuple[str, str]
) -> None:
    order = build.shipped(build.world())
    assert refusal(build.give_back(order, build.back(order, **line), **box)) == expected


def test_a_box_of_another_orders_request() -> None:
    world = build.world()
    order, other = build.shipped(world), build.shipped(world)
    done = build.give_back(order, return_request_id=str(request_of(other)))
    assert refusal(done)[1] == "/return_request_id"


def test_a_location_for_what_is_not_put_into_stock() -> None:
    world = build.world()
    order = build.shipped(world)
    build.give_back(order).require()
    [(line,)] = sql.fetch("select l.id from returns_line l join returns_return r on r.id = l.parent_id where r.order_id = %s", (order,))  # fmt: skip
    item = InspectItem(return_line_id=line, disposition="dispose", location=world.locations[0])
    assert refusal(inspect_returns([item], actor=build.TESTER)[0]) == ("not_restocked", "/location")


def test_the_address_of_an_order_that_has_left_and_a_change_that_is_none() -> None:
    world = build.world()
    order = build.shipped(world)
    address = world.json()["billing_address"]
    moved = decode.convert({"order_id": str(order), "delivery_address": address}, UpdateItem)
    assert refusal(update_orders([moved], actor=build.TESTER)[0]) == ("nothing_open", "/delivery_address")  # fmt: skip

    before = build.order(order)["version"]
    same = update_orders([UpdateItem(order_id=order)], actor=build.TESTER)[0].require()
    assert (same.data["changed"], build.order(order)["version"]) == ([], before)


def test_a_parcel_is_announced_with_all_that_lies_in_it_or_not_at_all() -> None:
    world = build.world()
    customer = {"customer": {"name": "Test Persoon", "email": "same@example.com"}}
    orders = [world.place((world.skus[0], 1), **customer) for _ in range(2)]
    keys = [build.shipments(order)[0] for order in orders]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()

    done = announce_shipments([AnnounceItem(shipment_id=keys[0])], actor=build.TESTER)

    assert done[0].ok
    assert [build.shipments(order, "announced") for order in orders] == [[keys[0]], [keys[1]]]


def test_a_cancelled_shipment_takes_no_tracking_code() -> None:
    world = build.world()
    order = world.place()
    [key] = build.shipments(order)
    cancel_orders([CancelItem(order_id=order, reason="Test")], actor=build.TESTER)[0].require()
    item = UpdateShipmentItem(shipment_id=key, tracking_code="X1")
    assert refusal(update_shipments([item], actor=build.TESTER)[0])[0] == "shipment_cancelled"
