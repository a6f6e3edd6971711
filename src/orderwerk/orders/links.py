"""Links that customers get: signed, so that nobody finds another order by changing a letter.

A tracking link is sent to the customer's own address and shows everything that is theirs. It ends after a year, and when the order
gets another e-mail address, so that a letter that went astray opens nothing any more. A guest's link is given to whoever knows
number and postal code, ends after a day, and shows less. Whoever received an order as a gift gets links of their own, which open
nothing but what they send back.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing

GOOD_FOR = timedelta(days=366)
GUEST_FOR = timedelta(days=1)
_GUEST_SIGN = "~"


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose page a link claims to open, and whether as the customer or as a guest; see `is_genuine`."""

    order_id: UUID
    is_guest: bool
    token: str

    def is_genuine(self, email: str | None) -> bool:
        """Tell whether we gave the link out, for the order's present e-mail address, and its time is not over."""
        good_for = GUEST_FOR if self.is_guest else GOOD_FOR
        try:
            _signer(is_guest=self.is_guest, email=email).unsign(self.token, max_age=good_for)
        except signing.BadSignature:
            return False
        return True


def _signer(*, is_guest: bool, email: str | None) -> signing.TimestampSigner:
    salt = "orderwerk.guest" if is_guest else f"orderwerk.track {email or ''}"
    return signing.TimestampSigner(sep=".", salt=salt)


def _text(order_id: UUID) -> str:
    return base64.urlsafe_b64encode(order_id.bytes).decode().rstrip("=")


def track_token(order_id: UUID, email: str | None) -> str:
    """Return what stands in the address of an order's tracking page."""
    return _signer(is_guest=False, email=email).sign(_text(order_id))


def track_url(order_id: UUID, email: str | None) -> str:
    """Return the whole address of an order's tracking page."""
    return f"{settings.ORDERWERK_BASE_URL}/track/{track_token(order_id, email)}"


def substitute_url(order_id: UUID, email: str | None, substitution_id: UUID) -> str:
    """Return the whole address of the page that asks a customer about a substitute."""
    return f"{track_url(order_id, email)}/substitutes/{substitution_id}"


def guest_token(order_id: UUID) -> str:
    """Return a token for whoever knew number and postal code; good for a day."""
    return _signer(is_guest=True, email=None).sign(f"{_text(order_id)}{_GUEST_SIGN}")


def gift_token(order_id: UUID) -> str:
    """Return a token for whoever received an order as a gift and knew number and postal code; good for a day."""
    return _gift_signer().sign(_text(order_id))


def gift_order(token: str) -> UUID | None:
    """Return the order that a gift's token opens for sending back; None when it opens nothing, or its time is over."""
    try:
        return _uuid(_gift_signer().unsign(token, max_age=GUEST_FOR))
    except (signing.BadSignature, binascii.Error, ValueError):
        return None


def _gift_signer(email: str = "") -> signing.TimestampSigner:
    return signing.TimestampSigner(sep=".", salt=f"orderwerk.gift {email}")


def gift_return_token(request_id: UUID, email: str) -> str:
    """Return what stands in the address of the page of a gift's return; it goes to whoever received the gift."""
    return _gift_signer(email).sign(_text(request_id))


def gift_return_url(request_id: UUID, email: str) -> str:
    """Return the whole address of the page of a gift's return."""
    return f"{settings.ORDERWERK_BASE_URL}/gift/returns/{gift_return_token(request_id, email)}"


def claimed_gift_return(token: str) -> UUID | None:
    """Return whose page a gift's link claims to open; see `is_gift_link`."""
    try:
        return _uuid(token.split(".", 1)[0])
    except (binascii.Error, ValueError):
        return None


def is_gift_link(token: str, email: str) -> bool:
    """Tell whether we gave the link out, to this address, and its time is not over."""
    try:
        _gift_signer(email).unsign(token, max_age=GOOD_FOR)
    except signing.BadSignature:
        return False
    return True


def _uuid(text: str) -> UUID:
    return UUID(bytes=base64.urlsafe_b64decode(text + "=="))


def read_token(token: str) -> Visit | None:
    """Return what a token claims; None when it is not shaped like one of ours."""
    text = token.split(".", 1)[0]
    try:
        plain = base64.urlsafe_b64decode(text.removesuffix(_GUEST_SIGN) + "==")
        return Visit(UUID(bytes=plain), text.endswith(_GUEST_SIGN), token)
    except (binascii.Error, ValueError):
        return None
