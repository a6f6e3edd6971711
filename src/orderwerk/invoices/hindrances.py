"""What keeps a document from having an electronic form at all: a fact of its seller is missing, or it says what EN 16931 has no way to say."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from orderwerk.core.errors import WrongState
from orderwerk.core.money import exponent
from orderwerk.invoices import peppol
from orderwerk.invoices.norm import fits_rate
from orderwerk.invoices.norm_lists import COUNTRIES, CURRENCIES, PREFIXES, country

Json = Mapping[str, Any]
# What the norm writes (BR-DEC-01 and those that follow).
_DECIMALS = 2


def lacks(content: Json) -> list[str]:
    """Return what of the seller is missing for an electronic invoice (BR-06, BR-08, BR-09, BR-CL-14, BR-S-02, BR-E-02, BR-CO-09)."""
    seller = content["seller"]
    found = [] if seller.get("name") else ["name"]
    if country(seller.get("country")) not in COUNTRIES:
        found.append("country")
    charged = any(tax["category"] != "E" for tax in content["taxes"])
    if not vat_number(seller) and (charged or not seller.get("company_number")):
        found.append("vat_number" if charged else "company_number")
    return found


def hindrance(content: Json) -> WrongState | None:
    """Return why there is no electronic invoice of a document, in words; None where there is one.

    `legal_identity_incomplete`: its seller lacks a fact; `old_currency`, `unlisted_country`: the norm lists its currency, or the
    country of an address, under no code; `three_decimals`: the norm writes two; `rate_below_half`, `vat_in_whole_units`: the norm takes
    its VAT for wrong (BR-CO-17), which it is not.
    """
    missing = lacks(content)
    if missing:
        return WrongState(
            f"The shop's legal identity lacks what an electronic invoice needs: {', '.join(missing)}. "
            "Documents that were issued without it stay as they are.",
            code="legal_identity_incomplete",
        )
    if content["currency"] not in CURRENCIES:
        return WrongState(
            f"EN 16931 has no invoice in {content['currency']}: its list of currencies has no such code.",
            code="old_currency",
        )
    if nowhere := _unlisted(content):
        return WrongState(
            f"EN 16931 has no invoice with an address in {nowhere}: its list of countries has no such code.",
            code="unlisted_country",
        )
    if any(len(written(text).partition(".")[2]) > _DECIMALS for text in _amounts(content)):
        return WrongState(
            "EN 16931 writes no amount with more than two decimals, and this document has one.",
            code="three_decimals",
        )
    return _misfit(content)


def _unlisted(content: Json) -> str:
    """Return the country of an address that the norm does not list; "" where it lists them all, or none is said."""
    addresses = (content["buyer"]["address"], content["delivery_address"])
    found = [str(one.get("country") or "") for one in addresses]
    return next((code for code in found if code and country(code) not in COUNTRIES), "")


def _misfit(content: Json) -> WrongState | None:
    """Return why the norm takes VAT for wrong that is as the law wants it."""
    is_coarse = content["kind"] == "credit" and exponent(content["currency"]) == 0
    for tax in content["taxes"]:
        net, charged, rate = (Decimal(tax[name]) for name in ("net", "tax", "rate"))
        if fits_rate(net, charged, rate):
            continue
        if fits_rate(net, Decimal(0), rate):
            return WrongState(
                f"EN 16931 takes a rate of {tax['rate']} percent for none, and this document charges VAT at it.",
                code="rate_below_half",
            )
        if is_coarse and abs(charged * 100 - net * rate) < 200:
            # All credits of an invoice together give exactly its VAT, so one may be off by one unit, which is no cent here.
            return WrongState(
                "EN 16931 lets VAT be off by less than 1, and in a currency without cents that of a part credit may be off by 1.",
                code="vat_in_whole_units",
            )
    return None


def _amounts(content: Json) -> list[str]:
    found = [
        str(content[name] or "0") for name in ("net", "tax", "gross", "paid") if name in content
    ]
    return found + [part[name] for part in content["taxes"] for name in ("net", "tax")] + [line["net"] for line in content["lines"]]  # fmt: skip


def written(text: str) -> str:
    """Return an amount with no more decimals than it needs beyond two: 1.230 dinars are 1.23."""
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals[:_DECIMALS]}" if decimals[_DECIMALS:].strip("0") == "" and decimals else text  # fmt: skip


def vat_number(party: Json) -> str:
    """Return the VAT number of a party as the norm wants it, the country in front (BR-CO-09); "" where it has none."""
    number = peppol.plain(party.get("vat_number"))
    return number if number[:2] in PREFIXES else ""
