"""What is collected over the counter is sold where the counter is, wherever the customer lives."""

from typing import Any

import pytest

from orderwerk.core import sql
from orderwerk.invoices.norm_reading import read_terms
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from tests import build
from tests.invoices.test_documents import ADDRESS, violations
from tests.invoices.test_one_stop import CONSUMER, IN_THE_SCHEME, files

pytestmark = pytest.mark.django_db
COUNTER = {"street": "Voorstraat", "house_number": "7", "postal_code": "3512 AB", "city": "Utrecht", "country": "NL", "line2": None}  # fmt: skip
FIRM = {**CONSUMER, "company": "Käufer GmbH", "vat_number": "DE136695976"}
SWISS = {**ADDRESS, "postal_code": "8001", "city": "Zürich", "country": "CH"}


def collected(
    rate: str, customer: dict[str, Any], home: dict[str, Any], counter: dict[str, Any]
) -> Any:
    """The invoice of an order that a Dutch shop hands over at its counter."""
    world = build.world(invoice_when="placed", legal=IN_THE_SCHEME)
    place = world.locations[0]
    upsert_locations([LocationData(code=place, name="Winkel Utrecht", **counter)], actor=build.TESTER)[0].require()  # fmt: skip
    line = {"sku": world.skus[0], "name": "Thee", "quantity": 2, "unit_price": "11.90", "tax_rate": rate}  # fmt: skip
    order = world.place(
        lines=[line], customer=customer, billing_address=home, locale="en", payments=[],
        shipping={"method": "collect", "collect_at": place},
    )  # fmt: skip
    build.invoice(order)
    return build.invoices(order)[0]["id"]


@pytest.mark.parametrize(
    ("rate", "customer", "address", "category", "delivered_in"),
    [
        ("21.00", CONSUMER, ADDRESS, "S", "NL"),
        ("0.00", CONSUMER, SWISS, "Z", "NL"),
        # A business of another member state that takes the goods there itself (article 138(1)).
        ("0.00", FIRM, ADDRESS, "K", "DE"),
    ],
    ids=["a German consumer", "a Swiss consumer", "a German business"],
)
def test_vat_follows_the_counter(
    rate: str, customer: dict[str, Any], address: dict[str, Any], category: str, delivered_in: str
) -> None:
    text, cii, ubl = files(collected(rate, customer, address, {"address": COUNTER}))

    for xml, flavor in ((cii, "cii"), (ubl, "ubl")):
        terms = read_terms(xml)
        assert [tax["BT-118"] for tax in terms.taxes] == [category]
        assert terms.header["BT-80"] == delivered_in
        assert violations(xml, flavor) == []
    assert "one-stop" not in text
    assert b"one-stop" not in cii + ubl
    assert "Export" not in text
    assert ("Winkel Utrecht Voorstraat 7 3512 AB Utrecht Netherlands" in text) is (category != "K")


@pytest.mark.parametrize(
    ("counter", "country"),
    [({"address": None}, "NL"), ({"address": None, "country": "BE"}, "BE"), ({"address": {"city": "Gent"}, "country": "BE"}, "BE")],
)  # fmt: skip
def test_a_counter_says_its_country_or_stands_in_that_of_the_seller(
    counter: dict[str, Any], country: str
) -> None:
    collected("21.00", CONSUMER, ADDRESS, counter)

    [(found, one_stop)] = sql.fetch("select content::jsonb #>> '{delivery_address,country}', content::jsonb ? 'one_stop' from invoices_invoice")  # fmt: skip
    assert (found, one_stop) == (country, False)
