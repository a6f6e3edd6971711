"""Which documents may call themselves Peppol BIS Billing 3, and under which number a party is found on the Peppol network.

A document claims it only when it fulfils the rules: both parties have an electronic address of the code list EAS (an e-mail
address is none), and the seller's country asks for nothing that we do not know.
"""

from collections.abc import Mapping
from typing import Any

from stdnum.be import vat as enterprise

from orderwerk.invoices.tax_categories import is_vat_number

Json = Mapping[str, Any]
BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
BIS3 = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_KVK, _OIN, _BELGIAN, _DANISH, _SWEDISH, _GREEK = "0106", "0190", "0208", "0184", "0007", "9933"
# Who is registered under the VAT number itself: the code list EAS, by the letters in front of the number.
_BY_VAT = {
    "AT": "9914", "BG": "9926", "CY": "9928", "CZ": "9929", "DE": "9930", "EE": "9931", "ES": "9920", "FI": "0213", "FR": "9957",
    "HR": "9934", "HU": "9910", "IE": "9935", "IT": "0211", "LT": "9937", "LU": "9938", "LV": "9939", "MT": "9943", "NL": "9944",
    "PL": "9945", "PT": "9946", "RO": "9947", "SI": "9949", "SK": "9950",
}  # fmt: skip
# Sellers of these countries have rules of their own (NO-R, DK-R, IT-R, SE-R, GR-R, IS-R) about facts that a shop does not give us.
_MORE_RULES = frozenset({"NO", "DK", "IT", "SE", "GR", "EL", "IS"})


def plain(number: object) -> str:
    """Return a number of a company as machines write it: without blanks and dots, in capitals."""
    return str(number or "").replace(" ", "").replace(".", "").upper()


def dutch_scheme(party: Json) -> str:
    """Return the scheme of a Dutch number of a legal entity: KVK (eight digits) or OIN (twenty), "" for anything else."""
    number = plain(party.get("company_number"))
    if party.get("country") != "NL" or not number.isdigit():
        return ""
    return {8: _KVK, 20: _OIN}.get(len(number), "")


def company(buyer: Json) -> Json:
    """Return a buyer as a party with country and company number, which an order has with the address that is billed."""
    address = buyer["address"]
    return {**buyer, "country": address.get("country"), "company_number": address.get("company_number")}  # fmt: skip


def endpoint(party: Json) -> tuple[str, str]:
    """Return the scheme and number under which a party is found, ("", "") where neither company nor VAT number says one."""
    company, number = plain(party.get("company_number")), plain(party.get("vat_number"))
    if scheme := dutch_scheme(party):
        return scheme, company
    if party.get("country") == "BE" and enterprise.is_valid(company):
        return _BELGIAN, enterprise.compact(company)
    if not is_vat_number(number):
        return "", ""
    letters, digits = number[:2], number[2:]
    special = {
        # Numbers of before 2005 are written with nine digits; on the network they have a zero in front.
        "BE": (_BELGIAN, enterprise.compact(digits)), "DK": (_DANISH, digits), "SE": (_SWEDISH, digits[:10]), "EL": (_GREEK, digits),
    }  # fmt: skip
    if letters in special:
        return special[letters]
    return (_BY_VAT[letters], number) if letters in _BY_VAT else ("", "")


def is_peppol(content: Json, *, is_dutch: bool) -> bool:
    """Tell whether a document fulfils Peppol BIS Billing 3, so that it may be sent over the network.

    `is_dutch`: it has what the Dutch rules of Peppol (NL-R) ask of a Dutch seller's. Between two German parties Peppol asks
    for a contact with a telephone number (DE-R), which a shop has not.
    """
    seller, buyer = content["seller"], content["buyer"]
    if not endpoint(seller)[0] or not endpoint(company(buyer))[0]:
        return False
    theirs = {seller.get("country"), plain(seller.get("vat_number"))[:2]}
    if theirs & _MORE_RULES or ("NL" in theirs and not is_dutch):
        return False
    both = theirs, {buyer["address"].get("country"), plain(buyer.get("vat_number"))[:2]}
    return not all("DE" in countries for countries in both)
