"""How django-allauth behaves here: nobody signs up, nobody learns who exists, a new password ends old sessions."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from typing_extensions import override

from orderwerk.accounts.commands.set_password import NewPassword, set_passwords
from orderwerk.accounts.models import User
from orderwerk.accounts.queries import actor_for_user
from orderwerk.core import crypto
from orderwerk.core.errors import Refusal

_HERE = {"name": "Orderwerk", "domain": urlsplit(settings.ORDERWERK_BASE_URL).netloc}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Our answers to allauth's questions."""

    @override
    def is_open_for_signup(self, request: Any) -> bool:
        """Nobody signs up: an owner lets people in."""
        return False

    @override
    def set_password(self, user: User, password: str) -> None:
        """Set a password through our own command, so that it is in the history like every other change."""
        try:
            set_passwords(
                [NewPassword(user_id=user.id, password=password)], actor=actor_for_user(user)
            )[0].require()
        except Refusal as refusal:
            raise ValidationError(refusal.message) from refusal
        user.refresh_from_db(fields=["password"])

    @override
    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a mail at the installation's own address, whatever host the request was sent to."""
        link = urlsplit(super().get_reset_password_from_key_url(key))
        return f"{settings.ORDERWERK_BASE_URL}{link.path}"

    @override
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail that names the program and not the host of the request."""
        super().send_mail(template_prefix, email, {**context, "current_site": _HERE})


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of second factors encrypted, with a key that is not in the database."""

    @override
    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return crypto.encrypt(text, settings.SECRET_KEY)

    @override
    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret as the second factor needs it."""
        return crypto.decrypt(encrypted_text, settings.SECRET_KEY)
