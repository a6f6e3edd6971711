"""What holds for every request of a person: the language and the length of a session."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from orderwerk.core import clock

# A session ends this long after the login, however busy; and after SESSION_COOKIE_AGE without a request.
LONGEST_SESSION = timedelta(hours=14)
_NOTED_EVERY = timedelta(minutes=5)


class NowMiddleware:
    """Says with each answer how our clock stands (`X-Orderwerk-Now`, milliseconds): devices measure theirs by it.

    The header `Date` is another's wherever a proxy stands in between.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then look at the clock."""
        answer = self.get_response(request)
        answer["X-Orderwerk-Now"] = str(int(clock.now().timestamp() * 1000))
        return answer


class PersonMiddleware:
    """Ends sessions that are too old or were idle too long, and speaks the person's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Check the session before the view and choose the language for it."""
        if request.user.is_authenticated:
            self._check_age(request)
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)

    def _check_age(self, request: HttpRequest) -> None:
        now = int(clock.now().timestamp())
        started = request.session.get("started_at")
        seen = request.session.get("seen_at")
        if started is None or seen is None:
            request.session["started_at"] = request.session["seen_at"] = now
        elif (
            now - started > LONGEST_SESSION.total_seconds()
            or now - seen > settings.SESSION_COOKIE_AGE
        ):
            logout(request)
        elif now - seen > _NOTED_EVERY.total_seconds():
            # Not on every request: saving a session is a write.
            request.session["seen_at"] = now
