"""Who may look at the reference of the API and at the numbers: a token, a login, or this machine itself."""

from ipaddress import ip_address

from django.http import HttpRequest

from orderwerk.accounts.queries import access_for_token

_PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def from_this_machine(request: HttpRequest) -> bool:
    """Tell whether a request comes from loopback, and not through a proxy on behalf of anybody."""
    if any(header in request.META for header in _PROXY_HEADERS):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def may_look(request: HttpRequest) -> bool:
    """Tell whether a caller may see what is about the installation and not about orders."""
    if from_this_machine(request) or request.user.is_authenticated:
        return True
    kind, _, raw = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and access_for_token(raw.strip()) is not None
