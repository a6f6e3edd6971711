"""NLCIUS, the Dutch usage of EN 16931: who may write after it, and its rules, looked at in the UBL that was made.

Read from the usage guide (Gebruiksinstructie Basisfactuur, NLCIUS 1.0) and the Schematron of SI-UBL 2.0 in which its keeper publishes
them (github.com/peppolautoriteit-nl/validation, schematron/si-ubl-2.0.sch): BR-NL-1 to 12, those that reject a document; there is
no BR-NL-6. They hold for suppliers in the Netherlands.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from orderwerk.invoices.norm_reading import Terms
from orderwerk.invoices.peppol import company, dutch_scheme

Json = Mapping[str, Any]
NAME = "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0"
WORDS = {
    "BR-NL-1": _("a Dutch seller is named by its KVK or OIN number"),
    "BR-NL-2": _("there is a reference of the buyer or of the order"),
    "BR-NL-3": _("the address of a Dutch seller has street, town and postal code"),
    "BR-NL-4": _("the address of a Dutch customer has street, town and postal code"),
    "BR-NL-5": _("the address of a Dutch tax representative has street, town and postal code"),
    "BR-NL-7": _("the kind of document is one that NLCIUS knows"),
    "BR-NL-8": _("a credit note, and nothing else, is written as one"),
    "BR-NL-9": _("a corrected invoice names the one that it corrects"),
    "BR-NL-10": _("a Dutch customer is named by its KVK or OIN number"),
    "BR-NL-11": _("there is a way to pay what is still to be paid"),
    "BR-NL-12": _("the way to pay is one that NLCIUS knows"),
}
_SCHEMES = frozenset({"0106", "0190"})
_KINDS = frozenset({"380", "381", "384", "389"})
_CREDIT, _CORRECTED = "381", "384"
# Transfer, card, direct debit, standing agreement, SEPA transfer, SEPA direct debit (UNCL 4461).
_WAYS = frozenset({"30", "48", "49", "57", "58", "59"})


def lacks(seller: Json) -> list[str]:
    """Return which facts of its legal identity keep a Dutch seller from writing after NLCIUS; none for a seller elsewhere.

    Its KVK (eight digits) or OIN number (twenty; BR-NL-1), its address in parts (BR-NL-3), and a way to pay (BR-NL-11): its IBAN.
    """
    if seller.get("country") != "NL":
        return []
    found = [] if dutch_scheme(seller) else ["company_number"]
    return found + [n for n in ("street", "postal_code", "city", "iban") if not seller.get(n)]


def is_dutch(content: Json) -> bool:
    """Tell whether a document has the facts that NLCIUS asks of a Dutch seller, and of the address of a Dutch customer (BR-NL-4).

    The Dutch rules of Peppol ask for the same, and for no more.
    """
    seller, buyer = content["seller"], content["buyer"]["address"]
    their = all(buyer.get(name) for name in ("street", "postal_code", "city"))
    is_here = seller.get("country") == "NL" and not lacks(seller)
    return is_here and (buyer.get("country") != "NL" or their)


def is_nlcius(content: Json) -> bool:
    """Tell whether a document may call itself one after NLCIUS: to a Dutch customer only with their KVK or OIN number (BR-NL-10).

    A consumer in the Netherlands has none; theirs is a plain document of the norm.
    """
    buyer = company(content["buyer"])
    return is_dutch(content) and (buyer["country"] != "NL" or bool(dutch_scheme(buyer)))


def checks(terms: Terms) -> Iterator[tuple[str, bool]]:
    """Yield the rules of NLCIUS, each with whether a document in UBL keeps it; none for one that does not call itself so."""
    header = terms.header
    if header["BT-24"] != NAME or header["BT-40"] != "NL":
        return
    kind, is_open = header["BT-3"], Decimal(header["BT-115"] or 0) > 0
    yield "BR-NL-1", bool(header["BT-30"]) and header["BT-30-1"] in _SCHEMES
    yield "BR-NL-2", bool(header["BT-10"] or header["BT-13"])
    yield "BR-NL-3", all(header[term] for term in ("BT-35", "BT-37", "BT-38"))
    yield "BR-NL-4", _has_address(header, "BT-55", "BT-50", "BT-52", "BT-53")
    yield "BR-NL-5", _has_address(header, "BT-69", "BT-64", "BT-66", "BT-67")
    yield "BR-NL-7", kind in _KINDS
    yield "BR-NL-8", (kind == _CREDIT) == (terms.document == "CreditNote")
    yield "BR-NL-9", kind != _CORRECTED or bool(header["BT-25"])
    yield "BR-NL-10", header["BT-55"] != "NL" or (bool(header["BT-47"]) and header["BT-47-1"] in _SCHEMES)  # fmt: skip
    yield "BR-NL-11", terms.document != "Invoice" or not is_open or bool(header["BT-81"])
    yield "BR-NL-12", not header["BT-81"] or header["BT-81"] in _WAYS


def _has_address(header: Mapping[str, str], country: str, *parts: str) -> bool:
    return header[country] != "NL" or all(header[term] for term in parts)
