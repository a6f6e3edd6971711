"""Two people with the same settings open: the second is refused, keeps what he has typed, and overwrites nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orderwerk.allocations.rule_queries import routing_of_shop
from orderwerk.shipments.box_queries import box_sizes_of_shop
from orderwerk.shipments.rule_queries import shipping_rules_of_shop
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.stock.queries import location_page
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
RULE = {"split": "fewest", "otherwise": "backorder"}
CHANGED = "Somebody changed the routing rules meanwhile"


def _names(world: build.World) -> list[tuple[str, list[str]]]:
    shown = routing_of_shop(build.TESTER, world.shop).shown
    return [(group.name, [rule.name for rule in group.rules]) for group in shown]


def _drafted(desk: Client, world: build.World) -> list[tuple[str, list[str]]]:
    """A draft of two groups at version 4, the first with two rules."""
    for seen, (page, place, fields) in enumerate(
        (
            ("rule_new", [0], RULE | {"name": "First"}),
            ("rule_new", [0], RULE | {"name": "Second"}),
            ("group_new", [], {"name": "Abroad"}),
            ("group_edit", [0], {"name": "Here"}),
        )
    ):
        path = reverse(page, args=[world.shop, *place])
        assert desk.post(path, fields | {"seen": str(seen)}).status_code == 302
    return [("Here", ["First", "Second"]), ("Abroad", [])]


@pytest.mark.parametrize(
    ("page", "place"),
    [
        ("group_new", []),
        ("group_edit", [0]),
        ("group_edit", [7]),
        ("rule_new", [0]),
        ("rule_new", [7]),
        ("rule_edit", [0, 1]),
        ("rule_edit", [0, 7]),
    ],
)
def test_a_form_of_other_rules_than_the_present_ones_is_refused_and_stays(
    enter: Enter, page: str, place: list[int]
) -> None:
    world = build.world()
    desk = enter()
    there = _drafted(desk, world)
    path = reverse(page, args=[world.shop, *place])
    typed = RULE | {"name": "Typed by me", "countries": "be", "group": "Long gone"}

    refused = desk.post(path, typed | {"seen": "3"})

    text = refused.content.decode()
    assert (refused.status_code, CHANGED in text, 'value="Typed by me"' in text) == (422, True, True)  # fmt: skip
    assert "they are at version 4 now" in text
    # It stays what it was opened with: sending it once more overwrites nothing either.
    assert 'name="seen" value="3"' in text
    unknown = desk.post(path, typed | {"seen": "x"}).content.decode()
    assert "Open this page again and repeat the change" in unknown
    assert _names(world) == there


def test_a_form_without_a_version_says_so(enter: Enter) -> None:
    world = build.world()
    desk = enter()

    for page, args, fields in (
        ("group_new", [world.shop], {"name": "A"}),
        ("hold_rule_new", [world.shop], {"name": "A"}),
        ("location", [world.locations[0]], {"name": "A", "priority": "1"}),
    ):
        answer = desk.post(reverse(page, args=args), fields)
        assert (answer.status_code, "Open this page again and repeat the change" in answer.content.decode()) == (422, True), page  # fmt: skip
    assert _names(world) == []


def test_a_button_means_the_rules_that_were_shown(enter: Enter) -> None:
    world = build.world()
    desk = enter()
    there = _drafted(desk, world)

    for page, place, verb in (
        ("group_move", [0], "down"),
        ("group_move", [0], "remove"),
        ("rule_move", [0, 0], "remove"),
        ("routing_apply", [], "apply"),
        ("routing_apply", [], "discard"),
    ):
        path = reverse(page, args=[world.shop, *place, verb])
        assert desk.post(path).status_code == 404
        assert desk.post(path, {"seen": "4 "}).status_code == 404
        answer = desk.post(path, {"seen": "3"}, follow=True)
        assert CHANGED in answer.content.decode(), verb
        assert 'name="seen" value="4"' in answer.content.decode()
    row = routing_of_shop(build.TESTER, world.shop)
    assert (_names(world), row.groups, row.version) == (there, [], 4)
    assert desk.post(reverse("routing_apply", args=[world.shop, "apply"]), {"seen": "4"}).status_code == 302  # fmt: skip
    assert routing_of_shop(build.TESTER, world.shop).draft is None


def _form(world: build.World, **fields: Any) -> dict[str, Any]:
    return {"name": "Main", "priority": "1", "is_active": "on", "shops": [world.shop]} | fields


def test_a_location_that_somebody_changed_meanwhile_keeps_what_he_did(enter: Enter) -> None:
    world = build.world()
    code = world.locations[0]
    first, second = enter(), enter()
    path = reverse("location", args=[code])
    seen = location_page(build.TESTER, code=code).items[0].version
    assert f'name="seen" value="{seen}"' in first.get(path).content.decode()

    mine = _form(world, seen=str(seen), special0_on="2027-04-27", special0_closed="on")
    assert first.post(path, mine).status_code == 302
    theirs = _form(world, seen=str(seen), name="Theirs", day6_closed="on", special0_on="", special0_closed="on")  # fmt: skip
    refused = second.post(path, theirs)

    text = refused.content.decode()
    assert (refused.status_code, f"Somebody changed stock location {code} meanwhile" in text) == (422, True)  # fmt: skip
    assert 'value="Theirs"' in text
    assert "Say which day this is" not in text
    row = location_page(build.TESTER, code=code).items[0]
    assert (row.name, row.week, len(row.special_days)) == ("Main", [], 1)
    now = _form(world, seen=str(row.version), name="Theirs")
    assert second.post(path, now).status_code == 302
    assert location_page(build.TESTER, code=code).items[0].name == "Theirs"


def test_shops_that_somebody_linked_meanwhile_stay(enter: Enter) -> None:
    world, other = build.world(), build.world()
    code = world.locations[0]
    seen = location_page(build.TESTER, code=code).items[0].version
    link = LocationShops(location=code, shops=[world.shop, other.shop])
    link_locations([link], actor=build.TESTER)[0].require()

    answer = enter().post(reverse("location", args=[code]), _form(world, seen=str(seen)))

    assert answer.status_code == 422
    assert location_page(build.TESTER, code=code).items[0].shops == sorted([world.shop, other.shop])


def test_a_new_location_does_not_take_the_place_of_another(enter: Enter) -> None:
    world = build.world()
    code = world.locations[0]
    desk = enter()

    refused = desk.post(reverse("location_new"), _form(world, seen="0", code=code))

    text = refused.content.decode()
    assert (refused.status_code, f"There is a stock location {code} already" in text) == (422, True)
    assert location_page(build.TESTER, code=code).items[0].name != "Main"
    fresh = f"new{build.serial()}"
    assert desk.post(reverse("location_new"), _form(world, seen="0", code=fresh)).status_code == 302
    assert location_page(build.TESTER, code=fresh).items[0].name == "Main"


@pytest.mark.parametrize("place", ["new", "0", "7"])
def test_a_form_of_other_shipping_rules_is_refused_and_keeps_what_was_typed(
    enter: Enter, place: str
) -> None:
    world = build.world()
    first, second = enter(), enter()
    here = f"/settings/shipping/{world.shop}/rules"
    rule = {"name": "Insured", "carrier": "manual", "service": "insured"}
    assert first.post(f"{here}/new/", rule | {"seen": "0"}).status_code == 302
    assert 'name="seen" value="1"' in second.get(f"{here}/0/").content.decode()
    assert first.post(f"{here}/0/", rule | {"seen": "1", "service": "other"}).status_code == 302

    refused = second.post(f"{here}/{place}/", rule | {"seen": "1", "name": "Typed by me"})

    text = refused.content.decode()
    assert (refused.status_code, 'value="Typed by me"' in text, 'name="seen" value="1"' in text) == (422, True, True)  # fmt: skip
    assert "Somebody changed the shipping rules meanwhile: they are at version 2 now." in text
    moved = second.post(f"{here}/0/remove/", {"seen": "1"}, follow=True).content.decode()
    assert "Somebody changed the shipping rules meanwhile" in moved
    row = shipping_rules_of_shop(build.TESTER, world.shop)
    assert ([(r.name, r.service) for r in row.rules], row.version) == ([("Insured", "other")], 2)
    unknown = second.post(f"{here}/new/", rule).content.decode()
    assert "Open this page again and repeat the change" in unknown


@pytest.mark.parametrize("place", ["new", "0", "7"])
def test_boxes_that_somebody_changed_meanwhile_are_not_overwritten(enter: Enter, place: str) -> None:  # fmt: skip
    world = build.world()
    first, second = enter(), enter()
    here = f"/settings/shipping/{world.shop}/boxes"
    box = {"name": "Small", "length_mm": "200", "width_mm": "150", "height_mm": "100", "weight_grams": "60"}  # fmt: skip
    assert first.post(f"{here}/new/", box | {"seen": "0"}).status_code == 302
    assert 'name="seen" value="1"' in second.get(f"{here}/0/").content.decode()
    assert first.post(f"{here}/0/", box | {"seen": "1", "height_mm": "120"}).status_code == 302

    refused = second.post(f"{here}/{place}/", box | {"seen": "1", "name": "Typed by me"})

    text = refused.content.decode()
    assert "Somebody changed the boxes meanwhile" in text
    assert (refused.status_code, 'value="Typed by me"' in text, 'name="seen" value="1"' in text) == (422, True, True)  # fmt: skip
    # A click on a list that is not the present one takes nothing out: it may mean another box.
    moved = second.post(f"{here}/0/remove/", {"seen": "1"}, follow=True).content.decode()
    assert "Somebody changed the boxes meanwhile" in moved
    assert second.post(f"{here}/0/remove/", {"seen": "x"}).status_code == 404
    row = box_sizes_of_shop(build.TESTER, world.shop)
    assert ([(each.name, each.height_mm) for each in row.boxes], row.version) == ([("Small", 120)], 2)  # fmt: skip
