"""Money: integer minor units with the currency's own exponent (ISO 4217); no floats, no tolerance."""

import copy
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from babel.core import Locale, get_global
from babel.numbers import get_currency_precision

from orderwerk.core.errors import BadInput, ensure

MAX_MINOR = 10**15
# Where ISO 4217 has decimals that the Unicode CLDR leaves out, because their coins are gone: banks, payment providers and the norm of
# invoices count them.
_OF_ISO = {"IQD": 3, **dict.fromkeys(("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2)}  # fmt: skip
# ISO 4217 keeps these for "no currency" and for tests.
_NO_MONEY = frozenset({"XXX", "XTS"})
_AMOUNT = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,6}))?", re.ASCII)


@cache
def exponent(currency: str) -> int:
    """Return the number of decimals of a currency: JPY 0, EUR 2, KWD 3; of one that ISO 4217 has no more, as the CLDR counts.

    Refuses an unknown code (BadInput).
    """
    if currency not in get_global("all_currencies"):
        raise BadInput(f"{currency!r} is not an ISO 4217 currency code.", code="unknown_currency")
    return _OF_ISO.get(currency, int(get_currency_precision(currency)))


def check_currency(currency: str, pointer: str) -> None:
    """Refuse (BadInput) what is not the code of a currency in which anything can be sold."""
    if currency in _NO_MONEY or currency not in get_global("all_currencies"):
        raise BadInput(
            f"{currency} is not the code of a currency (ISO 4217).",
            code="unknown_currency",
            pointer=pointer,
        )


def parse_amount(text: str, currency: str, *, allow_negative: bool = False) -> int:
    """Read a decimal string such as "19.95" into minor units; never rounds.

    Refuses (BadInput) anything but plain digits, more decimals than the currency has, negative amounts
    unless allowed, and amounts above 10^15 minor units.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise BadInput(
            f'{text[:40]!r} is not an amount; write digits such as "19.95".', code="invalid_amount"
        )
    sign, whole, fraction = match.groups()
    fraction = fraction or ""
    places = exponent(currency)
    if len(fraction) > places:
        raise BadInput(
            f"{text!r} has more decimals than {currency} allows ({places}).",
            code="too_many_decimals",
        )
    minor: int = int(whole) * 10**places + int((fraction + "0" * places)[:places] or 0)
    if minor > MAX_MINOR:
        raise BadInput(f"{text!r} is larger than an order may cost.", code="amount_too_large")
    if sign and not allow_negative:
        raise BadInput(f"{text!r} is negative.", code="negative_amount")
    return -minor if sign else minor


def format_amount(minor: int, currency: str) -> str:
    """Write minor units as the decimal string of the API: 1995 EUR is "19.95", 1995 JPY is "1995"."""
    places = exponent(currency)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor))
    if places == 0:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def show_amount(amount: Decimal, currency: str, locale: Locale) -> str:
    """Write an amount as people read it in a language, with all decimals of its currency: "€ 19,95"."""
    pattern = copy.copy(locale.currency_formats["standard"])
    pattern.frac_prec = (exponent(currency), exponent(currency))
    return str(pattern.apply(amount, locale, currency=currency, currency_digits=False))


def round_half_away(numerator: int, denominator: int) -> int:
    """Divide and round half away from zero on the absolute value, as VAT on documents is rounded."""
    ensure(denominator > 0, "round_half_away needs a positive denominator")
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -quotient if numerator < 0 else quotient


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` in proportion to `weights` by largest remainder; the parts add up to the total exactly.

    Ties go to the earlier part, so that the same input always gives the same cents. Without any weight the
    first part takes all. `split(1000, [8995, 2085, 2450])` gives `[665, 154, 181]`.
    """
    ensure(all(weight >= 0 for weight in weights), "weights are not negative")
    if not weights:
        ensure(total == 0, "nothing to split over")
        return []
    whole = sum(weights)
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))]
    sign, amount = (-1 if total < 0 else 1), abs(total)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def tax_of(amount: int, rate: Decimal, *, included: bool) -> int:
    """Return the tax in (or on top of) an amount at a rate in percent, rounded half away from zero."""
    parts = int(rate * 1000)  # thousandths of a percent: rates have at most three decimals
    return (
        round_half_away(amount * parts, 100_000 + parts)
        if included
        else round_half_away(amount * parts, 100_000)
    )
