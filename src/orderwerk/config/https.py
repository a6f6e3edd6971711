"""Holds browsers to https when the installation's own address is one: in every answer, and in the names of cookies."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest, HttpResponse

_HEADER = "Strict-Transport-Security"


class HttpsMiddleware:
    """Sends the header also where no proxy was named that could say that a request came by https.

    Django's own sends it only on requests that it knows to be such; over plain http browsers ignore it (RFC 6797, 8.1).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the header to the answer."""
        answer = self.get_response(request)
        if settings.SECURE_HSTS_SECONDS:
            answer.headers.setdefault(_HEADER, f"max-age={settings.SECURE_HSTS_SECONDS}")
        return answer


class MessageCookie(CookieStorage):
    """What is told on the next page, in a cookie that no other host of the domain can set (OWASP ASVS 3.3.1)."""

    cookie_name = f"{'__Host-' if settings.SESSION_COOKIE_SECURE else ''}orderwerk-messages"


class MessageStorage(FallbackStorage):
    """In the cookie while it is short, in the session otherwise."""

    storage_classes = (MessageCookie, SessionStorage)
