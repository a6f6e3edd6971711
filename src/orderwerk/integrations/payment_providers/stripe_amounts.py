"""Amounts as Stripe counts them: in hundredths of every currency but those that it names (docs.stripe.com/currencies)."""

from orderwerk.core.money import exponent
from orderwerk.payments.ports import Declined

_WHOLE = frozenset({
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip
_THOUSANDTHS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def _places(currency: str) -> int:
    # Of ISK and UGX, too, there are whole ones only, and Stripe goes on counting their hundredths: 500 is 5 krónur.
    if currency in _WHOLE:
        return 0
    return 3 if currency in _THOUSANDTHS else 2


def _scale(currency: str) -> tuple[int, int]:
    """Return what our minor units are multiplied by, and then divided by; one of them is 1."""
    more = _places(currency) - exponent(currency)
    return int(10 ** max(0, more)), int(10 ** max(0, -more))


def to_stripe(minor: int, currency: str) -> int:
    """Return what Stripe is to be asked for; refuses (Declined) what it has no number for. Nothing is rounded."""
    times, over = _scale(currency)
    found, rest = divmod(minor * times, over)
    if rest:
        raise Declined(f"Stripe knows no such small part of {currency}.", retryable=False)
    return found


def from_stripe(amount: int, currency: str) -> int:
    """Return our minor units of what Stripe says; rounded down, so that nothing that came in is counted too high.

    Refuses with BadInput a currency that nobody here knows.
    """
    times, over = _scale(currency.upper())
    return int(amount) * over // times
