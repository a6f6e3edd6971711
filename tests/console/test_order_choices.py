"""What the filters of the list of orders offer: every country and the tags in use, each as far as its reader sees orders."""

from typing import Any

import pytest
from django.db import connection

from orderwerk.console.reads import orders
from orderwerk.console.reads.orders import order_choices
from orderwerk.core import sql
from tests import build

pytestmark = pytest.mark.django_db


def _address(country: str) -> dict[str, Any]:
    return {"name": "Test Persoon", "street": "Teststraat", "house_number": "1", "postal_code": "1000", "city": "Testdorp", "country": country}  # fmt: skip


def test_rare_countries_stay_on_offer_however_many_orders_came_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(orders, "_NEWEST_OF_SHOPS", 2)
    world, other = build.world(), build.world()
    assert order_choices(build.limited(world.shop_id)) == ([], [])
    world.place(delivery_address=_address("LU"), tags=["first"])
    world.place(delivery_address=_address("AT"))
    for tag in ("gift", "vip"):
        world.place(delivery_address=_address("NL"), tags=[tag])
        world.place(delivery_address=_address("BE"))
    other.place(delivery_address=_address("DK"), tags=["theirs"])

    countries, tags = order_choices(build.TESTER)
    theirs = order_choices(build.limited(other.shop_id))

    assert {"AT", "BE", "DK", "LU", "NL"} <= set(countries)
    assert countries == sorted(set(countries))
    assert {"first", "gift", "theirs", "vip"} <= set(tags)
    assert theirs == (["DK"], ["theirs"])
    assert order_choices(build.limited(world.shop_id)) == (["BE", "NL"], ["vip"])


def test_tags_are_found_without_reading_the_orders_that_bear_none() -> None:
    with sql.count_statements() as count:
        order_choices(build.TESTER)
    [(query, values)] = count.values.items()
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_bitmapscan = off")
        cursor.execute(f"explain {query}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "orders_order_tagged" in plan
    assert "orders_order_country" in plan
