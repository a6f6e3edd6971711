"""The console's doorkeeper: every page names the scope that it needs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from orderwerk.accounts.models import User
from orderwerk.accounts.queries import Access, access_for_user
from orderwerk.core.actor import Actor

_METHODS = ("GET", "HEAD", "POST")
_LONGEST_PATH = 1_500
View = Callable[..., HttpResponseBase]


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in and has been let through by `needs`."""

    access: Access
    user: User

    @property
    def actor(self) -> Actor:
        """The actor on whose behalf commands run."""
        return self.access.actor


def access_of(request: HttpRequest) -> Access | None:
    """Return what the person of this request may do, read once per request; None when nobody is logged in."""
    if not request.user.is_authenticated:
        return None
    found = getattr(request, "access", None)
    if found is None:
        found = access_for_user(request.user)
        request.access = found  # type: ignore[attr-defined]
    return cast("Access", found)


def own_path(address: str) -> str:
    """Return an address if it is a path of this installation, else "": never another host's, nor the name of a view."""
    is_path = address.startswith("/") and len(address) <= _LONGEST_PATH
    return (
        address if is_path and url_has_allowed_host_and_scheme(address, allowed_hosts=None) else ""
    )


def page_below(request: HttpRequest) -> str:
    """Return the path of the page from which htmx asks; "" where it does not, or tells an address that is none."""
    try:
        return own_path(request.htmx.current_url_abs_path or "")  # type: ignore[attr-defined]
    except ValueError:
        return ""


def _to_login(request: HttpRequest) -> HttpResponseBase:
    # A session that ended while a page was open: htmx would look for a part of the page in the login.
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(redirect_to_login(page_below(request) or "/").url)
    return redirect_to_login(request.get_full_path())


def needs(scope: str | None, *, everything: bool = False) -> Callable[[View], View]:
    """Let only people with this scope see a view (None: anybody logged in); others get the login or a 403 page.

    `everything`: nor people who are limited to some shops or locations.

    A name in the address that holds a NUL is the name of nothing: PostgreSQL keeps no such text.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401 - passed on
            # CSRF protection takes TRACE and OPTIONS for harmless, and a view takes what is not POST for GET.
            if request.method not in _METHODS:
                return HttpResponseNotAllowed(_METHODS)
            access = access_of(request)
            if access is None:
                return _to_login(request)
            if scope is not None and not access.may(scope):
                raise PermissionDenied
            if everything and not access.actor.sees_everything:
                raise PermissionDenied
            if any("\0" in value for value in kwargs.values() if isinstance(value, str)):
                raise Http404
            answer = view(request, *args, **kwargs)
            # Nearly every page has somebody's name and address on it: no cache keeps it (OWASP ASVS 14.3.2).
            answer.headers.setdefault("Cache-Control", "private, no-store")
            return answer

        guarded.needs = scope  # type: ignore[attr-defined]
        return guarded

    return wrap
