"""By which name the lock-out counts failed logins: the person's own, whichever of their names was typed."""

from collections.abc import Mapping

from django.http import HttpRequest

from orderwerk.accounts.models import User


def typed_name(request: HttpRequest | None, credentials: Mapping[str, str] | None) -> str | None:
    """Return the username of a login attempt, or what was typed where that is nobody's; None when nothing was.

    The login page asks for username or e-mail address in one field, which reaches the backends under either name: a person's
    two names are one, or each would have guesses of its own.
    """
    given = credentials or {}
    name = given.get("username") or given.get("email")
    if not name and request is not None:
        name = request.POST.get("login")
    if not name:
        return None
    typed = name.strip().lower()[:254]
    if "@" not in typed or "\0" in typed:
        return typed
    known = User.objects.filter(email__iexact=typed).values_list("username", flat=True).first()
    return known or typed
