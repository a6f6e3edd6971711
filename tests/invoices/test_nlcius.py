"""Documents that call themselves after NLCIUS keep its rules, BR-NL-1 to 12, and what breaks one of them is found by its name."""

from typing import Any

import pytest

from orderwerk.invoices import einvoice, nlcius
from orderwerk.invoices.norm import broken_rules, words_of
from orderwerk.invoices.norm_reading import read_terms
from orderwerk.invoices.paper import sheet
from tests.invoices.test_documents import ADDRESS, DUTCH_FIRM, SELLER
from tests.invoices.test_norm import broken_on_purpose, content

OPEN_CREDIT = {"kind": "credit", "debit": {"number": "F2026-00001", "date": "2026-01-02"}, "reason": "Broken"}  # fmt: skip
AGENT = b"""<cac:TaxRepresentativeParty><cac:PartyName><cbc:Name>A</cbc:Name></cac:PartyName><cac:PostalAddress>%s<cac:Country>
<cbc:IdentificationCode>%s</cbc:IdentificationCode></cac:Country></cac:PostalAddress></cac:TaxRepresentativeParty><cac:Delivery>"""
FULL = b"<cbc:StreetName>x</cbc:StreetName><cbc:CityName>y</cbc:CityName><cbc:PostalZone>z</cbc:PostalZone>"


def written(address: dict[str, Any] = DUTCH_FIRM, **more: Any) -> bytes:
    """A document of a Dutch seller to whoever is billed at this address, as UBL."""
    made = content("S", **more)
    made["buyer"] = {"name": "Koper", "company": "Koper B.V.", "email": "k@example.com", "address": address}  # fmt: skip
    return einvoice.ubl(made)


GOOD: list[dict[str, Any]] = [
    {},
    {"address": {**DUTCH_FIRM, "company_number": "00000003123456780000"}},
    {"address": ADDRESS},
    {"paid": "24.20"},
    OPEN_CREDIT,
]


@pytest.mark.parametrize("more", GOOD)
def test_what_calls_itself_so_keeps_every_rule(more: dict[str, Any]) -> None:
    xml = written(**more)
    assert f">{nlcius.NAME}<".encode() in xml
    checked = list(nlcius.checks(read_terms(xml)))
    assert [rule for rule, holds in checked if not holds] == []
    # There is no BR-NL-6.
    assert [rule for rule, _ in checked] == [f"BR-NL-{n}" for n in range(1, 13) if n != 6]
    assert broken_rules(xml) == {}


BREAKS: list[tuple[str, dict[str, Any], dict[str, str | None]]] = [
    ("BR-NL-1", {}, {"BT-30": ""}),
    ("BR-NL-2", {}, {"BT-10": None, "BT-13": None}),
    ("BR-NL-3", {}, {"BT-35": None}),
    ("BR-NL-3", {}, {"BT-37": None}),
    ("BR-NL-3", {}, {"BT-38": None}),
    ("BR-NL-4", {}, {"BT-50": None}),
    ("BR-NL-4", {}, {"BT-53": None}),
    ("BR-NL-7", {}, {"BT-3": "383"}),
    ("BR-NL-8", {}, {"BT-3": "381"}),
    ("BR-NL-8", OPEN_CREDIT, {"BT-3": "380"}),
    ("BR-NL-9", {}, {"BT-3": "384"}),
    ("BR-NL-10", {}, {"BT-47": None}),
    ("BR-NL-11", {}, {"BT-81": None}),
    ("BR-NL-12", {}, {"BT-81": "10"}),
]


@pytest.mark.parametrize(("rule", "more", "changes"), BREAKS)
def test_each_rule_is_broken_by_what_it_forbids(
    rule: str, more: dict[str, Any], changes: dict[str, str | None]
) -> None:
    found = broken_rules(broken_on_purpose(written(**more), changes))
    assert rule in found
    assert found[rule] == words_of(rule)


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("BR-NL-1", b'schemeID="0106">12345678</cbc:CompanyID>', b'schemeID="0002">12345678</cbc:CompanyID>'),
        ("BR-NL-10", b'schemeID="0106">87654321</cbc:CompanyID>', b'schemeID="0002">87654321</cbc:CompanyID>'),
        ("BR-NL-5", b"<cac:Delivery>", AGENT % (b"", b"NL")),
    ],
)  # fmt: skip
def test_a_number_of_another_register_and_an_agent_without_an_address(
    rule: str, old: bytes, new: bytes
) -> None:
    xml = written()
    assert old in xml
    assert list(broken_rules(xml.replace(old, new, 1))) == [rule]


@pytest.mark.parametrize("agent", [AGENT % (FULL, b"NL"), AGENT % (b"", b"DE")])
def test_an_agent_with_an_address_or_elsewhere_breaks_nothing(agent: bytes) -> None:
    assert broken_rules(written().replace(b"<cac:Delivery>", agent, 1)) == {}


@pytest.mark.parametrize(
    "address",
    [
        {**DUTCH_FIRM, "company_number": None},
        {**DUTCH_FIRM, "company_number": "123"},
        {**DUTCH_FIRM, "postal_code": None},
    ],
)
def test_a_document_that_would_break_a_rule_does_not_call_itself_so(address: dict[str, Any]) -> None:  # fmt: skip
    xml = written(address)
    assert b"nlcius" not in xml
    assert list(nlcius.checks(read_terms(xml))) == []


@pytest.mark.parametrize(
    ("legal", "found"),
    [
        (SELLER, []),
        ({**SELLER, "company_number": "1", "iban": ""}, ["company_number", "iban"]),
        ({"country": "NL"}, ["company_number", "street", "postal_code", "city", "iban"]),
        ({"country": "BE"}, []),
    ],
)
def test_what_keeps_a_dutch_shop_from_it_is_named(legal: dict[str, Any], found: list[str]) -> None:
    assert nlcius.lacks(legal) == found


def test_the_paper_names_the_company_that_is_billed() -> None:
    made = content("S", cause=None, reason="")
    made["buyer"]["address"] = DUTCH_FIRM
    made["order"]["external_id"] = "1"
    for line in made["lines"]:
        line |= {"unit_price": "10.00", "discount": "0.00", "amount": "20.00"}
    assert "KVK-nummer: 8765 4321" in sheet(made)["buyer"].replace("\u200b", "")
