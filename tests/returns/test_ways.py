"""How goods come back, what each reason asks for, and goods whose worth the fee would eat: per shop, said before, kept in the database."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.core import decode, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.announce_returns import AnnouncedItem, announce_returns
from orderwerk.return_requests.commands.create import ReturnRequestItem
from orderwerk.return_requests.commands.order_labels import order_due_labels
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.commands.upsert_reasons import (  # fmt: skip
    ReasonItem,
    ReasonNames,
    upsert_return_reasons,
)
from orderwerk.return_requests.queries import PolicyFilters, policy_page, return_request_detail
from orderwerk.return_requests.ways import drop_locations
from orderwerk.schemas.returns import return_policy, return_requests
from tests import build

pytestmark = pytest.mark.django_db
PICTURE = b"\x89PNG\r\n\x1a\n a picture"
RECEIVER = {"name": "Robin", "email": "robin@example.org", "language": "en"}


def shop(**policy: Any) -> build.World:
    world = build.world(products=2)
    if policy.pop("brought", False):
        policy |= {"ways": ["label", "own", "location"], "drop_locations": world.locations}
    item = decode.convert({"shop": world.shop, **policy}, PolicyItem)
    set_return_policies([item], actor=build.TESTER)[0].require()
    return world


def sold(world: build.World, pieces: int = 3) -> UUID:
    return build.shipped(world, (world.skus[0], pieces), (world.skus[1], pieces))


def asked(order: UUID, *lines: dict[str, Any], pictures: int = 0, **fields: Any) -> Outcome:
    """What a customer announces in the portal."""
    item = {"order_id": str(order), "lines": list(lines) or [build.back(order)], **fields}
    request = decode.convert(item, ReturnRequestItem)
    return announce_returns([AnnouncedItem(request=request, photos=[PICTURE] * pictures)], actor=build.TESTER)[0]  # fmt: skip


def refused(outcome: Outcome) -> tuple[str, str]:
    assert outcome.error is not None
    return outcome.error.code, outcome.error.pointer


def count() -> int:
    return int(sql.fetch("select count(*) from return_requests_request")[0][0])


@pytest.mark.parametrize(("fee", "pieces", "ok"), [("9.99", 1, True), ("10.00", 1, False), ("10.00", 2, True), ("10.01", 1, False)])  # fmt: skip
def test_what_was_sold_for_no_more_than_its_return_costs_is_not_announced(
    fee: str, pieces: int, ok: bool
) -> None:
    order = sold(shop(fee=fee))

    made = build.request(order, build.back(order, pieces))

    assert made.ok is ok
    assert count() == int(ok)
    if ok:
        assert sql.fetch("select worth_minor from return_requests_request") == [(1000 * pieces,)]
    else:
        assert refused(made) == ("fee_eats_all", "/lines")


def test_a_favour_a_repair_a_wish_to_keep_and_another_currency_are_no_question_of_the_fee() -> None:
    world = shop(fee="10.00", outcomes=["refund", "repair", "keep"], keep_up_to="50.00")
    order, dollars = sold(world), build.shipped(world, (world.skus[0], 1), currency="USD")

    for made in (
        build.request(order, as_favour=True), build.request(order, outcome="repair"), build.request(order, outcome="keep"),
        build.request(dollars),
    ):  # fmt: skip
        made.require()

    fees = sql.fetch("select fee_minor, worth_minor from return_requests_request order by id")
    assert fees == [(0, 1000), (0, 1000), (1000, 1000), (0, 1000)]


def test_reasons_that_the_shop_bears_cost_nothing_when_all_of_them_are_such() -> None:
    order = sold(shop(fee="2.50", free_reasons=["damaged", "faulty"]))
    lines = {
        "both": (build.back(order, 1, 0, "damaged"), build.back(order, 1, 1, "faulty")),
        "one": (build.back(order, 1, 0, "damaged"), build.back(order, 1, 1, "too-small")),
        "none": (build.back(order, 1, 0, "too-small"),),
    }

    fees = {}
    for name, chosen in lines.items():
        key = build.request(order, *chosen).require().id
        [(fees[name],)] = sql.fetch("select fee_minor from return_requests_request where id = %s", (key,))  # fmt: skip

    assert fees == {"both": 0, "one": 250, "none": 250}


def test_a_reason_that_a_colleague_decides_about_is_not_approved_by_itself() -> None:
    order = sold(shop(approve_at_once=True, checked_reasons=["damaged"]))

    checked = build.request(order).require()
    plain = build.request(order, build.back(order, 1, 1, "too-small")).require()

    assert (checked.data["status"], plain.data["status"]) == ("requested", "approved")


def test_a_reason_that_wants_a_picture_is_announced_with_one() -> None:
    order = sold(shop(photo_reasons=["damaged"], gift_returns=True))

    without = asked(order)
    gift = asked(order, outcome="store_credit", gift=RECEIVER)

    assert refused(without) == refused(gift) == ("photo_wanted", "/photos")
    assert count() == 0
    asked(order, pictures=1).require()
    asked(order, pictures=1, outcome="store_credit", gift=RECEIVER).require()
    asked(order, build.back(order, 1, 1, "too-small")).require()
    asked(order, as_favour=True).require()
    # Whoever is not the customer has no camera at hand.
    build.request(order).require()


def test_goods_come_by_a_way_that_the_shop_offers_and_to_a_place_of_it() -> None:
    world = shop(brought=True)
    order, place = sold(world), world.locations[1]

    brought = build.request(order, way="location", bring_to=place).require().id
    own = build.request(order, way="own").require().id
    plain = build.request(order).require().id

    assert brought is not None
    assert own is not None
    assert plain is not None
    found = [return_request_detail(build.TESTER, key) for key in (brought, own, plain)]
    assert [(x.way, x.bring_to, x.bring_to_name) for x in found] == [("location", place, place), ("own", None, None), ("", None, None)]  # fmt: skip
    assert [(x.way, x.bring_to) for x in return_requests(found)] == [("location", place), ("own", None), (None, None)]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"way": "location"}, ("bring_where", "/bring_to")),
        ({"way": "own", "bring_to": "loc"}, ("bring_where", "/bring_to")),
        ({"bring_to": "loc"}, ("bring_where", "/bring_to")),
        ({"way": "location", "bring_to": "nowhere"}, ("place_not_offered", "/bring_to")),
        ({"way": "location", "bring_to": "nowhere", "as_favour": True}, ("place_not_offered", "/bring_to")),
        ({"way": "label", "outcome": "store_credit", "gift": RECEIVER}, ("gift_without_label", "/way")),
    ],
)  # fmt: skip
def test_a_way_that_contradicts_itself_or_is_not_offered_is_refused(
    fields: dict[str, Any], expected: tuple[str, str]
) -> None:
    order = sold(shop(brought=True, gift_returns=True))

    assert refused(build.request(order, **fields)) == expected
    assert count() == 0


def test_a_favour_takes_any_way_and_any_place_in_use() -> None:
    world = shop(ways=["own"])
    order, elsewhere = sold(world), world.locations[0]

    assert refused(build.request(order, way="label")) == ("way_not_offered", "/way")
    there = {"way": "location", "bring_to": elsewhere}
    assert refused(build.request(order, **there)) == ("way_not_offered", "/way")
    build.request(order, **there, as_favour=True).require()
    sql.execute("update stock_location set is_active = false where code = %s", (elsewhere,))
    assert refused(build.request(order, **there, as_favour=True))[0] == "place_not_offered"
    assert drop_locations([elsewhere]) == []


def test_a_place_is_told_with_its_address() -> None:
    world = shop(brought=True)
    sql.execute(
        "update stock_location set name = 'De Winkel', address = %s::jsonb where code = %s",
        ('{"street": "Havenweg", "house_number": "1", "postal_code": "1234 AB", "city": "Stad"}', world.locations[0]),
    )  # fmt: skip

    first, second = drop_locations(world.locations)

    assert (first.name, first.address) == ("De Winkel", "Havenweg 1, 1234 AB Stad")
    assert second.address == ""


@pytest.mark.parametrize("way", ["own", "label", None])
def test_only_who_wants_a_label_gets_one_by_itself(way: str | None) -> None:
    world = shop(brought=True, approve_at_once=True)
    order = sold(world)
    build.return_carrier(world)
    key = build.request(order, way=way).require().id
    assert key is not None

    outcomes = order_due_labels([key], actor=build.TESTER)

    assert [o.ok for o in outcomes] == ([] if way == "own" else [True])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"free_reasons": ["damaged", "no-such"]}, ("unknown_reason", "/free_reasons/1")),
        ({"photo_reasons": ["no-such"]}, ("unknown_reason", "/photo_reasons/0")),
        ({"checked_reasons": ["no-such"]}, ("unknown_reason", "/checked_reasons/0")),
        ({"ways": ["location"]}, ("bring_where", "/drop_locations")),
        ({"ways": ["location"], "drop_locations": ["nowhere"]}, ("unknown_location", "/drop_locations/0")),
    ],
)  # fmt: skip
def test_rules_that_name_what_is_not_there_are_refused(
    fields: dict[str, Any], expected: tuple[str, str]
) -> None:
    world = build.world()
    item = decode.convert({"shop": world.shop, **fields}, PolicyItem)

    assert refused(set_return_policies([item], actor=build.TESTER)[0]) == expected
    assert sql.fetch("select count(*) from return_requests_policy") == [(0,)]


def test_places_are_named_only_where_goods_may_be_brought() -> None:
    world = build.world()
    item = PolicyItem(shop=world.shop, ways=["own"], drop_locations=world.locations)
    assert refused(set_return_policies([item], actor=build.TESTER)[0])[0] == "bring_where"


def test_a_reason_that_is_no_longer_in_use_keeps_its_rule_and_the_api_tells_all() -> None:
    upsert_return_reasons([ReasonItem(code="old", names=ReasonNames(en="Old"), is_active=False)], actor=build.TESTER)[0].require()  # fmt: skip
    world = shop(brought=True, free_reasons=["old", "damaged", "old"], photo_reasons=["faulty"], checked_reasons=["other"])  # fmt: skip

    [row] = policy_page(build.TESTER, PolicyFilters(shop=world.shop)).items
    shape = return_policy(row)

    assert shape.free_reasons == ["damaged", "old"]
    assert (shape.photo_reasons, shape.checked_reasons) == (["faulty"], ["other"])
    assert (shape.ways, shape.drop_locations) == (["label", "own", "location"], sorted(world.locations))  # fmt: skip


@pytest.mark.parametrize(
    ("table", "change", "rule"),
    [
        ("request", "worth_minor = fee_minor", "return_requests_request_worth"),
        ("request", "worth_minor = -1", "return_requests_request_worth"),
        ("request", "way = 'pigeon'", "return_requests_request_way"),
        ("request", "way = 'location'", "return_requests_request_way"),
        ("request", "bring_to_id = gen_random_uuid()", "return_requests_request_way"),
        ("policy", "ways = '{pigeon}'", "return_requests_policy_ways"),
        ("policy", "ways = '{location}'", "return_requests_policy_ways"),
        ("policy", "drop_locations = '{x}'", "return_requests_policy_ways"),
        ("policy", "free_reasons = array[chr(7)]", "return_requests_policy_codes"),
    ],
)
def test_the_database_knows_the_rules_too(table: str, change: str, rule: str) -> None:
    build.request(sold(shop(fee="2.50"))).require()
    with pytest.raises(IntegrityError, match=rule), atomic():
        sql.execute(f"update return_requests_{table} set {change}")


def test_the_database_lets_no_gift_come_with_a_label() -> None:
    order = sold(shop(gift_returns=True))
    build.request(order, outcome="store_credit", gift=RECEIVER).require()
    with pytest.raises(IntegrityError, match="return_requests_request_way"), atomic():
        sql.execute("update return_requests_request set way = 'label'")


def test_the_database_lets_nothing_be_brought_to_a_place_that_is_not_there() -> None:
    world = shop(brought=True)
    build.request(sold(world), way="location", bring_to=world.locations[0]).require()
    [(known,)] = sql.fetch("select convalidated from pg_constraint where conname = 'return_requests_request_bring_to_fk'")  # fmt: skip

    with pytest.raises(IntegrityError, match="return_requests_request_bring_to_fk"), atomic():
        sql.execute("update return_requests_request set bring_to_id = gen_random_uuid()")
    assert known is True
