"""What breaks a rule of Peppol BIS Billing 3 is found before a document is kept, by the name that Peppol's own Schematron gives it."""

from typing import Any

import pytest
from django.utils.translation import override

from orderwerk.core.errors import WrongState
from orderwerk.invoices import einvoice
from orderwerk.invoices.norm import broken_rules, words_of
from orderwerk.invoices.peppol_rules import WORDS
from tests.invoices.test_norm import CONTENT, content
from tests.invoices.test_peppol import BELGIAN, BIS3, SHARED, broken

SELLER = {**BELGIAN, "email": "shop@example.com"}
DANISH = {"name": "K", "vat_number": "DK13585628", "email": "k@example.com"}
SWEDISH = {"name": "K", "vat_number": "SE556188840401", "email": "k@example.com"}
# Rule, VAT category, who buys, what of the document is written differently.
BREAKS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("EN16931-R001", "S", {}, "<cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>", ""),
    ("EN16931-R007", "S", {}, "poacc:billing:01:1.0<", "poacc:billing:1:1.0<"),
    ("EN16931-R002", "S", {}, "<cbc:DocumentCurrencyCode>", "<cbc:Note>a</cbc:Note><cbc:Note>b</cbc:Note><cbc:DocumentCurrencyCode>"),
    ("EN16931-R008", "S", {}, "<cbc:Name>Thee</cbc:Name>", "<cbc:Name> </cbc:Name>"),
    ("EN16931-R051", "S", {}, '<cbc:PayableAmount currencyID="EUR">', '<cbc:PayableAmount currencyID="USD">'),
    ("EN16931-R120", "S", {}, '<cbc:PriceAmount currencyID="EUR">20.00<', '<cbc:PriceAmount currencyID="EUR">21.00<'),
    ("EN16931-R121", "S", {}, '<cbc:BaseQuantity unitCode="C62">2<', '<cbc:BaseQuantity unitCode="C62">-2<'),
    ("EN16931-R130", "S", {}, '<cbc:BaseQuantity unitCode="C62">', '<cbc:BaseQuantity unitCode="KGM">'),
    ("EN16931-F001", "S", {}, "<cbc:IssueDate>2026-01-02<", "<cbc:IssueDate>02-01-2026<"),
    ("EN16931-P0100", "S", {}, "<cbc:InvoiceTypeCode>380<", "<cbc:InvoiceTypeCode>381<"),
    ("EN16931-CL008", "S", {}, '<cbc:EndpointID schemeID="9930">', '<cbc:EndpointID schemeID="EM">'),
    ("EN16931-P0104", "E", {}, ">VATEX-EU-F<", ">VATEX-EU-G<"),
    ("EN16931-P0105", "E", {}, ">VATEX-EU-F<", ">VATEX-EU-O<"),
    ("EN16931-P0106", "E", {}, ">VATEX-EU-F<", ">VATEX-EU-IC<"),
    ("EN16931-P0107", "E", {}, ">VATEX-EU-F<", ">VATEX-EU-AE<"),
    ("EN16931-P0108", "G", {}, ">VATEX-EU-G<", ">VATEX-EU-D<"),
    ("EN16931-P0109", "G", {}, ">VATEX-EU-G<", ">VATEX-EU-F<"),
    ("EN16931-P0110", "G", {}, ">VATEX-EU-G<", ">VATEX-EU-I<"),
    ("EN16931-P0111", "G", {}, ">VATEX-EU-G<", ">VATEX-EU-J<"),
    ("COMMON-R042", "S", DANISH, ">13585628<", ">1358562X<"),
    ("COMMON-R043", "S", {}, ">0776091951<", ">0776091952<"),
    ("COMMON-R049", "S", SWEDISH, ">5561888404<", ">5561888405<"),
]  # fmt: skip
TAKEN_OUT = {"EN16931-R003": ["BuyerReference", "OrderReference"], "EN16931-R010": ["EndpointID", 2], "EN16931-R020": ["EndpointID", 1], "EN16931-R053": ["TaxTotal"]}  # fmt: skip


def made(category: str = "S", buyer: dict[str, Any] | None = None) -> str:
    """A document that calls itself Peppol's."""
    fields = content(category, seller=SELLER, buyer={**CONTENT["buyer"], **(buyer or {})})
    if category == "E":
        fields["taxes"][0]["reason"] = "VATEX-EU-F"
    xml = einvoice.ubl(fields).decode()
    assert f">{BIS3}<" in xml
    return xml


def agrees(xml: str, rule: str) -> None:
    """Both say that this rule is broken: ours, and Peppol's where it is at hand."""
    assert f"PEPPOL-{rule}" in broken_rules(xml.encode())
    if SHARED is not None:
        assert f"PEPPOL-{rule}" in broken(xml.encode())


@pytest.mark.parametrize("category", ["S", "Z", "E", "AE", "K", "G"])
@pytest.mark.parametrize("buyer", [{}, DANISH, SWEDISH])
def test_a_good_document_breaks_none(category: str, buyer: dict[str, Any]) -> None:
    xml = made(category, buyer)
    assert broken_rules(xml.encode()) == {}
    if SHARED is not None:
        assert broken(xml.encode()) == []


@pytest.mark.parametrize(
    ("rule", "category", "buyer", "old", "new"), BREAKS, ids=[b[0] for b in BREAKS]
)
def test_a_broken_rule_is_found_by_its_name(
    rule: str, category: str, buyer: dict[str, Any], old: str, new: str
) -> None:
    xml = made(category, buyer)
    assert old in xml
    agrees(xml.replace(old, new), rule)


@pytest.mark.parametrize("rule", sorted(TAKEN_OUT))
def test_what_is_left_out_is_missed(rule: str) -> None:
    name, *more = TAKEN_OUT[rule]
    xml = made()
    for tag in [name, *(m for m in more if isinstance(m, str))]:
        space = "cac" if tag in {"OrderReference", "TaxTotal"} else "cbc"
        at = -1
        for _ in range(next((m for m in more if isinstance(m, int)), 1)):
            at = xml.index(f"<{space}:{tag}", at + 1)
        end = xml.index(f"</{space}:{tag}>", at) + len(f"</{space}:{tag}>")
        xml = xml[:at] + xml[end:]
    agrees(xml, rule)


def test_a_document_that_is_none_of_peppols_is_not_held_against_its_rules() -> None:
    xml = made().replace(f">{BIS3}<", ">urn:cen.eu:en16931:2017<").replace("billing:01:1.0", "x")
    assert broken_rules(xml.encode()) == {}


def test_a_document_that_breaks_one_does_not_call_itself_peppols() -> None:
    fields = content("E", seller=SELLER)
    fields["taxes"][0]["reason"] = "VATEX-EU-G"
    xml = einvoice.ubl(fields).decode()
    assert ">urn:cen.eu:en16931:2017<" in xml
    assert "ProfileID" not in xml
    # What is wrong besides is refused as ever.
    fields["tax"] = "1.00"
    with pytest.raises(WrongState) as refused:
        einvoice.ubl(fields)
    assert refused.value.code == "norm_broken"


def test_rules_are_told_in_both_languages() -> None:
    with override("nl"):
        assert all(words_of(rule) != english for rule, english in _english().items())


@pytest.mark.parametrize("number", ["BE403019261", "BE0403019261"])
def test_an_old_belgian_number_is_written_as_the_network_knows_it(number: str) -> None:
    xml = made(buyer={"name": "K", "vat_number": number, "email": "k@example.com"})
    assert '<cbc:EndpointID schemeID="0208">0403019261<' in xml
    assert broken_rules(xml.encode()) == {}


def _english() -> dict[str, str]:
    with override("en"):
        return {rule: words_of(rule) for rule in (*WORDS, "PEPPOL-EN16931-P0111")}
