"""The payment providers that can be connected, and what their credentials look like."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A provider: how people call it, what its API key looks like, whether its messages are signed.

    `captures_once`: the first capture of a payment is the last; what it leaves is released.
    """

    title: str
    key: re.Pattern[str]
    key_hint: str
    signs: bool
    captures_once: bool


# The forms are those that the providers' own clients check (mollie-api-python) and document (Stripe).
PROVIDERS = {
    "mollie": Known("Mollie", re.compile(r"(live|test)_[A-Za-z0-9]{10,100}"), "live_… / test_…", signs=False, captures_once=False),
    "stripe": Known("Stripe", re.compile(r"(?:sk|rk)_(live|test)_[A-Za-z0-9]{10,250}"), "sk_live_… / rk_live_…", signs=True, captures_once=True),
}  # fmt: skip


def mode_of(provider: str, key: str) -> str:
    """Return live or test, as the key says; empty when it is no key of this provider."""
    match = PROVIDERS[provider].key.fullmatch(key)
    return match.group(1) if match else ""
