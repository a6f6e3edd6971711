"""Links that customers get: signed, so that nobody finds another order by changing a letter.

A tracking link lasts; it is sent to the customer's own address and shows everything that is theirs. A guest's link is given
to whoever knows number and postal code, ends after a day, and shows less.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing

_TRACK, _GUEST = "orderwerk.track", "orderwerk.guest"
GUEST_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose page a link opens, and whether as the customer or as a guest."""

    order_id: UUID
    is_guest: bool


def _text(order_id: UUID) -> str:
    return base64.urlsafe_b64encode(order_id.bytes).decode().rstrip("=")


def track_token(order_id: UUID) -> str:
    """Return what stands in the address of an order's tracking page."""
    return signing.Signer(sep=".", salt=_TRACK).sign(_text(order_id))


def track_url(order_id: UUID) -> str:
    """Return the whole address of an order's tracking page."""
    return f"{settings.ORDERWERK_BASE_URL}/track/{track_token(order_id)}"


def guest_token(order_id: UUID) -> str:
    """Return a token for whoever knew number and postal code; good for a day."""
    return signing.TimestampSigner(sep=".", salt=_GUEST).sign(_text(order_id))


def read_token(token: str) -> Visit | None:
    """Return what a token opens; None when it is not one of ours or its day is over."""
    try:
        if token.count(".") == 1:
            return Visit(_id(signing.Signer(sep=".", salt=_TRACK).unsign(token)), is_guest=False)
        plain = signing.TimestampSigner(sep=".", salt=_GUEST).unsign(token, max_age=GUEST_FOR)
        return Visit(_id(plain), is_guest=True)
    except (signing.BadSignature, binascii.Error, ValueError):
        return None


def _id(text: str) -> UUID:
    return UUID(bytes=base64.urlsafe_b64decode(text + "=="))
