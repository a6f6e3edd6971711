"""The rules of EN 16931 that a document of ours could break, and those of NLCIUS and Peppol where it calls itself so, looked at in the XML.

Not the whole norm: its arithmetic, its VAT categories, its decimals, who must be named, and its lists of countries and currencies. Tests
hold documents of whatever intake and settings take against the norm's own Schematron; this runs over each one before it is stored.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from orderwerk.core.money import round_half_away
from orderwerk.invoices import nlcius, peppol_rules
from orderwerk.invoices.norm_lists import COUNTRIES, CURRENCIES, PREFIXES
from orderwerk.invoices.norm_reading import Terms, read_terms

# What a sum that is wrong makes wrong on paper too.
SUMS = frozenset({"BR-CO-10", "BR-CO-13", "BR-CO-14", "BR-CO-15", "BR-CO-16"})
_WORDS = {
    "XSD": _("the document follows the schema of its kind"),
    "BR-06": _("the seller is named"),
    "BR-07": _("the buyer is named"),
    "BR-09": _("the address of the seller has its country"),
    "BR-11": _("the address of the buyer has its country"),
    "BR-16": _("there is a line at least"),
    "BR-25": _("each line names what was sold"),
    "BR-27": _("no price is negative"),
    "BR-50": _("an account to pay to has its number"),
    "BR-61": _("who is paid by transfer names an account"),
    "BR-CL-01": _("the kind of document is an invoice or a credit note"),
    "BR-CL-03": _("all amounts are in a currency of ISO 4217"),
    "BR-CL-04": _("the currency is one of ISO 4217"),
    "BR-CL-08": _(
        "a note has no three signs between two number signs that are no code of a subject"
    ),
    "BR-CL-14": _("each country is one of ISO 3166-1"),
    "BR-CL-18": _("each line has a VAT category that the norm knows"),
    "BR-CO-09": _("a VAT number begins with its country"),
    "BR-CO-10": _("the lines add up to their sum"),
    "BR-CO-13": _("the total without VAT is the sum of the lines, less discounts, with charges"),
    "BR-CO-14": _("the VAT of the rates adds up to the VAT of the document"),
    "BR-CO-15": _("the total with VAT is the total without it and the VAT"),
    "BR-CO-16": _("what is to be paid is the total less what was paid"),
    "BR-CO-17": _("the VAT of a rate is that rate of its amount"),
    "BR-CO-18": _("there is a VAT breakdown"),
    "BR-CO-26": _("the seller is named by a number"),
    "BR-IC-11": _("a supply within the EU says when it was delivered or which time it is of"),
    "BR-IC-12": _("a supply within the EU says in which country it was delivered"),
}
_OF_CATEGORY = {
    "01": _("each VAT category of the lines has its breakdown, once"),
    "02": _("seller and buyer are named by the numbers that the VAT category asks for"),
    "05": _("the rate of a line fits its VAT category"),
    "08": _("the amount of a VAT category is the sum of its lines"),
    "09": _("a VAT category without VAT has none"),
    "10": _("whoever is exempt says why, and nobody else does"),
}
_DECIMALS = _("no amount has more than two decimals")
_DEC = {
    "BT-106": "09", "BT-107": "10", "BT-108": "11", "BT-109": "12", "BT-110": "13", "BT-112": "14", "BT-113": "16", "BT-114": "17",
    "BT-115": "18", "BT-116": "19", "BT-117": "20", "BT-131": "23",
}  # fmt: skip
_CATEGORIES = {"S": "S", "Z": "Z", "E": "E", "AE": "AE", "K": "IC", "G": "G"}
_CHARGED = frozenset({"S"})
_WITHOUT_REASON = frozenset({"S", "Z"})
_TRANSFERS = frozenset({"30", "58"})
# What has to be said, with more than blanks.
_SAID = {"BR-06": "BT-27", "BR-07": "BT-44", "BR-09": "BT-40", "BR-11": "BT-55"}
_COUNTRIES = ("BT-40", "BT-55", "BT-80")
_KINDS = frozenset({"380", "381"})
_UBL = frozenset({"Invoice", "CreditNote"})
# A code of a subject (UNTDID 4451) in front of a note; ours has none, so whatever stands so was never meant as one.
_SUBJECT = re.compile(r"[^#]*#[^#]{3}#", re.DOTALL)
_HALF = Decimal("0.5")


def broken_rules(xml: bytes) -> dict[str, str]:
    """Return the rules that a document (UBL 2.1 or CII) breaks, each with what it asks for in English; empty for a good one."""
    terms = read_terms(xml)
    found = dict.fromkeys(rule for rule, holds in _checks(terms) if not holds)
    with override("en"):
        return {rule: words_of(rule) for rule in found}


def words_of(rule: str) -> str:
    """Return what a rule asks for, in the reader's language."""
    if rule.startswith("BR-DEC"):
        return str(_DECIMALS)
    of_usage = nlcius.WORDS.get(rule) or peppol_rules.words_of(rule)
    return str(_WORDS.get(rule) or of_usage or _OF_CATEGORY[rule[-2:]])


def _checks(terms: Terms) -> Iterator[tuple[str, bool]]:
    yield from _sums(terms)
    yield from _facts(terms)
    yield from _breakdown(terms)
    if terms.document in _UBL:
        yield from nlcius.checks(terms)
        yield from peppol_rules.checks(terms)
    for category in {line["BT-151"] for line in terms.lines} & _CATEGORIES.keys():
        yield from _category(terms, category)
    for part in (terms.header, *terms.taxes, *terms.lines):
        for term, rule in _DEC.items():
            decimals = part.get(term, "").partition(".")[2]
            yield f"BR-DEC-{rule}", len(decimals) <= 2


def _number(part: Mapping[str, str], term: str) -> Decimal:
    return Decimal(part[term] or 0)


def _sum(parts: Iterable[Mapping[str, str]], term: str) -> Decimal:
    return sum((_number(part, term) for part in parts), Decimal())


def _sums(terms: Terms) -> Iterator[tuple[str, bool]]:
    total = {
        n: _number(terms.header, f"BT-{n}") for n in (106, 107, 108, 109, 110, 112, 113, 114, 115)
    }
    yield "BR-CO-10", total[106] == _sum(terms.lines, "BT-131")
    yield "BR-CO-13", total[109] == total[106] - total[107] + total[108]
    yield "BR-CO-14", total[110] == _sum(terms.taxes, "BT-117")
    yield "BR-CO-15", total[112] == total[109] + total[110]
    yield "BR-CO-16", total[115] == total[112] - total[113] + total[114]


def _facts(terms: Terms) -> Iterator[tuple[str, bool]]:
    header = terms.header
    for rule, term in _SAID.items():
        yield rule, bool(header[term].strip())
    yield "BR-16", bool(terms.lines)
    yield "BR-25", all(line["BT-153"].strip() for line in terms.lines)
    yield "BR-27", all(_number(line, "BT-146") >= 0 for line in terms.lines)
    yield "BR-50", bool(header["BT-84"].strip()) or not header["BT-84"]
    yield "BR-61", header["BT-81"] not in _TRANSFERS or bool(header["BT-84"])
    yield "BR-CL-01", header["BT-3"] in _KINDS
    yield (
        "BR-CL-03",
        {e.get("currencyID") or header["BT-5"] for e in terms.root.iter()} <= CURRENCIES,
    )
    yield "BR-CL-04", header["BT-5"] in CURRENCIES
    yield "BR-CL-08", not _SUBJECT.match(header["BT-22"])
    yield "BR-CL-14", {header[term] for term in _COUNTRIES} - {""} <= COUNTRIES
    yield "BR-CL-18", all(line["BT-151"] in _CATEGORIES for line in terms.lines)
    for term in ("BT-31", "BT-48"):
        yield "BR-CO-09", not header[term] or header[term][:2] in PREFIXES
    yield "BR-CO-26", any(header[term] for term in ("BT-29", "BT-30", "BT-31"))


def _breakdown(terms: Terms) -> Iterator[tuple[str, bool]]:
    yield "BR-CO-18", bool(terms.taxes)
    nets: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in terms.lines:
        nets[(line["BT-151"], _number(line, "BT-152"))] += _number(line, "BT-131")
    for tax in terms.taxes:
        category, rate = tax["BT-118"], _number(tax, "BT-119")
        net, charged = _number(tax, "BT-116"), _number(tax, "BT-117")
        yield "BR-CO-17", fits_rate(net, charged, rate)
        yield f"BR-{_CATEGORIES.get(category, 'S')}-08", net == nets.pop((category, rate), None)
        if category not in _CHARGED:
            yield f"BR-{_CATEGORIES.get(category, 'Z')}-09", charged == 0
        says_why = bool(tax["BT-120"] or tax["BT-121"])
        yield f"BR-{_CATEGORIES.get(category, 'S')}-10", says_why != (category in _WITHOUT_REASON)
    for category, _rate in nets:
        yield f"BR-{_CATEGORIES.get(category, 'S')}-08", False


def fits_rate(net: Decimal, charged: Decimal, rate: Decimal) -> bool:
    """Tell whether VAT fits its rate (BR-CO-17): the norm lets it be off by less than one, and takes a rate below a half for none."""
    if rate < _HALF:
        return -_HALF <= charged < _HALF
    return abs(abs(charged) - _part(abs(net), rate)) < 1


def _part(net: Decimal, rate: Decimal) -> Decimal:
    """Return a rate of an amount, rounded to two decimals."""
    share = net * rate
    numerator, denominator = share.as_integer_ratio()
    return Decimal(round_half_away(numerator, denominator)) / 100


def _category(terms: Terms, category: str) -> Iterator[tuple[str, bool]]:
    name, header = _CATEGORIES[category], terms.header
    found = Counter(tax["BT-118"] for tax in terms.taxes)[category]
    yield f"BR-{name}-01", found >= 1 if category in _CHARGED else found == 1
    yield f"BR-{name}-02", _is_named(header, category)
    rates = [_number(line, "BT-152") for line in terms.lines if line["BT-151"] == category]
    yield f"BR-{name}-05", all((rate > 0) == (category in _CHARGED) for rate in rates)
    if category == "K":
        yield "BR-IC-11", any(header[term] for term in ("BT-72", "BT-73", "BT-74"))
        yield "BR-IC-12", bool(header["BT-80"])


def _is_named(header: Mapping[str, str], category: str) -> bool:
    registered = bool(header["BT-31"] or header["BT-32"])
    if category == "AE":
        return registered and bool(header["BT-48"] or header["BT-47"])
    if category == "K":
        return bool(header["BT-31"] and header["BT-48"])
    return bool(header["BT-31"]) if category == "G" else registered
