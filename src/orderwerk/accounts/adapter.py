"""How django-allauth behaves here: nobody signs up, nobody learns who exists, a new password ends old sessions."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from typing_extensions import override

from orderwerk.accounts.commands.set_password import NewPassword, set_passwords
from orderwerk.accounts.models import User
from orderwerk.accounts.queries import actor_for_user
from orderwerk.core.errors import Refusal


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
