"""Money is exact: what goes in comes out, to the last minor unit, in currencies of 0, 2 and 3 decimals."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from babel.core import Locale, get_global
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from orderwerk.core.errors import BadInput
from orderwerk.core.money import (
    exponent,
    format_amount,
    parse_amount,
    round_half_away,
    show_amount,
    split,
    tax_of,
)

CURRENCIES = st.sampled_from(["EUR", "GBP", "JPY", "KWD"])


def test_they_are_those_of_iso_4217() -> None:
    known = get_global("all_currencies")
    registry = {one.code: one.exponent for one in Currency if one.code in known and one.exponent is not None}  # fmt: skip

    assert {code: exponent(code) for code in registry} == registry
    assert len(registry) > 150


@pytest.mark.parametrize("language", ["nl", "en_GB", "de", "fr"])
def test_people_read_all_decimals_of_a_currency(language: str) -> None:
    locale = Locale.parse(language)
    for code in ("EUR", "GBP", "JPY", "KWD", "USD"):
        for amount in (Decimal("1234567.89"), Decimal("-0.5"), Decimal(0)):
            assert show_amount(amount, code, locale) == format_currency(amount, code, locale=locale)

    assert show_amount(Decimal("1299.50"), "RSD", Locale("nl")) == "RSD\u00a01.299,50"
    assert show_amount(Decimal("1.250"), "IQD", Locale("en")) == "IQD1.250"


@pytest.mark.parametrize(
    ("currency", "places"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("RSD", 2), ("IQD", 3), ("ITL", 0)]
)
def test_a_currency_has_its_own_decimals(currency: str, places: int) -> None:
    assert exponent(currency) == places


@given(CURRENCIES, st.integers(-(10**12), 10**12))
def test_what_is_written_is_read_back(currency: str, minor: int) -> None:
    assert parse_amount(format_amount(minor, currency), currency, allow_negative=True) == minor


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("0.005", "EUR", "too_many_decimals"),
        ("1.5", "JPY", "too_many_decimals"),
        ("0.0005", "KWD", "too_many_decimals"),
        ("-1.00", "EUR", "negative_amount"),
        ("1e3", "EUR", "invalid_amount"),
        ("NaN", "EUR", "invalid_amount"),
        ("\u0661", "EUR", "invalid_amount"),
        ("", "EUR", "invalid_amount"),
        ("9999999999999.99", "KWD", "amount_too_large"),
        ("1.00", "XXQ", "unknown_currency"),
    ],
)
def test_an_amount_that_is_none_is_refused(text: str, currency: str, code: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_amount(text, currency)

    assert refusal.value.code == code


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_parts_add_up_and_stay_within_one_of_their_share(total: int, weights: list[int]) -> None:
    parts = split(total, weights)

    assert sum(parts) == total
    if sum(weights):
        assert all(
            abs(part * sum(weights) - total * weight) < sum(weights)
            for part, weight in zip(parts, weights, strict=True)
        )


def test_the_remainder_goes_where_it_is_largest() -> None:
    assert split(1000, [8995, 2085, 2450]) == [665, 154, 181]


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_rounding_is_half_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Decimal(abs(numerator)) / Decimal(denominator)
    expected = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))

    assert abs(round_half_away(numerator, denominator)) == expected


@pytest.mark.parametrize(
    ("amount", "rate", "included", "tax"),
    [(12100, "21", True, 2100), (10000, "21", False, 2100), (100, "8.875", False, 9)],
)
def test_tax(amount: int, rate: str, included: bool, tax: int) -> None:
    assert tax_of(amount, Decimal(rate), included=included) == tax


def test_nothing_is_split_over_nobody_and_something_is_not() -> None:
    assert split(0, []) == []
    with pytest.raises(AssertionError, match="nothing to split over"):
        split(1, [])
