"""The rules of Peppol BIS Billing 3 that a document of ours could break, looked at in the UBL that was made.

Read from the Schematron that OpenPEPPOL publishes (github.com/OpenPEPPOL/peppol-bis-invoice-3, rules/sch/PEPPOL-EN16931-UBL.sch), whose names
they bear without the prefix; those about what no document of ours has (allowances, attachments, mandates, second currencies) are left
out, and those of countries: a seller whose country has rules of its own that we do not know does not call a document Peppol's
(peppol.py), and the Dutch ones are those of NLCIUS.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from xml.etree import ElementTree as ET

from django.utils.translation import gettext_lazy as _
from stdnum import luhn
from stdnum.be import vat as enterprise

from orderwerk.invoices.norm_reading import Terms, elements
from orderwerk.invoices.peppol import BIS3

PREFIX = "PEPPOL-"
WORDS = {
    "PEPPOL-EN16931-R001": _("the document names its business process"),
    "PEPPOL-EN16931-R002": _("there is one note at most"),
    "PEPPOL-EN16931-R003": _("there is a reference of the buyer or of the order"),
    "PEPPOL-EN16931-R007": _("the business process is one of Peppol billing"),
    "PEPPOL-EN16931-R008": _("no part of the document is empty"),
    "PEPPOL-EN16931-R010": _("the buyer has an electronic address"),
    "PEPPOL-EN16931-R020": _("the seller has an electronic address"),
    "PEPPOL-EN16931-R051": _("all amounts are in the currency of the document"),
    "PEPPOL-EN16931-R053": _("there is one sum of VAT with its breakdown"),
    "PEPPOL-EN16931-R120": _("the amount of a line is its pieces times their price"),
    "PEPPOL-EN16931-R121": _("a price is of more than no piece"),
    "PEPPOL-EN16931-R130": _("pieces and their price are counted in the same unit"),
    "PEPPOL-EN16931-CL008": _("an electronic address is of a list that Peppol knows"),
    "PEPPOL-EN16931-F001": _("a day is written as year, month and day"),
    "PEPPOL-EN16931-P0100": _("the kind of document is one that Peppol knows"),
    "PEPPOL-EN16931-P0104": _("the code of an exemption fits its VAT category"),
    "PEPPOL-COMMON-R042": _("a Danish company number has eight digits"),
    "PEPPOL-COMMON-R043": _("a Belgian enterprise number has ten digits that fit together"),
    "PEPPOL-COMMON-R049": _("a Swedish organisation number has ten digits that fit together"),
}
_PROCESS = re.compile(r"urn:fdc:peppol\.eu:2017:poacc:billing:\d{2}:1\.0")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DANISH = re.compile(r"(DK)?\d{8}")
_PARTIES = {"R010": "cac:AccountingCustomerParty", "R020": "cac:AccountingSupplierParty"}
_DAYS = "cbc:IssueDate|cac:Delivery/cbc:ActualDeliveryDate|cac:InvoicePeriod/cbc:StartDate|cac:InvoicePeriod/cbc:EndDate|cac:BillingReference/cac:InvoiceDocumentReference/cbc:IssueDate"  # fmt: skip
# EAS, the list of electronic addresses: those that `peppol.endpoint` gives.
_LISTED = frozenset({
    "0007", "0106", "0184", "0190", "0208", "0211", "0213", "9910", "9914", "9920", "9926", "9928", "9929", "9930", "9931", "9933",
    "9934", "9935", "9937", "9938", "9939", "9943", "9944", "9945", "9946", "9947", "9949", "9950", "9957",
})  # fmt: skip
# The code of an exemption (BT-121) → the one category in which it may stand: P0104 to P0111.
_OF_CATEGORY = {
    "VATEX-EU-G": ("P0104", "G"), "VATEX-EU-O": ("P0105", "O"), "VATEX-EU-IC": ("P0106", "K"), "VATEX-EU-AE": ("P0107", "AE"),
    "VATEX-EU-D": ("P0108", "E"), "VATEX-EU-F": ("P0109", "E"), "VATEX-EU-I": ("P0110", "E"), "VATEX-EU-J": ("P0111", "E"),
}  # fmt: skip
# How far the amount of a line may be off (R120).
_SLACK = Decimal("0.02")


def words_of(rule: str) -> str:
    """Return what a rule asks for, in the reader's language; "" for one that is not Peppol's."""
    by_category = rule.startswith(f"{PREFIX}EN16931-P01") and rule != f"{PREFIX}EN16931-P0100"
    return str(WORDS.get(f"{PREFIX}EN16931-P0104" if by_category else rule, ""))


def checks(terms: Terms) -> Iterator[tuple[str, bool]]:
    """Yield the rules of Peppol, each with whether a document keeps it; none for one that does not call itself Peppol's (R004)."""
    if not terms.header.get("BT-24", "").startswith(BIS3):
        return
    for rule, holds in (*_whole(terms), *_parties(terms.root), *_lines(terms)):
        yield f"{PREFIX}{rule if rule.startswith('COMMON') else f'EN16931-{rule}'}", holds


def _whole(terms: Terms) -> Iterator[tuple[str, bool]]:
    root, header = terms.root, terms.header
    [process] = [e.text or "" for e in elements(root, "cbc:ProfileID")] or [""]
    yield "R001", bool(process)
    yield "R007", bool(_PROCESS.fullmatch(process))
    yield "R002", len(elements(root, "cbc:Note")) <= 1
    yield "R003", bool(header["BT-10"] or header["BT-13"])
    yield "R008", all(len(e) > 0 or bool((e.text or "").strip()) for e in root.iter())
    yield "R051", {e.get("currencyID") for e in root.iter()} <= {None, header["BT-5"]}
    yield "R053", len(elements(root, "cac:TaxTotal[cac:TaxSubtotal]")) == 1
    yield "F001", all(bool(_DAY.fullmatch(e.text or "")) for e in elements(root, _DAYS))
    yield "P0100", header["BT-3"] == ("381" if terms.document == "CreditNote" else "380")
    for tax in terms.taxes:
        if tax["BT-121"] in _OF_CATEGORY:
            rule, category = _OF_CATEGORY[tax["BT-121"]]
            yield rule, tax["BT-118"] == category


def _parties(root: ET.Element) -> Iterator[tuple[str, bool]]:
    for rule, party in _PARTIES.items():
        found = elements(root, f"{party}/cac:Party/cbc:EndpointID")
        yield rule, bool(found)
        yield "CL008", all(e.get("schemeID") in _LISTED for e in found)
    for element in root.iter():
        scheme, number = element.get("schemeID"), element.text or ""
        if scheme == "0184":
            yield "COMMON-R042", bool(_DANISH.fullmatch(number))
        if scheme == "0208":
            yield "COMMON-R043", len(number) == 10 and bool(enterprise.is_valid(number))
        if scheme == "0007":
            yield "COMMON-R049", len(number) == 10 and bool(luhn.is_valid(number))


def _lines(terms: Terms) -> Iterator[tuple[str, bool]]:
    for line in terms.lines:
        pieces, price, of = (Decimal(line[term] or d) for term, d in (("BT-129", 1), ("BT-146", 0), ("BT-149", 1)))  # fmt: skip
        yield "R121", of > 0
        worth = pieces * price / (of or 1)
        yield "R120", abs(Decimal(line["BT-131"] or 0) - worth) <= _SLACK
        yield "R130", not line["BT-149-1"] or line["BT-149-1"] == line["BT-129-1"]
