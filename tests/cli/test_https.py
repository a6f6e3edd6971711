"""What an installation behind https tells browsers, and whom it believes that a request came by https: attacks 37 and 42."""

from http.client import HTTPConnection, HTTPMessage
from pathlib import Path

import pytest

from tests.cli.processes import free_port, run, started, wait_for

pytestmark = pytest.mark.slow
BASE = "https://oms.example.org"
PROXY = {"Host": "oms.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}


def ask(
    port: int, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, HTTPMessage, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, {**PROXY, **headers})
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, answer.headers, text


def cookies(headers: HTTPMessage) -> dict[str, str]:
    """The cookies that are set, each with all it says of itself."""
    return {line.split("=")[0]: line for line in headers.get_all("Set-Cookie") or ()}


def test_cookies_and_answers_hold_browsers_to_https(folder: Path, migrated: str) -> None:
    port = free_port()
    made = run(folder, migrated, "user", "create", "anna", "--role", "owner")
    assert made.returncode == 0, made.stderr
    password = made.stdout.rsplit(": ", 1)[1].strip()
    arguments = ("serve", "--port", str(port), "--web", "1", "--jobs", "0")
    more = {"ORDERWERK_BASE_URL": BASE, "ORDERWERK_TRUSTED_PROXY": "127.0.0.1"}
    with started(folder, migrated, *arguments, **more):
        wait_for(port)
        status, page, _ = ask(port, "GET", "/account/login/")
        secret = cookies(page)["__Host-orderwerk-csrf"].split("=")[1].split(";")[0]
        jar = f"__Host-orderwerk-csrf={secret}"
        form = f"csrfmiddlewaretoken={secret}&login=anna&password={password}"
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": BASE, "Cookie": jar}
        came_in, inside, _ = ask(port, "POST", "/account/login/", form, **kind)
        foreign, _, _ = ask(
            port, "POST", "/account/login/", form, **{**kind, "Origin": "https://evil.example"}
        )
        _, api, _ = ask(port, "GET", "/api/v1/orders")
        plain, moved, _ = ask(port, "GET", "/account/login/", **{"X-Forwarded-Proto": "http"})

    assert (status, came_in, foreign) == (200, 302, 403)
    assert plain == 301
    assert moved["Location"] == f"{BASE}/account/login/"
    for headers in (page, inside, api):
        assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    both = cookies(page) | cookies(inside)
    assert both.keys() >= {"__Host-orderwerk-csrf", "__Host-orderwerk-session"}
    for name, line in both.items():
        assert name.startswith("__Host-"), line
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; ")), line
        assert "Domain" not in line


def test_a_peer_that_is_no_proxy_of_ours_is_not_believed(folder: Path, migrated: str) -> None:
    port = free_port()
    arguments = ("serve", "--port", str(port), "--web", "1", "--jobs", "0")
    more = {"ORDERWERK_BASE_URL": BASE, "ORDERWERK_TRUSTED_PROXY": "192.0.2.1"}
    with started(folder, migrated, *arguments, **more):
        wait_for(port)
        claimed, headers, _ = ask(port, "GET", "/account/login/")
        elsewhere, _, text = ask(port, "GET", "/account/login/", Host="evil.example")
        renamed, moved, _ = ask(
            port, "GET", "/account/login/", **{"X-Forwarded-Host": "evil.example"}
        )

    # Not by https, whatever it says: it is sent there.
    assert (claimed, headers["Location"]) == (301, f"{BASE}/account/login/")
    assert (elsewhere, "evil.example" in text) == (400, False)
    assert (renamed, moved["Location"]) == (301, f"{BASE}/account/login/")


def test_https_is_asked_for_also_where_no_proxy_was_named(folder: Path, migrated: str) -> None:
    port = free_port()
    arguments = ("serve", "--port", str(port), "--web", "1", "--jobs", "0")
    with started(folder, migrated, *arguments, ORDERWERK_BASE_URL=BASE):
        wait_for(port)
        status, headers, _ = ask(port, "GET", "/account/login/")

    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Secure" in cookies(headers)["__Host-orderwerk-csrf"]
