"""Countries to choose from: those of the world, Northern Ireland in trade, and what stands there already."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from orderwerk.console.forms.places import country_choices
from orderwerk.core import sql
from orderwerk.orders.models import Order
from tests import build
from tests.console.reading import page

pytestmark = pytest.mark.django_db


def address_form(order: Order, **changes: str) -> dict[str, Any]:
    delivery = {f"delivery_{name}": value or "" for name, value in order.delivery_address.items()}  # fmt: skip
    return {"version": order.version, "customer_name": order.customer_name, "same": "on", **delivery, **changes}  # fmt: skip


def test_northern_ireland_is_offered_and_made_up_regions_are_not() -> None:
    offered = dict(country_choices())

    assert offered["XI"] == "Northern Ireland (XI)"
    assert "NL" in offered
    assert not {"ZZ", "EU", "UN", "QO"} & set(offered)
    assert dict(country_choices("UK", None))["UK"] == "UK"


@pytest.mark.parametrize("country", ["XI", "ZZ", "QO"])
def test_an_address_keeps_its_country_when_something_else_is_changed(owner: Client, country: str) -> None:  # fmt: skip
    key = build.world().place()
    sql.execute(
        "update orders_order set delivery_address = delivery_address || jsonb_build_object('country', %s::text),"
        " billing_address = delivery_address || jsonb_build_object('country', %s::text) where id = %s",
        (country, country, key),
    )
    order = Order.objects.get(id=key)
    here = f"/orders/{order.number}/do/address/"
    chosen = page(owner, here)

    answer = owner.post(here, address_form(order, customer_name="Somebody Else", delivery_street="Other"))  # fmt: skip

    assert f'<option value="{country}" selected>' in chosen
    assert answer.status_code == 302
    after = Order.objects.get(id=key)
    assert (after.customer_name, after.delivery_address["country"], after.delivery_address["street"]) == ("Somebody Else", country, "Other")  # fmt: skip


@pytest.mark.parametrize("country", ["XI", "UK"])
def test_a_shop_keeps_its_legal_country(enter: Callable[..., Client], country: str) -> None:
    world = build.world()
    sql.execute("update shops_shop set legal = legal || jsonb_build_object('country', %s::text) where code = %s", (country, world.shop))  # fmt: skip
    form = {
        "name": "New", "locale": "nl", "timezone": "Europe/Amsterdam", "invoice_when": "paid", "refund_mode": "manual",
        "return_window_days": "30", "legal_country": country,
    }  # fmt: skip

    answer = enter().post(f"/settings/shops/edit/{world.shop}/", form)

    assert answer.status_code == 302
    assert sql.fetch("select name, legal ->> 'country' from shops_shop where code = %s", (world.shop,)) == [("New", country)]  # fmt: skip
