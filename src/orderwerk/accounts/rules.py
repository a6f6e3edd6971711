"""Who may do what: the scopes, the roles, and which scopes each role carries."""

import hashlib
import re
import secrets

from orderwerk.accounts.models import Role

AREAS = ("orders", "stock", "shipping", "billing", "returns", "refunds", "settings")

# Everything that a person's role or a token can be allowed, in the order in which pages list it.
SCOPES = tuple(f"{area}:{verb}" for area in AREAS for verb in ("read", "write"))

# The whole table of rights. A person may what the role says; a token may what its own scopes say.
ROLE_SCOPES: dict[str, frozenset[str]] = {
    Role.OWNER: frozenset(SCOPES),
    Role.CUSTOMER_SERVICE: frozenset({
        "orders:read", "orders:write", "stock:read", "shipping:read", "billing:read",
        "returns:read", "returns:write", "refunds:read",
    }),
    Role.WAREHOUSE: frozenset({
        "orders:read", "stock:read", "stock:write", "shipping:read", "shipping:write",
        "returns:read", "returns:write",
    }),
    Role.FINANCE: frozenset({
        "orders:read", "stock:read", "shipping:read", "billing:read", "billing:write",
        "returns:read", "refunds:read", "refunds:write",
    }),
    Role.READ_ONLY: frozenset({
        "orders:read", "stock:read", "shipping:read", "billing:read", "returns:read", "refunds:read",
    }),
}  # fmt: skip

# What a token looks like. The prefix makes a leaked one easy to find and to recognise.
TOKEN_PREFIX = "owt_"  # noqa: S105 - a label, not a secret
_TOKEN = re.compile(r"owt_[A-Za-z0-9_-]{43}")
_SHOWN_CHARACTERS = 10
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


def role_may(role: str, scope: str) -> bool:
    """Tell whether a role carries a scope."""
    return scope in ROLE_SCOPES.get(role, frozenset())


def is_username(text: str) -> bool:
    """Tell whether a text can be a username: lower case, so that no two people differ by case alone."""
    return _USERNAME.fullmatch(text) is not None


def new_token() -> str:
    """Make a token with 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def is_token(raw: str) -> bool:
    """Tell whether a text has the shape of a token; anything else never reaches the database."""
    return _TOKEN.fullmatch(raw) is not None


def token_hash(raw: str) -> bytes:
    """Return the hash that is stored; plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(raw.encode()).digest()


def token_shown(raw: str) -> str:
    """Return the first characters, by which people recognise a token in a list."""
    return raw[:_SHOWN_CHARACTERS]
