"""How e-mail addresses, phone numbers and postal codes are stored, so that search finds them as people type them."""

import re
from functools import lru_cache

import phonenumbers


def normal_email(email: str | None) -> str | None:
    """Return an e-mail address in lower case (the local part too: no provider in use tells them apart)."""
    return email.strip().lower() if email else None


@lru_cache(maxsize=4096)
def normal_phone(phone: str | None, country: str) -> str | None:
    """Return a phone number in E.164 where it can be understood, else its digits as typed."""
    if not phone or not phone.strip():
        return None
    try:
        parsed = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return phone.strip()
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def normal_postal_code(code: str | None) -> str:
    """Return a postal code in capitals without blanks: 1015 cs becomes 1015CS."""
    return "".join((code or "").split()).upper()


def is_dutch_postal_code(code: str) -> bool:
    """Tell whether a text can be a Dutch postal code: four digits, not 0 first, and two letters, however spaced."""
    return re.fullmatch(r"[1-9][0-9]{3}[A-Z]{2}", normal_postal_code(code), re.ASCII) is not None
