"""What may be announced: within the shop's rules and what was shipped; each refusal changes nothing."""

from datetime import timedelta

import pytest

from orderwerk.core import clock, decode, sql
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    CancelRequestItem,
    RejectRequestItem,
    approve_return_requests,
    cancel_return_requests,
    reject_return_requests,
)
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.commands.upsert_reasons import ReasonItem, upsert_return_reasons
from orderwerk.return_requests.queries import all_reasons
from tests import build

pytestmark = pytest.mark.django_db


def count() -> int:
    return int(sql.fetch("select count(*) from return_requests_request")[0][0])


def policy(**fields: object) -> None:
    item = decode.convert(fields, PolicyItem)
    set_return_policies([item], actor=build.TESTER)[0].require()


def test_more_than_was_shipped_and_not_returned_is_not_announced() -> None:
    world = build.world(products=1)
    waiting = world.place((world.skus[0], 2))
    order = build.shipped(world, (world.skus[0], 2))
    build.give_back(order).require()

    codes = [o.error.code for o in (build.request(waiting), build.request(order, build.back(order, 2))) if o.error]  # fmt: skip

    assert codes == ["too_many_to_return", "too_many_to_return"]
    assert count() == 0


def test_the_window_closes_in_days_of_the_shop_and_a_favour_lets_pass() -> None:
    world = build.world(products=1, return_window_days=14)
    with clock.told(clock.now() - timedelta(days=16)):
        order = build.shipped(world)
    with clock.told(clock.now() - timedelta(days=10)):
        fresh = build.shipped(world)

    late = build.request(order)

    assert late.error is not None
    assert late.error.code == "window_closed"
    assert build.request(order, as_favour=True).ok
    assert build.request(fresh).ok


def test_articles_countries_and_wishes_are_the_shops_own() -> None:
    world = build.world(products=2)
    order = build.shipped(world, (world.skus[0], 1), (world.skus[1], 1))
    policy(shop=world.shop, excluded_skus=[world.skus[0]], outcomes=["exchange"])

    first = build.request(order, outcome="exchange")
    wish = build.request(order, build.back(order, index=1))
    good = build.request(order, build.back(order, index=1), outcome="exchange")
    policy(shop=world.shop, countries=["BE"])
    abroad = build.request(order, build.back(order, index=1))

    assert [o.error.code for o in (first, wish, abroad) if o.error] == [
        "not_returnable",
        "outcome_not_offered",
        "country_not_returnable",
    ]
    assert good.require().data["status"] == "requested"
    assert count() == 1


def test_a_request_is_decided_once() -> None:
    world = build.world(products=1)
    order = build.shipped(world, (world.skus[0], 3))
    key = build.request(order).require().id
    assert key is not None

    approve_return_requests([ApproveRequestItem(return_request_id=key)], actor=build.TESTER)[0].require()  # fmt: skip
    again = approve_return_requests([ApproveRequestItem(return_request_id=key)], actor=build.TESTER)[0]  # fmt: skip
    reject_return_requests([RejectRequestItem(return_request_id=key, reason="used")], actor=build.TESTER)[0].require()  # fmt: skip
    late = cancel_return_requests([CancelRequestItem(return_request_id=key)], actor=build.TESTER)[0]
    stranger = cancel_return_requests(
        [CancelRequestItem(return_request_id=key)], actor=build.limited(order)
    )[0]

    assert [o.error.code for o in (again, late, stranger) if o.error] == [
        "return_request_approved",
        "return_request_rejected",
        "unknown_return_request",
    ]


def test_the_list_of_reasons_is_there_and_becomes_the_merchants_own() -> None:
    world = build.world(products=1)
    order = build.shipped(world, (world.skus[0], 2))
    assert len(all_reasons(build.TESTER)) == 9

    item = decode.convert({"code": "damaged", "names": {"en": "Broken"}, "is_active": False}, ReasonItem)  # fmt: skip
    upsert_return_reasons([item], actor=build.TESTER)[0].require()
    refused = build.request(order)
    nameless = upsert_return_reasons(
        [decode.convert({"code": "x", "names": {}}, ReasonItem)], actor=build.TESTER
    )[0]

    assert [o.error.code for o in (refused, nameless) if o.error] == ["unknown_reason", "name_required"]  # fmt: skip
    assert build.request(order, build.back(order, reason="faulty")).ok
