"""The door of the web: slow senders hold up nobody, and what the application sees is what was sent."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest

pytestmark = pytest.mark.slow
PROGRAM = """
import json, sys
from granian.constants import Interfaces
from granian.server import Server
from orderwerk.config.front import Front

class Pieces(list):
    streaming = True

def application(environ, start_response):
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/many":
        start_response("200 OK", [("content-type", "text/plain")])
        return Pieces([b"x" * 1000] * 500)
    seen = {k: v for k, v in environ.items() if isinstance(v, str)} | {"body": len(body)}
    start_response("201 Created", [("content-type", "application/json"), ("x-a", "1"), ("x-a", "2")])
    return [json.dumps(seen).encode()]

front = Front(application, threads=2, patience=5)
if __name__ == "__main__":
    Server("door:front", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.RSGI, websockets=False,
           log_enabled=False).serve()
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("door")
    (folder / "door.py").write_text(PROGRAM)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, "door.py", str(number)], cwd=folder)
    try:
        until = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", number), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield number
    finally:
        process.terminate()
        process.wait(60)


def ask(
    port: int, method: str, path: str, body: bytes | None = None, **headers: str
) -> dict[str, object]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        assert response.status == 201
        found: dict[str, object] = json.loads(response.read())
        return found


def test_the_application_sees_what_was_sent(port: int) -> None:
    seen = ask(
        port, "POST", "/a%20b/%2500?q=%C3%A9&y=a+b", b"12345", Content_Type="text/x", X_One="1"
    )

    assert (seen["REQUEST_METHOD"], seen["PATH_INFO"], seen["QUERY_STRING"]) == (
        "POST",
        "/a b/%00",
        "q=%C3%A9&y=a+b",
    )
    assert (seen["body"], seen["CONTENT_LENGTH"], seen["CONTENT_TYPE"]) == (5, "5", "text/x")
    assert (seen["HTTP_X_ONE"], seen["HTTP_HOST"]) == ("1", f"127.0.0.1:{port}")
    assert (seen["REMOTE_ADDR"], seen["wsgi.url_scheme"]) == ("127.0.0.1", "http")


def test_a_header_with_an_underscore_passes_for_none_with_a_dash(port: int) -> None:
    peer = socket.create_connection(("127.0.0.1", port), timeout=60)
    peer.sendall(
        b"GET / HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: 6.6.6.6\r\nCookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n\r\n"
    )
    with peer, peer.makefile("rb") as stream:
        answer = stream.read()

    assert b"6.6.6.6" not in answer
    assert b'"HTTP_COOKIE": "a=1; b=2"' in answer
    assert answer.lower().count(b"x-a: ") == 2


def test_slow_bodies_hold_up_nobody_and_are_sent_away(port: int) -> None:
    slow = []
    for _ in range(40):
        peer = socket.create_connection(("127.0.0.1", port), timeout=60)
        peer.sendall(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
        slow.append(peer)

    started = time.monotonic()
    assert ask(port, "POST", "/quick", b"x" * 100)["body"] == 100
    quick = time.monotonic() - started
    answers = [peer.recv(200) for peer in slow]
    for peer in slow:
        peer.close()

    # Two threads that waited for each of forty slow bodies would need a hundred seconds.
    assert quick < 20
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers)


def test_a_body_in_chunks_and_a_large_one_arrive_whole(port: int) -> None:
    pieces = iter([b"a" * 100_000] * 30)
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        sent = {"Transfer-Encoding": "chunked"}
        connection.request("POST", "/chunks", pieces, encode_chunked=True, headers=sent)

        assert json.loads(connection.getresponse().read())["body"] == 3_000_000
    assert ask(port, "POST", "/large", b"x" * 20_000_000)["body"] == 20_000_000


def test_an_answer_in_many_pieces_arrives_whole_and_a_reader_that_leaves_harms_nobody(
    port: int,
) -> None:
    for _ in range(4):
        peer = socket.create_connection(("127.0.0.1", port), timeout=60)
        peer.sendall(b"GET /many HTTP/1.1\r\nHost: a\r\n\r\n")
        peer.close()
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", "/many")

        assert len(connection.getresponse().read()) == 500_000


def test_pages_and_commands_are_there_before_the_first_request() -> None:
    loaded = "import sys, orderwerk.config.wsgi; print('orderwerk.api.commands' in sys.modules, 'orderwerk.console.views' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)  # fmt: skip

    assert done.stdout.split() == ["True", "True"]
