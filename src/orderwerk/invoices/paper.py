"""An invoice for people: what the template sets, made from the frozen content in the language of the order."""

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from babel.core import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from segno.helpers import make_epc_qr
from stdnum import iban as ibans

from orderwerk.core.money import show_amount
from orderwerk.core.typesetting import breakable
from orderwerk.invoices.words import WORDS, language_of, one_stop_note
from orderwerk.shipments.documents import address_lines

Json = Mapping[str, Any]


def sheet(content: Json) -> dict[str, Any]:
    """Return the data of the template for one document."""
    language = language_of(content["locale"])
    words = WORDS[language]
    is_credit = content["kind"] == "credit"
    seller = content["seller"]
    return {
        "language": language,
        "page": words["page"],
        "title": words[content["kind"]],
        "number": content["number"],
        "words": words,
        "seller": breakable(seller["name"]),
        "seller_lines": breakable("\n".join(_seller_lines(seller))),
        "seller_facts": [
            [words[name], breakable(seller[name])]
            for name in ("vat_number", "company_number", "iban")
            if seller.get(name)
        ],
        "buyer": breakable("\n".join(_buyer_lines(content["buyer"], language, words))),
        "delivery": breakable(_delivery(content, language)),
        "facts": _facts(content, words, language),
        "credits": _credits(content, words, language) if is_credit else "",
        "reason": breakable(_reason(content, words)) if is_credit else "",
        "lines": [_line(line, content, words, language) for line in content["lines"]],
        "mode": words["including" if content["prices_include_tax"] else "excluding"],
        "sums": _sums(content, words, language),
        "total": [words["total_credit" if is_credit else "total"], _money(content["gross"], content, language)],
        "after": _after(content, words, language),
        "qr": payment_code(content),
        "qr_text": words["scan_to_pay"],
        "notes": _notes(content, words),
    }  # fmt: skip


def _notes(content: Json, words: Json) -> list[str]:
    own_words = {"E": content.get("vat_exemption")}
    notes = [
        str(own_words.get(tax["category"]) or words[tax["category"]])
        for tax in content["taxes"]
        if tax["category"] in words
    ]
    return [*notes, note] if (note := one_stop_note(content)) else notes


def payment_code(content: Json) -> str:
    """Return the SVG that a banking app scans to pay what is open, "" where nothing is or it cannot be paid that way.

    European Payments Council, EPC069-12: a SEPA credit transfer, in euros alone.
    """
    seller = content["seller"]
    # As machines write it (EPC069-12), however the shop did.
    iban = str(ibans.compact("".join(str(seller.get("iban") or "").split())))
    due = Decimal(content["gross"]) - Decimal(content.get("paid") or "0")
    fits = Decimal("0.01") <= due <= Decimal("999999999.99")
    if (
        content["kind"] == "credit"
        or content["currency"] != "EUR"
        or not fits
        or not seller["name"].strip()
        or not ibans.is_valid(iban, check_country=False)
    ):
        return ""
    code = make_epc_qr(
        name=seller["name"][:70],
        iban=iban,
        amount=due,
        text=content["number"][:140],
        encoding="utf-8",
    )
    picture = io.BytesIO()
    code.save(picture, kind="svg", border=0, xmldecl=False)
    return picture.getvalue().decode()


def _money(amount: str, content: Json, language: str) -> str:
    return show_amount(Decimal(amount), content["currency"], Locale.parse(language))


def _day(text: str, language: str) -> str:
    return format_date(date.fromisoformat(text), "long", locale=language)


def _percent(rate: str, language: str) -> str:
    return f"{format_decimal(Decimal(rate), format='0.###', locale=language)} %"


def _seller_lines(seller: Json) -> list[str]:
    town = f"{seller.get('postal_code') or ''}  {seller.get('city') or ''}".strip()
    address = [seller.get("street") or "", town] if seller.get("street") else []
    return [line for line in (*address, *_free(seller, address), seller.get("email") or "") if line]


def _free(seller: Json, address: list[str]) -> list[str]:
    return [] if address else str(seller.get("address") or "").splitlines()


def _buyer_lines(buyer: Json, language: str, words: Json) -> list[str]:
    lines = address_lines(dict(buyer["address"]), language)
    if buyer.get("company") and buyer["company"] not in lines:
        lines.insert(0, buyer["company"])
    if buyer.get("vat_number"):
        lines.append(f"{words['vat_number']}: {buyer['vat_number']}")
    if number := buyer["address"].get("company_number"):
        is_dutch = buyer["address"].get("country") == "NL"
        lines.append(f"{words['company_number_nl' if is_dutch else 'company_number']}: {number}")
    return lines


def _delivery(content: Json, language: str) -> str:
    if content["delivery_address"] == content["buyer"]["address"]:
        return ""
    return "\n".join(address_lines(dict(content["delivery_address"]), language))


def _facts(content: Json, words: Json, language: str) -> list[list[str]]:
    facts = [
        [words["number"], content["number"]],
        [words["date"], _day(content["issue_date"], language)],
        [words["order"], content["order"]["number"]],
    ]
    if content["supply_date"]:
        facts.append([words["supplied"], _day(content["supply_date"], language)])
    else:
        facts.append([words["ordered"], _day(content["order"]["date"], language)])
    return [[name, breakable(value)] for name, value in facts]


def _credits(content: Json, words: Json, language: str) -> str:
    debit = content["debit"]
    return str(words["credits"]).format(number=debit["number"], date=_day(debit["date"], language))


def _reason(content: Json, words: Json) -> str:
    # What the program itself gives as the reason is said in the customer's language.
    named = {"cancellation": "cancelled", "unshipped": "unshipped"}.get(content["cause"], "")
    return str(words[named]) if named else str(content["reason"])


def _line(line: Json, content: Json, words: Json, language: str) -> dict[str, str]:
    name = line["name"] if line["kind"] == "article" else line["name"] or words["shipping"]
    discount = Decimal(line["discount"])
    amount = _money(line["discount"], content, language)
    return {
        "quantity": format_decimal(line["quantity"], locale=language),
        "name": breakable(name),
        "sku": breakable(line["sku"]),
        "price": _money(line["unit_price"], content, language),
        "discount": f"{words['discount']} {amount}" if discount > 0 else "",
        "vat": _percent(line["rate"], language),
        "amount": _money(line["amount"], content, language),
    }


def _sums(content: Json, words: Json, language: str) -> list[list[str]]:
    rates = [
        [
            f"{words['vat']} {_percent(tax['rate'], language)} {words['of']} {_money(tax['net'], content, language)}",
            _money(tax["tax"], content, language),
        ]
        for tax in content["taxes"]
    ]
    return [[words["net"], _money(content["net"], content, language)], *rates]


def _after(content: Json, words: Json, language: str) -> list[list[str]]:
    if content["kind"] == "credit":
        back = Decimal(content["refundable"])
        amount = _money(content["refundable"], content, language)
        return [[str(words["back"]).format(amount=amount) if back else words["nothing_back"], ""]]
    paid, gross = Decimal(content["paid"]), Decimal(content["gross"])
    found = [[words["paid"], _money(content["paid"], content, language)]] if paid else []
    if paid < gross:
        found.append([words["due"], _money(str(gross - paid), content, language)])
    return found
