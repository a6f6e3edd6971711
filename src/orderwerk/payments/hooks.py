"""The addresses at which providers may say that something has changed: unguessable, and nothing of them is stored."""

import base64
import hashlib
import hmac
import re
from uuid import UUID

_MAC_BYTES = 16
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def _mac(account_id: UUID, secret_key: str) -> bytes:
    key = hashlib.sha256(b"orderwerk incoming " + secret_key.encode()).digest()
    return hmac.new(key, account_id.bytes, hashlib.sha256).digest()[:_MAC_BYTES]


def hook_token(account_id: UUID, secret_key: str) -> str:
    """Return the last part of an account's address; whoever knows it may ask us to look again, no more."""
    whole = account_id.bytes + _mac(account_id, secret_key)
    return base64.urlsafe_b64encode(whole).decode().rstrip("=")


def account_of(token: str, secret_key: str) -> UUID | None:
    """Return whose address it is; None for one that we never gave out. Takes the same time for any."""
    if not _TOKEN.fullmatch(token):
        return None
    whole = base64.urlsafe_b64decode(token + "=")
    account_id = UUID(bytes=whole[:16])
    # The whole of it is compared, not its bytes: so another spelling of the same bytes stays out.
    is_ours = hmac.compare_digest(hook_token(account_id, secret_key), token)
    return account_id if is_ours else None
