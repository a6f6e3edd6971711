"""What fails before there is a request: a charset that reads no text is refused, anything else is noted and answered."""

import io
import json
import logging
from collections.abc import Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.wsgi import get_wsgi_application

from orderwerk.config.guard import Guard

Environ = dict[str, Any]
BAD = (
    "hex",
    "idna",
    "undefined",
    "utf-7",
    "punycode",
    "utf-16",
    "unicode_escape",
    "raw_unicode_escape",
    "base64",
)


def ask(
    application: Any, path: str, query: str, content_type: str, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    environ: Environ = {
        "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_TYPE": content_type, "REQUEST_METHOD": method,
        "wsgi.input": io.BytesIO(b""),
    }  # fmt: skip
    setup_testing_defaults(environ)
    seen: list[tuple[int, dict[str, str]]] = []
    body = b"".join(Guard(application)(environ, lambda status, headers: seen.append((int(status[:3]), dict(headers)))))  # fmt: skip
    return (*seen[0], body)


@pytest.mark.parametrize("charset", BAD)
def test_a_charset_that_reads_no_text_is_refused(charset: str) -> None:
    application = get_wsgi_application()
    for path, query in (("/returns", "number=%ff"), ("/track/colour.css", "c=1")):
        status, headers, body = ask(application, path, query, f"a/b; charset={charset}")
        assert (status, headers["Content-Type"]) == (400, "text/html; charset=utf-8")
        assert b"400" in body

    status, headers, body = ask(application, "/api/v1/orders", "q=%ff", f"a/b; charset={charset}")

    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    assert json.loads(body)["errors"][0]["code"] == "wrong_charset"


def test_a_parameter_in_a_charset_that_is_none_is_refused() -> None:
    assert ask(get_wsgi_application(), "/returns", "", "a/b; charset*=undefined''%ff")[0] == 400


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "latin-1", "windows-1252", "us-ascii", "no-such"])  # fmt: skip
def test_a_charset_of_text_goes_through(charset: str) -> None:
    def hello(_environ: Environ, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [b"hello"]

    assert ask(hello, "/", "", f"text/plain; charset={charset}") == (200, {}, b"hello")


def test_any_other_failure_is_noted_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_environ: Environ, _start_response: Any) -> Iterable[bytes]:
        raise RuntimeError("far down")

    with caplog.at_level(logging.ERROR):
        page = ask(broken, "/orders/", "", "")
        problem = ask(broken, "/api/v1/orders", "", "")

    assert (page[0], problem[0]) == (500, 500)
    assert b"500" in page[2]
    assert json.loads(problem[2])["errors"][0]["code"] == "internal_error"
    assert "far down" in caplog.text
    assert ask(broken, "/", "", "", "HEAD")[2] == b""
