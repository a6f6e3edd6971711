"""The legal identity of a shop is looked at when it is given: what cannot stand on an invoice is refused with words, what stood before is let stand."""

from typing import Any

import pytest

from orderwerk.catalog.commands.upsert import ProductItem
from orderwerk.core import decode, sql
from orderwerk.core.errors import BadInput
from orderwerk.orders.document import OrderDocument
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from tests import build

pytestmark = pytest.mark.django_db


def given(world: build.World, **legal: Any) -> Any:
    """Give a shop a legal identity; returns what became of it."""
    item = {"code": world.shop, "name": world.shop, "currency": "EUR", "locale": "nl", "legal": legal}  # fmt: skip
    return upsert_shops([decode.convert(item, ShopItem)], actor=build.TESTER)[0]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("country", "UK", "unknown_country"),
        ("country", "EU", "unknown_country"),
        ("country", "ZZ", "unknown_country"),
        ("vat_number", "123456789B01", "bad_vat_number"),
        ("vat_number", "UID ATU12345675", "bad_vat_number"),
        ("vat_number", "UK123456789", "bad_vat_number"),
        ("vat_number", "EU372000000", "bad_vat_number"),
        ("vat_number", "NL", "bad_vat_number"),
    ],
)
def test_what_is_no_country_and_no_vat_number_is_refused(name: str, value: str, code: str) -> None:
    world = build.world()

    error = given(world, **{name: value}).error

    assert (error.code, error.pointer) == (code, f"/legal/{name}")
    assert sql.fetch("select legal from shops_shop where code = %s", (world.shop,)) == [("{}",)]


@pytest.mark.parametrize("value", ["NL123456789B01", "nl 1234.56.789.B01", "EL094259216", "XI123456789", "CHE-123.456.789 MWST", "GB123456789", ""])  # fmt: skip
def test_numbers_as_people_write_them_are_taken(value: str) -> None:
    given(build.world(), vat_number=value, country="XK").require()


@pytest.mark.parametrize("code", ["XXX", "XTS", "XQQ"])
def test_a_shop_sells_in_no_currency_that_is_none(code: str) -> None:
    item = {"code": "nowhere", "name": "nowhere", "currency": code, "locale": "nl"}

    error = upsert_shops([decode.convert(item, ShopItem)], actor=build.TESTER)[0].error

    assert (error.code, error.pointer) == ("unknown_currency", "/currency")  # type: ignore[union-attr]
    assert sql.fetch("select 1 from shops_shop where code = 'nowhere'") == []


def test_what_stood_there_before_is_let_stand() -> None:
    world = build.world()
    old = {"country": "UK", "vat_number": "12345678"}
    sql.execute("update shops_shop set legal = %s where code = %s", (sql.to_json(old), world.shop))

    given(world, **old, city="London").require()

    assert given(world, country="UK", vat_number="1234567").error.code == "bad_vat_number"


def test_blanks_are_no_facts() -> None:
    world = build.world()

    given(
        world, name=" ", vat_number=" NL123456789B01 ", vat_exemption=" ", city="\u00a0"
    ).require()

    [(legal,)] = sql.fetch("select legal from shops_shop where code = %s", (world.shop,))
    assert sql.from_json(legal) == {"vat_number": "NL123456789B01"}


def test_a_lone_blank_names_nothing() -> None:
    world = build.World("s", [], ["sku"])
    for change in ({"customer": {"name": " "}}, {"lines": [world.json()["lines"][0] | {"name": "\u00a0"}]}):  # fmt: skip
        with pytest.raises(BadInput, match="more than blanks"):
            decode.convert(world.json() | change, OrderDocument)
    exempt = world.json()["lines"][0] | {"tax_rate": "0", "vat_exemption": " "}

    document = decode.convert(world.json() | {"lines": [exempt]}, OrderDocument)
    product = decode.convert({"sku": "a", "name": "b", "vat_exemption": " "}, ProductItem)

    assert document.lines[0].exemption == ("", "")
    assert product.vat_exemption == ""
