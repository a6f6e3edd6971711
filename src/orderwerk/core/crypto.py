"""Secrets at rest: authenticated encryption with a key outside the database."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from orderwerk.core.errors import BadInput

PREFIX = "enc1:"


def _fernet(secret_key: str) -> Fernet:
    return Fernet(
        base64.urlsafe_b64encode(
            hashlib.sha256(b"orderwerk settings " + secret_key.encode()).digest()
        )
    )


def encrypt(plain: str, secret_key: str) -> str:
    """Return the text encrypted, with the prefix that a CHECK asks for."""
    return PREFIX + _fernet(secret_key).encrypt(plain.encode()).decode()


def decrypt(stored: str, secret_key: str) -> str:
    """Return the plain text; refuses (BadInput) what was encrypted with another key."""
    try:
        return _fernet(secret_key).decrypt(stored.removeprefix(PREFIX).encode()).decode()
    except InvalidToken as error:
        raise BadInput(
            "This secret was stored under another ORDERWERK_SECRET_KEY; enter it again."
        ) from error
