"""A small HTTP server on loopback for doubles, with faults on command: what goes wrong, and on which side of the effect."""

import gzip
import itertools
import json
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

# What can go wrong. "before": nothing has happened yet; "after": it has, and nobody hears of it.
FAULTS = (
    "hang_before", "hang_after", "500_before", "500_after", "cut_before", "cut_after", "garbage_before", "garbage_after",
    "429", "slow",
)  # fmt: skip
MOVES_MONEY = frozenset(
    {"hang_after", "408_after", "500_after", "cut_after", "garbage_after", "slow"}
)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, once, at the next request of an operation ("" is any)."""

    kind: str
    on: str = ""


@dataclass
class Request:
    """What arrived."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode())

    def value(self, name: str, default: str = "") -> str:
        return dict(self.query).get(name, default)


@dataclass
class Reply:
    """What is answered."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Double:
    """The frame of a double: faults, a log of calls, idempotency keys, and a lock around its state."""

    kind = "application/json"
    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.faults: deque[Fault] = deque()
        self.calls: list[tuple[str, str]] = []
        # What was asked and what was answered to it, where nothing went wrong on the way.
        self.exchanged: list[tuple[Request, Reply]] = []
        self.keys: dict[str, tuple[bytes, Reply]] = {}
        self.hanging = threading.Event()
        self.slow_seconds = 0.05
        self.url = ""
        self.key = ""

    def fail(self, *faults: str, on: str = "") -> None:
        """Let the next requests (of an operation) go wrong, one fault each."""
        with self.lock:
            self.faults.extend(Fault(fault, on) for fault in faults)

    def calm(self) -> None:
        """Forget the faults that have not happened."""
        with self.lock:
            self.faults.clear()

    def take_fault(self, operation: str) -> str:
        with self.lock:
            for fault in self.faults:
                if fault.on in ("", operation):
                    self.faults.remove(fault)
                    return fault.kind
        return ""

    def count(self, operation: str) -> int:
        return sum(1 for name, _ in self.calls if name == operation)

    def operation(self, request: Request) -> str:
        raise NotImplementedError

    def answer(self, request: Request) -> Reply:
        """Find the route of a request; the last part of the pattern's groups names the object."""
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return self.unauthorized()
        for method, pattern, run in self.routes():
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                return run(request, *match.groups())
        return self.not_found()

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        raise NotImplementedError

    def unauthorized(self) -> Reply:
        raise NotImplementedError

    def not_found(self) -> Reply:
        raise NotImplementedError

    def refuse_key(self) -> Reply:
        raise NotImplementedError

    def once(self, request: Request, run: Callable[[], Reply]) -> Reply:
        """The same key and body answer the same again; another body is refused. Called with the lock held."""
        key = request.headers.get("idempotency-key", "")
        if not key:
            return run()
        if key in self.keys:
            body, reply = self.keys[key]
            if body != request.body:
                return self.refuse_key()
            return Reply(reply.status, reply.body, {**reply.headers, "Idempotent-Replayed": "true"})
        reply = run()
        self.keys[key] = (request.body, reply)
        return reply

    @classmethod
    def count_from(cls, number: int) -> None:
        """Give ids from this number on: a provider that was stopped goes on where it was."""
        cls._numbers = itertools.count(number)

    def forget_keys(self) -> None:
        """Let the time pass after which the provider remembers no keys."""
        with self.lock:
            self.keys.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: Double

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
        pass

    def _run(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(
            self.command, parts.path, parse_qsl(parts.query, keep_blank_values=True), headers, body
        )
        double = self.double
        operation = double.operation(request)
        fault = double.take_fault(operation)
        with double.lock:
            double.calls.append((operation, fault))
        if fault in {"429", "400"} or fault.endswith("_before"):
            self._misbehave(fault)
            return
        if fault == "slow":
            double.hanging.wait(double.slow_seconds)
        with double.lock:
            reply = double.answer(request)
        if fault and fault != "slow":
            self._misbehave(fault)
            return
        double.exchanged.append((request, reply))
        self._send(reply.status, json.dumps(reply.body).encode(), reply.headers)

    do_GET = do_POST = do_DELETE = do_PATCH = _run  # noqa: N815 - the base class's names

    def _misbehave(self, fault: str) -> None:
        word = fault.split("_", maxsplit=1)[0]
        if word == "hang":
            self.double.hanging.wait(30)
            self.close_connection = True
        elif word == "500":
            self._send(503, b'{"status": 503, "title": "Service Unavailable", "detail": "x"}', {})
        elif word == "cut":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif word == "429":
            self._send(429, b'{"status": 429, "title": "Too Many Requests", "detail": "x"}', {"Retry-After": "1"})  # fmt: skip
        elif word in {"400", "408", "410"}:
            words = {"status": int(word), "title": "No", "detail": "x"}
            kind = {"type": "invalid_request_error", "message": "x"}
            self._send(int(word), json.dumps({**words, "error": kind}).encode(), {})
        else:
            self._send(200, b'{"id": "nonsense", "amount', {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        content = b"" if status == 204 else body
        self.send_response(status)
        self.send_header("Content-Type", self.double.kind)
        # As the world answers: packed, where the caller takes that.
        if content and "gzip" in self.headers.get("Accept-Encoding", ""):
            content = gzip.compress(content, compresslevel=1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A caller that gave up has closed its side; that is what the faults are for.
        pass


@contextmanager
def serving(double: Double, port: int = 0) -> Iterator[Double]:
    """Run a double on loopback."""
    handler = type("Handler", (_Handler,), {"double": double})
    server = _Server(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield double
    finally:
        double.hanging.set()
        server.shutdown()
        server.server_close()
        thread.join()
