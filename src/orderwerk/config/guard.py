"""The last net around the web application: what fails before Django has a request is answered too, and noted."""

import codecs
import logging
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters
from django.views.defaults import bad_request, server_error

from orderwerk.api.endpoint import Answer, respond
from orderwerk.api.errors import Broken
from orderwerk.config.front import Application, Environ
from orderwerk.core.errors import Malformed, Refusal

_log = logging.getLogger(__name__)
# By Python's names. Of the others some are no text at all (`hex`, `idna`), some read escapes or surrogates out of it.
_CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252"})
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
_Page = Callable[[], HttpResponse]


class Guard:
    """A WSGI application around Django's: a charset that text cannot be read by is a 400, any other failure a 500."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if not _is_readable(environ.get("CONTENT_TYPE", "")):
            refusal = Malformed("This charset is not taken; use UTF-8.", code="wrong_charset")
            return _say(
                environ, start_response, refusal, lambda: bad_request(HttpRequest(), refusal)
            )
        try:
            return self._application(environ, start_response)
        except Exception:  # noqa: BLE001 - the outermost place: whatever it is, somebody waits for an answer
            _log.exception("a request failed before it was one: %s", environ["PATH_INFO"])
            broken = Broken("This is a fault of ours. It has been noted; nothing was changed.")
            return _say(environ, start_response, broken, lambda: server_error(HttpRequest()))


def _say(
    environ: Environ, start_response: Callable[..., Any], refusal: Refusal, page: _Page
) -> Iterable[bytes]:
    is_api = environ["PATH_INFO"].startswith("/api/")
    answer = respond(Answer.refused(refusal), with_body=True) if is_api else page()
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers["Content-Length"] = str(len(answer.content))
    start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.content]


def _is_readable(content_type: str) -> bool:
    try:
        charset = parse_header_parameters(content_type)[1].get("charset", "")
        return not charset or _is_text(charset)
    except (LookupError, ValueError):
        return False


@lru_cache(256)
def _is_text(charset: str) -> bool:
    """Say whether a charset is one in which browsers and programs write to us; an unknown one is left to Django."""
    try:
        return codecs.lookup(charset).name in _CHARSETS
    except LookupError:
        return True
