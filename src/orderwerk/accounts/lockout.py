"""By which name the lock-out counts failed logins: what was typed, in lower case, however it was meant."""

from collections.abc import Mapping

from django.http import HttpRequest


def typed_name(request: HttpRequest | None, credentials: Mapping[str, str] | None) -> str | None:
    """Return the username or e-mail address of a login attempt, or None when there is none.

    The login page asks for either in one field, which reaches the backends under either name.
    """
    given = credentials or {}
    name = given.get("username") or given.get("email")
    if not name and request is not None:
        name = request.POST.get("login")
    return name.strip().lower()[:254] if name else None
