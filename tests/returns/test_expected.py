"""What is announced and not here yet: by article and by day of announcing, without what is over."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from orderwerk.core import clock
from orderwerk.return_requests.commands.decide import CancelRequestItem, cancel_return_requests
from orderwerk.return_requests.expected_queries import (
    expected_days,
    expected_products,
    expected_totals,
)
from tests import build
from tests.api.conftest import caller

pytestmark = pytest.mark.django_db
ZONE = "Europe/Amsterdam"


def rows(page: str) -> list[list[str]]:
    """The rows of a page's tables, as the words of their cells."""
    found = re.findall(r"<tr>(<td.*?)</tr>", page, re.DOTALL)
    return [" ".join(strip_tags(row.replace("<", " <")).split()).split(" ") for row in found]


def test_two_articles_of_two_days_without_what_was_cancelled_or_has_come(
    enter: Callable[..., Client],
) -> None:
    world = build.world(products=2, timezone=ZONE)
    first, second = world.skus
    today = clock.business_date(clock.now(), ZONE)
    # Half an hour after midnight is still the day before for clocks in Greenwich.
    noon = clock.start_of_day(today - timedelta(days=2), ZONE) + timedelta(hours=12)
    night = clock.start_of_day(today - timedelta(days=1), ZONE) + timedelta(minutes=30)
    with clock.told(noon - timedelta(days=1)):
        orders = [build.shipped(world, (first, 4), (second, 4)) for _ in range(3)]
    with clock.told(noon):
        build.request(orders[0], build.back(orders[0], 2, 0), build.back(orders[0], 1, 1)).require()
        gone = build.request(orders[1], build.back(orders[1], 1, 0)).require().id
    with clock.told(night):
        build.request(orders[1], build.back(orders[1], 3, 1)).require()
        came = build.request(orders[2], build.back(orders[2], 4, 0)).require().id
    assert gone is not None
    cancel_return_requests([CancelRequestItem(return_request_id=gone)], actor=build.TESTER)[0].require()  # fmt: skip
    build.give_back(orders[2], build.back(orders[2], 4, 0), return_request_id=str(came)).require()

    products, days = expected_products(build.TESTER), expected_days(build.TESTER)

    assert [(p.sku, p.units, p.requests, p.since) for p in products] == [(second, 4, 2, noon), (first, 2, 1, noon)]  # fmt: skip
    assert [(d.day, d.units, d.requests) for d in days] == [
        (today - timedelta(days=1), 3, 1),
        (today - timedelta(days=2), 3, 1),
    ]
    page = enter("customer_service").get(reverse("returns_expected")).content.decode()
    shown = rows(page)
    assert [(second in row, row[-1]) for row in shown[:2]] == [(True, "4"), (False, "2")]
    assert [(str((today - timedelta(days=n)).day) in row, row[-1]) for n, row in zip((1, 2), shown[2:], strict=True)] == [(True, "3"), (True, "3")]  # fmt: skip
    # Whoever sees another shop alone expects nothing of this one.
    stranger = build.limited(build.world(stock=0).shop_id)
    assert (expected_products(stranger), expected_days(stranger)) == ([], [])


def test_the_api_tells_what_to_expect_of_one_shop_or_all_of_the_callers() -> None:
    world, other = build.world(products=1, timezone=ZONE), build.world(products=1)
    noon = clock.start_of_day(clock.business_date(clock.now(), ZONE), ZONE) - timedelta(hours=12)
    orders = [build.shipped(w, (w.skus[0], 4)) for w in (world, other)]
    with clock.told(noon):
        build.request(orders[0], build.back(orders[0], 2)).require()
        build.request(orders[1], build.back(orders[1], 3)).require()
    both, mine = caller("returns:read"), caller("returns:read", shops=(world.shop,))

    told = both.get("/return-requests/expected", {"shop": world.shop}).json()

    [article] = told["articles"]
    assert (article["sku"], article["quantity"], article["requests"]) == (world.skus[0], 2, 1)
    assert datetime.fromisoformat(article["since"]) == noon
    assert told["days"] == [{"day": str(clock.business_date(noon, ZONE)), "quantity": 2, "requests": 1}]  # fmt: skip
    assert mine.get("/return-requests/expected").json() == told
    assert sum(a["quantity"] for a in both.get("/return-requests/expected").json()["articles"]) == 5
    assert (told["requests"], told["units"], told["more"]) == (1, 2, False)
    some = both.get("/return-requests/expected", {"limit": 1}).json()
    assert (len(some["articles"]), some["requests"], some["units"], some["more"]) == (1, 2, 5, True)
    nothing = {"requests": 0, "units": 0, "more": False, "articles": [], "days": []}
    assert mine.get("/return-requests/expected", {"shop": other.shop}).json() == nothing
    for wrong in ({"limit": "0"}, {"limit": "x"}, {"x": "1"}):
        assert both.get("/return-requests/expected", wrong).status_code == 422


def test_more_days_and_articles_than_are_shown_are_all_counted(
    enter: Callable[..., Client],
) -> None:
    world = build.world(products=51, timezone=ZONE, return_window_days=90)
    today = clock.start_of_day(clock.business_date(clock.now(), ZONE), ZONE) + timedelta(hours=12)
    with clock.told(today - timedelta(days=40)):
        order = build.shipped(world, *((sku, 1) for sku in world.skus))
    for n in range(32):
        lines = [build.back(order, 1, k) for k in ([n, *range(32, 51)] if n == 0 else [n])]
        with clock.told(today - timedelta(days=n + 1)):
            build.request(order, *lines).require()

    totals = expected_totals(build.TESTER)
    page = enter("customer_service").get(reverse("returns_expected")).content.decode()
    told = caller().get("/return-requests/expected", {"limit": 50}).json()
    all_told = caller().get("/return-requests/expected", {"limit": 51}).json()

    assert (totals.requests, totals.units, totals.articles, totals.days) == (32, 51, 51, 32)
    assert "32 open requests" in page
    assert "51 pieces" in page
    assert "Of 51 articles in all" in page
    assert "Of 32 days in all" in page
    assert [(x["requests"], x["units"], x["more"]) for x in (told, all_told)] == [(32, 51, True), (32, 51, False)]  # fmt: skip
