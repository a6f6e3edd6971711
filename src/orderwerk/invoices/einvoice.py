"""An invoice for machines: the terms of EN 16931 (BT-1, BG-25 …) filled from the frozen content, as UBL 2.1 and as CII.

What a document calls itself (CustomizationID, ProfileID) is what it fulfils: the norm; NLCIUS, where a Dutch seller gave all
its facts; Peppol BIS Billing 3, where both parties have an address on that network (peppol.py).
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from stdnum import iban as ibans

from orderwerk.core.errors import WrongState
from orderwerk.invoices import nlcius, peppol
from orderwerk.invoices.hindrances import hindrance, vat_number, written
from orderwerk.invoices.norm import broken_rules
from orderwerk.invoices.norm_lists import country
from orderwerk.invoices.peppol_rules import PREFIX
from orderwerk.invoices.schema import against_schema
from orderwerk.invoices.tax_categories import is_vat_number
from orderwerk.invoices.words import one_stop_note

Json = Mapping[str, Any]
_INVOICE, _CREDIT_NOTE = "380", "381"
# UN/ECE recommendation 20: one piece.
_PIECE = "C62"
_TRANSFER = "30"
_NORM = b">urn:cen.eu:en16931:2017<"
# What XML 1.0 (section 2.2) has no way to write; texts of before it was refused may hold it.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EXEMPT = {
    "E": "Exempt from VAT",
    "K": "Intra-Community supply",
    "G": "Export outside the EU",
    "AE": "Reverse charge",
}


def writable(value: Any) -> Any:  # noqa: ANN401 - any part of a JSON document, and the same again
    """Return content of a document without the characters that XML cannot hold; a text of nothing but blanks is none."""
    if isinstance(value, str):
        text = _NOT_XML.sub("", value)
        return text if text.strip() else ""
    if isinstance(value, Mapping):
        return {key: writable(inner) for key, inner in value.items()}
    return [writable(inner) for inner in value] if isinstance(value, list) else value


def ubl(content: Json) -> bytes:
    """Return the document as UBL 2.1 (Invoice or CreditNote), valid after the schema.

    It calls itself Peppol's only if it keeps Peppol's rules, and else what it is besides. Refuses with WrongState a document whose
    seller lacks what the norm asks for, whose amounts it cannot write, or that breaks a rule of the norm.
    """
    content = writable(content)
    is_peppol = peppol.is_peppol(content, is_dutch=nlcius.is_dutch(content))
    # NLCIUS is read in the Netherlands; whoever is found on the network elsewhere takes the document of that network.
    abroad = content["buyer"]["address"].get("country") != "NL"
    name = nlcius.NAME if nlcius.is_nlcius(content) else ""
    if is_peppol and (abroad or not name):
        made, broken = _made(content, "ubl-2.1", {"BT-23": peppol.BILLING}, peppol.BIS3)
        if not broken or not all(rule.startswith(PREFIX) for rule in broken):
            return _kept(content, made, broken)
        is_peppol = False
    return _kept(
        content, *_made(content, "ubl-2.1", {"BT-23": peppol.BILLING} if is_peppol else {}, name)
    )


def cii(content: Json) -> bytes:
    """Return the document as Cross Industry Invoice, to be put into a PDF (Factur-X); refuses as `ubl`."""
    content = writable(content)
    return _kept(content, *_made(content, "factur-x", {}))


def _made(content: Json, flavor: str, more: Json, name: str = "") -> tuple[bytes, dict[str, str]]:
    """Return a document that calls itself `name`, and the rules that it breaks."""
    from facturx.generate_xml import generate_xml  # noqa: PLC0415 - see core/typesetting.py

    if hindered := hindrance(content):
        raise hindered
    made: bytes = generate_xml(
        {**_terms(content), **more},
        flavor=flavor,
        level="en16931",
        check_xsd=False,
        check_schematron=False,
    )
    if name:
        made = made.replace(_NORM, f">{name}<".encode(), 1)
    fault = against_schema(made)
    return made, {"XSD": fault} if fault else broken_rules(made)


def _kept(content: Json, made: bytes, broken: Mapping[str, str]) -> bytes:
    if broken:
        raise not_after_the_norm(str(content["number"]), broken)
    return made


def not_after_the_norm(number: str, broken: Mapping[str, str]) -> WrongState:
    """Return why a document is not given out: the rules that it breaks, by name and in words."""
    rules = "; ".join(f"{rule}: {words}" for rule, words in broken.items())
    return WrongState(
        f"{number} breaks rules of EN 16931 and is not given out. {rules}.",
        code="norm_broken",
        details={"number": number, "rules": list(broken)},
    )


def _terms(content: Json) -> dict[str, Any]:
    is_credit = content["kind"] == "credit"
    paid = Decimal(written(content.get("paid") or "0"))
    gross = Decimal(written(content["gross"]))
    terms: dict[str, Any] = {
        "BT-1": content["number"],
        "BT-2": date.fromisoformat(content["issue_date"]),
        "BT-3": _CREDIT_NOTE if is_credit else _INVOICE,
        "BT-5": content["currency"],
        "BT-10": content["order"]["number"],
        "BT-13": content["order"]["number"],
        "BG-4": _seller(content["seller"]),
        "BG-7": _buyer(content["buyer"]),
        "BG-13": _place(content),
        "BG-25": [_line(line, n) for n, line in enumerate(content["lines"], start=1)],
        "BG-23": [_tax(tax, str(content.get("vat_exemption") or "")) for tax in content["taxes"]],
        "BT-106": written(content["net"]),
        "BT-109": written(content["net"]),
        "BT-110": written(content["tax"]),
        "BT-112": str(gross),
        "BT-113": str(paid),
        "BT-115": str(gross - paid),
    }
    terms |= _when(content)
    if content["seller"].get("iban"):
        terms |= {
            "BT-81": _TRANSFER,
            "BT-84": str(ibans.compact("".join(content["seller"]["iban"].split()))),
        }
    if gross > paid:
        terms["BT-20"] = "Credit" if is_credit else "Payment on receipt"
    if is_credit:
        debit = content["debit"]
        terms["BG-3"] = [{"BT-25": debit["number"], "BT-26": date.fromisoformat(debit["date"])}]
    # One note and no more: Peppol takes no second one (PEPPOL-EN16931-R002).
    notes = [note for note in (content.get("reason"), one_stop_note(content)) if note]
    if notes:
        terms["BG-1"] = [{"BT-22": _plain_note(" – ".join(notes))}]
    return terms


def _plain_note(text: str) -> str:
    """Return a note in which nothing is taken for the code of a subject, which stands between two number signs (BR-CL-08): they are wide ones."""
    return text.replace("#", "\N{FULLWIDTH NUMBER SIGN}")


def _when(content: Json) -> dict[str, Any]:
    """Return the day of supply (BT-72), where the goods have left.

    A supply within the EU that has not left says which time it is of instead (BG-14; the norm wants one of the two, BR-IC-11):
    from the day of the order to that of its invoice.
    """
    if content["supply_date"]:
        return {"BT-72": date.fromisoformat(content["supply_date"])}
    if all(tax["category"] != "K" for tax in content["taxes"]):
        return {}
    invoiced = content["debit"]["date"] if content["kind"] == "credit" else content["issue_date"]
    return {
        "BT-73": date.fromisoformat(min(content["order"]["date"], invoiced)),
        "BT-74": date.fromisoformat(invoiced),
    }


def _seller(seller: Json) -> dict[str, Any]:
    party = {
        "name": seller["name"],
        "country_code": country(seller["country"]),
        "city": seller.get("city") or "",
        "postcode": seller.get("postal_code") or "",
        "addr_l1": seller.get("street") or _one_line(seller.get("address") or ""),
        "vat_identifier": vat_number(seller),
        "legal_identifier": seller.get("company_number") or "",
    }
    if not party["vat_identifier"]:
        # Who is exempt and has no VAT number is known to the tax office by that of the company (BR-E-02).
        party["tax_identifier"] = party["legal_identifier"]
    if scheme := peppol.dutch_scheme(seller):
        party |= {"legal_identifier": peppol.plain(seller["company_number"]), "legal_identifier_schemeid": scheme}  # fmt: skip
    return _filled(party | _electronic(seller))


def _electronic(party: Json) -> dict[str, Any]:
    """Return the electronic address of a party: on the Peppol network where it is known, else its e-mail address."""
    scheme, number = peppol.endpoint(party)
    if not scheme and party.get("email"):
        scheme, number = "EM", party["email"]
    return _filled({"einvoicing_addr": number, "einvoicing_addr_schemeid": scheme})


def _one_line(text: str) -> str:
    return ", ".join(part.strip() for part in text.splitlines() if part.strip())


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _address(address: Json) -> dict[str, Any]:
    house = f"{address.get('house_number') or ''}{address.get('house_number_suffix') or ''}"
    return _filled(
        {
            "country_code": country(address.get("country")),
            "city": address.get("city"),
            "postcode": address.get("postal_code"),
            "addr_l1": f"{address.get('street') or ''} {house}".strip(),
            "addr_l2": address.get("line2"),
            "country_subdivision": address.get("region"),
        }
    )


def _buyer(buyer: Json) -> dict[str, Any]:
    number = vat_number(buyer)
    party = {
        "name": buyer.get("company") or buyer.get("name") or "-",
        "vat_identifier": number if is_vat_number(number) else "",
    }
    known = peppol.company(buyer)
    company = known["company_number"]
    # In the Netherlands a number stands with its scheme or not at all (Peppol's NL-R-005).
    if company and known["country"] != "NL":
        party["legal_identifier"] = company
    if scheme := peppol.dutch_scheme(known):
        party |= {"legal_identifier": peppol.plain(company), "legal_identifier_schemeid": scheme}
    return _filled(party | _electronic(known)) | _address(buyer["address"])


def _place(content: Json) -> dict[str, Any]:
    address = content["delivery_address"]
    name = address.get("company") or address.get("name") or ""
    return _filled({"name": name}) | _address(address)


def _line(line: Json, number: int) -> dict[str, Any]:
    quantity, net = str(line["quantity"]), written(line["net"])
    return _filled(
        {
            "BT-126": str(number),
            "BT-129": quantity,
            "BT-130": _PIECE,
            "BT-131": net,
            # The price of all pieces together, for that many pieces: exact where a price of one would not be.
            "BT-146": net,
            "BT-149": quantity,
            "BT-151": line["category"],
            "BT-152": line["rate"],
            "BT-153": line["name"] or "-",
            "BT-155": line["sku"],
        }
    ) | {"BT-131": net, "BT-146": net, "BT-152": line["rate"]}  # fmt: skip


def _tax(tax: Json, exemption: str) -> dict[str, Any]:
    found = {
        "BT-116": written(tax["net"]),
        "BT-117": written(tax["tax"]),
        "BT-118": tax["category"],
        "BT-119": tax["rate"],
    }
    if tax["category"] in _EXEMPT:
        own_words = exemption if tax["category"] == "E" else ""
        found["BT-120"] = own_words or _EXEMPT[tax["category"]]
        if tax["reason"]:
            found["BT-121"] = tax["reason"]
    return found
