"""New orders that a rule of their shop puts on hold, and whose the holds are."""

from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.console.history import entries
from orderwerk.core import decode, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.release_orders import ReleaseOrderItem, end_holds, release_orders
from orderwerk.orders.commands.hand_over import HandOverItem, hand_over_holds
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.set_hold_rules import HoldRulesItem, set_hold_rules
from orderwerk.orders.hold_queries import HoldFilters, hold_detail, hold_page
from orderwerk.orders.hold_rule_queries import hold_rules_detail, hold_rules_of_shop
from orderwerk.orders.hold_rules import HoldRule
from orderwerk.orders.queries import OrderFilters, order_detail, order_events, order_page
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def rules(world: build.World, *given: dict[str, Any]) -> None:
    """Put rules into force; one without a name is called Look."""
    item = {"shop": world.shop, "rules": [{"name": "Look", **rule} for rule in given]}
    set_hold_rules([decode.convert(item, HoldRulesItem)], actor=build.TESTER)[0].require()


def person(
    *, role: str = "customer_service", shops: tuple[str, ...] | None = None
) -> tuple[str, UUID]:
    """Somebody with a login name."""
    name = f"mia{build.serial()}"
    made = create_users([NewUser(username=name, name="Mia", role=role, shops=shops)], actor=build.TESTER)  # fmt: skip
    key = made[0].require().id
    assert key is not None
    return name, key


def status(order: UUID) -> str:
    return str(build.order(order)["status"])


def events(order: UUID, kind: str) -> list[tuple[dict[str, Any], int, str | None]]:
    rows = sql.fetch("select payload, seq, actor_name from core_event where order_id = %s and kind = %s order by id", (order, kind))  # fmt: skip
    return [(sql.from_json(row[0]), row[1], row[2]) for row in rows]


def place(world: build.World, **fields: Any) -> UUID:
    return world.place((world.skus[0], 2), **fields)


def said(order: UUID) -> list[str]:
    """What the timeline explains."""
    told = order_events(build.TESTER, order).items
    return [entry.detail for entry in entries(told, "EUR", "Europe/Amsterdam")]


ABROAD = {
    "name": "Test", "street": "Teststraat", "house_number": "1", "postal_code": "D-10115", "city": "Berlin", "country": "DE",
}  # fmt: skip


def test_a_rule_holds_a_new_order_before_anything_is_claimed_and_says_why() -> None:
    world = build.world()
    rules(world, {"name": "Small", "max_value": "10.00"}, {"name": "Big", "min_value": "20.00", "reason": "Call first"})  # fmt: skip

    order = place(world)

    row = build.order(order)
    assert (row["status"], row["units_allocated"], row["version"]) == ("on_hold", 0, 2)
    [(told, seq, _)] = events(order, "order.held")
    assert (told["rule"], told["reason"], told["because"], seq) == ("Big", "Call first", {"value": "20.00"}, 2)  # fmt: skip
    [hold] = order_detail(build.TESTER, order).holds
    assert (hold.rule, hold.reason, hold.owner, hold.until) == ("Big", "Call first", None, None)
    assert any("Call first (rule Big: value 20.00)" in detail for detail in said(order))
    sound()

    release_orders([ReleaseOrderItem(order_id=order)], actor=build.TESTER)[0].require()

    assert build.order(order)["units_allocated"] == 2
    sound()


@pytest.mark.parametrize(
    ("rule", "fields", "held"),
    [
        ({}, {}, True),
        ({"countries": ["NL"]}, {}, True),
        ({"countries": ["BE"]}, {}, False),
        ({"postal_codes": ["12 34"]}, {}, True),
        ({"postal_codes": ["99"]}, {}, False),
        ({"tags": ["vip", "new"]}, {"tags": ["new"]}, True),
        ({"tags": ["vip"]}, {"tags": ["new"]}, False),
        ({"skus": ["nothing"]}, {}, False),
        ({"min_value": "20.01"}, {}, False),
        ({"max_value": "19.99"}, {}, False),
        ({"min_value": "5", "max_value": "20"}, {}, True),
        ({"customers": ["Jan@Example.com"]}, {"customer": {"name": "Jan", "email": "jan@example.com"}}, True),
        ({"customers": ["c-7"]}, {"customer": {"name": "Jan", "external_id": "C-7"}}, True),
        ({"customers": ["c-8"]}, {"customer": {"name": "Jan", "external_id": "C-7"}}, False),
        ({"domains": ["@example.com"]}, {"customer": {"name": "Jan", "email": "jan@mail.example.com"}}, True),
        ({"domains": ["ample.com"]}, {"customer": {"name": "Jan", "email": "jan@example.com"}}, False),
        ({"domains": ["example.com"]}, {"customer": {"name": "Jan"}}, False),
        ({"countries_differ": True}, {}, False),
        ({"countries_differ": True}, {"delivery_address": ABROAD}, True),
        ({"countries": ["DE"], "countries_differ": True}, {"delivery_address": ABROAD}, True),
        ({"tags": ["vip"], "countries": ["NL"]}, {}, False),
        ({"first_order": True}, {"customer": {"name": "Jan"}}, True),
    ],
)  # fmt: skip
def test_every_filter_that_is_filled_has_to_fit(
    rule: dict[str, Any], fields: dict[str, Any], held: bool
) -> None:
    world = build.world()
    rules(world, rule)

    assert (status(place(world, **fields)) == "on_hold") is held


@pytest.mark.parametrize("bounds", [{"min_value": "500.00"}, {"max_value": "1.00"}])
def test_a_rule_by_value_holds_an_order_in_another_currency_for_a_person_to_look(
    bounds: dict[str, str],
) -> None:
    world = build.world()
    rules(world, bounds)

    dollars, euros = place(world, currency="USD"), place(world)

    assert (status(dollars), status(euros)) == ("on_hold", "awaiting_shipment")
    [(told, _, _)] = events(dollars, "order.held")
    assert told["because"] == {"value": "20.00 USD"}
    rules(world, bounds | {"countries": ["BE"]})
    assert status(place(world, currency="USD")) == "awaiting_shipment"


def test_a_sku_is_found_and_every_reason_is_told_in_words() -> None:
    world = build.world()
    sku = world.skus[0]
    everything = {
        "min_value": "1", "countries": ["DE"], "countries_differ": True, "postal_codes": ["D"], "tags": ["a"], "skus": [sku],
        "customers": ["jan@example.com"], "domains": ["example.com"], "first_order": True,
    }  # fmt: skip
    rules(world, everything)
    customer = {"name": "Jan", "email": "Jan@example.com"}

    order = place(world, customer=customer, tags=["a"], delivery_address=ABROAD)

    [(told, _, _)] = events(order, "order.held")
    assert told["because"] == {
        "value": "20.00", "country": "DE", "countries_differ": "NL, DE", "postal_code": "", "tags": "", "skus": sku,
        "customer": "", "domain": "", "first_order": "",
    }  # fmt: skip
    assert "example.com" not in str(told)
    assert any("first order of its e-mail address" in x and f"SKU {sku}" in x for x in said(order))


def test_a_first_order_is_one_of_whom_no_other_is_on_its_way() -> None:
    world, other = build.world(), build.world()
    for each in (world, other):
        rules(each, {"first_order": True})
    customer = {"name": "Jan", "email": "jan@example.com"}

    first, twin = (o.require().id for o in place_orders([world.document(customer=customer), world.document(customer=customer)], actor=build.TESTER))  # fmt: skip
    assert first is not None
    assert twin is not None
    assert [status(first), status(twin), status(place(world, customer=customer))] == ["on_hold"] * 3

    release_orders([ReleaseOrderItem(order_id=first)], actor=build.TESTER)[0].require()

    assert status(place(world, customer={"name": "Jan", "email": "JAN@example.com"})) == "awaiting_shipment"  # fmt: skip
    assert status(place(other, customer=customer)) == "on_hold"


def test_a_customer_let_through_earlier_in_the_same_call_is_known() -> None:
    world = build.world()
    rules(world, {"first_order": True, "tags": ["look"]})
    customer = {"name": "Jan", "email": f"jan{build.serial()}@example.com"}
    documents = [world.document(customer=customer), world.document(customer=customer, tags=["look"])]  # fmt: skip

    made = [o.require().id for o in place_orders(documents, actor=build.TESTER)]

    assert [status(key) for key in made if key] == ["awaiting_shipment"] * 2


def test_intake_costs_no_statement_more_where_no_rule_asks_for_one() -> None:
    def cost(world: build.World, n: int = 1) -> int:
        documents = [world.document() for _ in range(n)]
        with sql.count_statements() as count:
            for outcome in place_orders(documents, actor=build.TESTER):
                outcome.require()
        return count.total

    plain, ruled, asking = build.world(), build.world(), build.world()
    rules(ruled, {"min_value": "1000"})
    rules(asking, {"first_order": True, "min_value": "1000"})

    assert cost(ruled) == cost(plain)
    assert cost(asking) == cost(asking, 20) == cost(plain) + 1


def test_a_rule_hands_its_holds_to_somebody_and_lets_go_by_itself() -> None:
    world = build.world()
    name, _ = person(shops=(world.shop,))
    rules(world, {"owner": name, "hours": 2})

    order = place(world)

    [hold] = order_detail(build.TESTER, order).holds
    assert (hold.owner, hold.owner_called) == (name, "Mia")
    assert hold.until is not None
    assert (hold.until - hold.created_at).total_seconds() == pytest.approx(7200, abs=5)
    [found] = hold_page(build.TESTER, HoldFilters(owner=name, status="open")).items
    assert (found.order_id, hold_detail(build.TESTER, found.id).rule) == (order, "Look")
    sql.execute("update orders_hold set until = now() - interval '1 second' where order_id = %s", (order,))  # fmt: skip
    assert end_holds(actor=build.TESTER) == 1
    assert status(order) == "awaiting_shipment"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"min_value": "1.234"}, "too_many_decimals"),
        ({"min_value": "20", "max_value": "10"}, "empty_bounds"),
        ({"owner": "nobody-knows"}, "unknown_user"),
        ({"domains": ["example.com", " @ "]}, "empty_domain"),
        ({"domains": ["@"]}, "empty_domain"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_nothing_changes(
    rule: dict[str, Any], code: str
) -> None:
    world = build.world()
    rules(world, {"name": "Kept"})
    item = {"shop": world.shop, "rules": [{"name": "New"}, {"name": "x", **rule}]}

    error = set_hold_rules([decode.convert(item, HoldRulesItem)], actor=build.TESTER)[0].error

    assert error is not None
    assert (error.pointer or "").startswith("/rules/1")
    assert error.code == code
    assert [r.name for r in hold_rules_of_shop(build.TESTER, world.shop).rules] == ["Kept"]


def test_rules_that_somebody_changed_meanwhile_are_not_overwritten() -> None:
    world = build.world()

    def put(name: str, version: int | None) -> Outcome:
        item = HoldRulesItem(shop=world.shop, rules=[HoldRule(name=name)], version=version)
        return set_hold_rules([item], actor=build.TESTER)[0]

    put("First", 0).require()
    refused = put("Second", 0).error
    assert refused is not None
    assert (refused.family, refused.code, refused.pointer) == ("conflict", "stale_rules", "/version")  # fmt: skip
    assert [r.name for r in hold_rules_of_shop(build.TESTER, world.shop).rules] == ["First"]
    put("Second", 1).require()
    put("Third", None).require()
    # Twice in one call: the second is about what the first has made of them.
    items = [HoldRulesItem(shop=world.shop, rules=[], version=3)] * 2
    assert [o.ok for o in set_hold_rules(items, actor=build.TESTER)] == [True, False]


def test_history_counts_the_people_that_rules_name_and_names_none() -> None:
    world = build.world()
    rules(world, {"customers": ["jan@example.com", "K-1"], "domains": ["example.com"]})

    [(told,)] = sql.fetch("select payload -> 'rules' -> 0 from core_event where kind = 'hold_rules.set' and shop_id = %s", (world.shop_id,))  # fmt: skip

    rule = sql.from_json(told) if isinstance(told, str) else told
    assert (rule["customers"], rule["domains"]) == (2, ["example.com"])
    assert hold_rules_of_shop(build.TESTER, world.shop).rules[0].customers == ["jan@example.com", "K-1"]  # fmt: skip


def test_who_may_no_longer_see_the_shop_gets_no_hold_of_its_rules() -> None:
    world, other = build.world(), build.world()
    (mine, me), (left, gone) = person(shops=(world.shop,)), person(shops=(world.shop,))
    rules(world, {"owner": mine, "tags": ["mine"]}, {"owner": left})
    sql.execute("update accounts_user_shop set shop_id = %s where user_id = %s", (other.shop_id, me))  # fmt: skip
    sql.execute("update accounts_user set is_active = false where id = %s", (gone,))

    orders = place(world, tags=["mine"]), place(world)

    for order in orders:
        [hold] = order_detail(build.TESTER, order).holds
        assert (hold.owner, hold.rule) == (None, "Look")
        assert ["owner" in payload for payload, *_ in events(order, "order.held")] == [False]
    sound()


def test_holds_are_listed_by_whether_they_were_released() -> None:
    world = build.world()
    rules(world, {})
    done, waits = place(world), place(world)
    release_orders([ReleaseOrderItem(order_id=done)], actor=build.TESTER)[0].require()

    def of(status: str | None) -> list[UUID]:
        return [x.order_id for x in hold_page(build.TESTER, HoldFilters(shop=world.shop, status=status)).items]  # fmt: skip

    assert (of("open"), of("released"), of(None)) == ([waits], [done], [waits, done])


def test_rules_of_a_shop_that_is_not_there_are_refused() -> None:
    error = set_hold_rules([HoldRulesItem(shop="nowhere", rules=[])], actor=build.TESTER)[0].error
    assert error is not None
    assert error.code == "unknown_shop"
    for read in (lambda: hold_rules_of_shop(build.TESTER, "nowhere"), lambda: hold_rules_detail(build.TESTER, UUID(int=1))):  # fmt: skip
        with pytest.raises(Refusal):
            read()
    with pytest.raises(Refusal):
        hold_detail(build.TESTER, UUID(int=1))


def test_a_person_owns_the_hold_that_he_puts_on_and_hands_it_over() -> None:
    world = build.world()
    (mine, me), (theirs, _) = person(), person()
    order, other = place(world), place(world)
    actor = Actor("user", "Mia", me)
    items = [HoldItem(order_id=order, reason="x"), HoldItem(order_id=other, reason="x", owner=theirs)]  # fmt: skip
    for outcome in hold_orders(items, actor=actor):
        outcome.require()

    def of(name: str) -> set[UUID]:
        return {row.id for row in order_page(build.TESTER, OrderFilters(hold_owner=name, shop=world.shop)).items}  # fmt: skip

    assert (of(mine), of(theirs), of("-")) == ({order}, {other}, set())
    given = [HandOverItem(order_id=order, owner=theirs), HandOverItem(order_id=other, owner=None)]
    assert all(o.ok for o in hand_over_holds(given, actor=actor))
    assert (of(mine), of(theirs), of("-")) == (set(), {order}, {other})
    assert [e[0]["owner"] for e in events(order, "order.hold_handed_over")] == [theirs]
    assert (f"to {theirs}" in said(order), "to nobody" in said(other)) == (True, True)
    sound()


def test_nobody_gets_a_hold_who_may_not_see_it_and_none_that_was_released() -> None:
    world, other = build.world(), build.world()
    stranger, _ = person(shops=(other.shop,))
    mine, _ = person(shops=(world.shop,))
    order, free = place(world), place(world)
    hold_orders([HoldItem(order_id=order, reason="x", owner=mine)], actor=build.TESTER)[0].require()
    asked = [
        HandOverItem(order_id=order, owner=stranger),
        HandOverItem(order_id=order, owner="nobody-knows"),
        HandOverItem(order_id=free, owner=mine),
        HandOverItem(order_id=UUID(int=1), owner=mine),
    ]

    refused = [o.error for o in hand_over_holds(asked, actor=build.TESTER)]
    held = hold_orders([HoldItem(order_id=free, reason="x", owner=stranger)], actor=build.TESTER)[0].error  # fmt: skip

    assert [e.code if e else None for e in refused] == ["unknown_user", "unknown_user", "not_on_hold", "unknown_order"]  # fmt: skip
    assert held is not None
    assert (held.code, held.pointer) == ("unknown_user", "/owner")
    assert status(free) == "awaiting_shipment"
    release_orders([ReleaseOrderItem(order_id=order)], actor=build.TESTER)[0].require()
    with pytest.raises(DatabaseError), transaction.atomic():
        sql.execute("update orders_hold set assigned_to_id = null where order_id = %s", (order,))


def test_rules_named_twice_in_a_call_are_the_last_ones() -> None:
    world = build.world()
    set_hold_rules([HoldRulesItem(shop=world.shop, rules=[HoldRule(name="All")])] * 2, actor=build.TESTER)  # fmt: skip

    assert hold_rules_of_shop(build.TESTER, world.shop).version == 2
    assert len(hold_rules_of_shop(build.TESTER, world.shop).rules) == 1
