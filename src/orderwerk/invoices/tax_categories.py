"""Which VAT category of EN 16931 (UNCL 5305) a rate stands for, and why no VAT is charged where none is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stdnum.eu import vat

# The member states of the EU and, for goods, Northern Ireland (Protocol; VAT numbers that begin with XI).
EU = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
})  # fmt: skip
_LETTERS = re.compile(r"^[A-Z]{2}")
# No VAT is charged because of who buys, so their VAT number is named (Directive 2006/112/EC, article 226(4)).
BY_BUYER = frozenset({"K", "AE"})
# Category → the code of the reason (VATEX list) that the norm asks for.
REASONS = {"K": "VATEX-EU-IC", "G": "VATEX-EU-G", "AE": "VATEX-EU-AE"}


@dataclass(frozen=True, slots=True)
class Parties:
    """Who sells from where, who buys with which VAT number, and where the goods go (ISO 3166 countries).

    `is_collected`: the customer gets them over a counter, so that the seller sends them nowhere; the delivery country is then
    where the customer lives. `is_exempt`: the seller as a whole charges no VAT.
    """

    seller_country: str
    seller_vat: str
    buyer_vat: str
    delivery_country: str
    is_collected: bool
    is_exempt: bool


def parties(legal: Mapping[str, Any], buyer_vat: str, country: str, *, collected: bool) -> Parties:
    """Return who sells and buys, from a shop's legal identity and what an order says."""
    number = str(legal.get("vat_number") or "").replace(" ", "")
    return Parties(
        seller_country=str(legal.get("country") or country_of_vat(number)),
        seller_vat=number,
        buyer_vat=buyer_vat.replace(" ", ""),
        delivery_country=country,
        is_collected=collected,
        is_exempt=bool(legal.get("vat_exemption")),
    )


def country_of_vat(number: str) -> str:
    """Return the country that a VAT number names; empty when it names none. Greece writes EL."""
    found = _LETTERS.match(number.upper())
    letters = found[0] if found else ""
    return "GR" if letters == "EL" else letters


def is_vat_number(number: str) -> bool:
    """Tell whether a number has the form (and check digits) of a VAT number of an EU member state."""
    return bool(number) and bool(vat.is_valid(number))


def one_stop_country(parties: Parties) -> str:
    """Return the member state to which the VAT of a sale belongs under the union scheme; empty where it is the seller's own.

    Directive 2006/112/EC, articles 33(a) and 369a to 369k: goods that the seller sends from one member state to a consumer in
    another. What is collected is sold where the counter is (article 31).
    """
    seller, there = parties.seller_country, parties.delivery_country
    is_abroad = seller in EU and there in EU and there != seller and not parties.is_collected
    return there if is_abroad and not is_vat_number(parties.buyer_vat) else ""


def bears_none(who: Parties) -> bool:
    """Tell whether no VAT is charged between these two whatever is sold: by a seller without VAT, into another country of the EU
    to a business, or out of the EU.

    No reverse charge within the seller's own country: that hangs on what is sold (Directive 2006/112/EC, article 199).
    """
    return category(Decimal(0), who) in {"E", "G", "K"}


def category(rate: Decimal, parties: Parties, *, is_exempt: bool = False) -> str:
    """Return the category: S standard, K supply within the EU to a business, G export, AE reverse charge, E exempt, Z zero.

    Directive 2006/112/EC: article 138 (K: a buyer registered in another member state, goods go to another member
    state, whoever takes them there), 146 (G: the seller sends them), 194 to 196 (AE: a business in the seller's own country), 282 to
    287 (E: a small business, or a seller without a VAT number), 132 to 137 and 312 to 325 (E: `is_exempt`, what is sold is exempt
    itself, or second-hand, and article 139(3) keeps the latter from K).
    """
    if rate:
        return "S"
    if parties.is_exempt or not parties.seller_vat:
        return "E"
    seller, there = parties.seller_country, parties.delivery_country
    if seller in EU and there not in EU and not parties.is_collected:
        return "G"
    if is_exempt:
        return "E"
    if seller in EU and is_vat_number(parties.buyer_vat):
        is_abroad = there in EU and there != seller
        return "K" if is_abroad and country_of_vat(parties.buyer_vat) != seller else "AE"
    return "Z"
