"""The whole document as JSON, as it is frozen: who, for whom, what, how much. PDF and XML are made from it alone."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from orderwerk.core import clock
from orderwerk.core.money import format_amount
from orderwerk.invoices.drafts import Draft, DraftLine
from orderwerk.invoices.due import parties_of
from orderwerk.invoices.tax_categories import BY_BUYER, REASONS

# 2: `supply_date` is a day on which goods left, or null.
VERSION = 2
_OF_DOCUMENTS = frozenset({"one_stop_shop", "vat_exemption"})
# What bears no VAT because it left the country.
_LEFT = frozenset({"K", "G"})


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a document gets last: its number and its date."""

    number: str
    issue_date: date


def write_content(draft: Draft, stamp: Stamp) -> str:
    """Return the document as canonical JSON: amounts as decimal strings, keys in the order of the alphabet."""
    order, currency = draft.order, draft.order.currency
    content = {
        "version": VERSION,
        "kind": draft.kind,
        "number": stamp.number,
        "issue_date": stamp.issue_date,
        "supply_date": draft.supply_date,
        "currency": currency,
        "locale": order.locale,
        "prices_include_tax": order.prices_include_tax,
        "order": {
            "number": order.number,
            "external_id": order.external_id,
            "date": clock.business_date(order.placed_at, str(order.shop["timezone"])),
        },
        "seller": _seller(draft),
        "buyer": _buyer(draft),
        "delivery_address": delivery_address(draft),
        "lines": [_line(line, currency) for line in _shown(draft)],
        "taxes": [
            {
                "category": category,
                "rate": _rate(rate),
                "reason": draft.exemption[1] if category == "E" else REASONS.get(category, ""),
                "net": format_amount(net, currency),
                "tax": format_amount(tax, currency),
            }
            for (category, rate), (net, tax) in draft.taxes().items()
        ],
        "net": format_amount(draft.net, currency),
        "tax": format_amount(draft.tax, currency),
        "gross": format_amount(draft.gross, currency),
        **_ending(draft),
        **({"one_stop": draft.one_stop} if draft.one_stop else {}),
        **({"vat_exemption": draft.exemption[0]} if draft.exemption[0] else {}),
        **({"vat_exemption_code": draft.exemption[1]} if draft.exemption[1] else {}),
    }
    return msgspec.json.encode(content, order="deterministic").decode()


def _ending(draft: Draft) -> dict[str, Any]:
    currency, debit = draft.order.currency, draft.debit
    if debit is None:
        return {"paid": format_amount(draft.paid, currency)}
    return {
        "debit": {"number": debit.number, "date": debit.issue_date},
        "cause": draft.cause,
        "reason": draft.reason,
        "refundable": format_amount(draft.refundable, currency),
    }


def _seller(draft: Draft) -> dict[str, Any]:
    shop = draft.order.shop
    # Whether it takes part in the one-stop shop, and why it is exempt, is said of each document, not of the seller.
    legal = {name: value for name, value in shop["legal"].items() if name not in _OF_DOCUMENTS}
    return {
        **legal,
        "name": str(legal.get("name") or "").strip() or shop["name"],
        "shop": shop["name"],
        "email": shop["email"],
        "country": parties_of(draft.order).seller_country,
    }


def _buyer(draft: Draft) -> dict[str, Any]:
    order, debit = draft.order, draft.debit
    buyer = {**order.customer, "address": order.billing_address}
    if debit is not None and any(line.category in BY_BUYER for line in draft.lines):
        # What the invoice said: the order's number may have been corrected or taken away since, the reason for no VAT was not.
        buyer["vat_number"] = debit.buyer_vat
    return buyer


def delivery_address(draft: Draft) -> dict[str, Any]:
    """Return where a document says that its goods are handed over."""
    if draft.debit is not None and any(line.category in _LEFT for line in draft.lines):
        # Where it went is why there is no VAT: what is given back is given back of there, wherever the order would go now.
        return draft.debit.delivery_address
    # What a business collects to take it to another member state itself is delivered there (article 138).
    is_taken_abroad = any(line.category == "K" for line in draft.lines)
    return draft.order.delivery_address if is_taken_abroad else draft.order.handed_over_at


def _rate(rate: Decimal) -> str:
    return f"{rate:.3f}".removesuffix("0")


def _shown(draft: Draft) -> list[DraftLine]:
    """Return the lines to show: an amount without goods stands once per rate, not once per article."""
    if not draft.by_amount:
        return draft.lines
    shown: dict[tuple[str, Decimal], DraftLine] = {}
    for line in draft.lines:
        key = (line.category, line.rate)
        if key not in shown:
            shown[key] = DraftLine(None, "", draft.reason, 1, 0, *key, 0, 0, 0)
        shown[key].base += line.base
        shown[key].net += line.net
        shown[key].tax += line.tax
    for line in shown.values():
        line.unit_price = line.base
    return list(shown.values())


def _line(line: DraftLine, currency: str) -> dict[str, Any]:
    # Money alone for goods that stay where they are counts as one.
    quantity = line.quantity or 1
    price = line.unit_price if line.quantity else line.base
    return {
        "sku": line.sku,
        "name": line.name,
        "kind": "article" if line.sku else "other",
        "quantity": quantity,
        "unit_price": format_amount(price, currency),
        "discount": format_amount(price * quantity - line.base, currency),
        "amount": format_amount(line.base, currency),
        "rate": _rate(line.rate),
        "category": line.category,
        "net": format_amount(line.net, currency),
        "tax": format_amount(line.tax, currency),
        "gross": format_amount(line.gross, currency),
    }
