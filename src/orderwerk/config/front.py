"""The door of the web: takes requests in on an event loop, bodies whole, and hands them to threads that never wait for a peer.

A thread that reads a body waits for whoever sends it, and a few dozen clients that send slowly would hold all of them
(OWASP ASVS 15.2.2). Here a slow body costs some memory until its time is up, and nobody else notices.
"""

import asyncio
import io
import logging
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_log = logging.getLogger(__name__)

# A body that is larger than the application takes is left to it unread: it refuses by the length alone.
MOST_BODY = 21 * 1024 * 1024
# Bodies in the making, of all requests of one worker together.
MOST_HELD = 192 * 1024 * 1024
PATIENCE = 20.0
SLOWEST_BYTES_A_SECOND = 50_000
_SEND_PATIENCE = 60.0
# An answer of a known length up to this is sent in one piece, also when the application makes it in many.
_ONE_PIECE = 2 * 1024 * 1024

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Answer = tuple[int, list[tuple[str, str]], bytes]


class Front:
    """An RSGI application around a WSGI one."""

    def __init__(
        self, application: Application, *, threads: int, patience: float = PATIENCE
    ) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._patience = patience
        self._held = 0

    async def __rsgi__(self, scope: Any, proto: Any) -> None:  # noqa: ANN401 - granian's objects have no types
        """Answer one request."""
        if scope.proto != "http":
            return
        try:
            body, taken = await self._read(scope, proto)
        except TimeoutError:
            proto.response_bytes(*_refusal(408, "The body did not arrive in time."))
            return
        except OverflowError:
            proto.response_bytes(*_refusal(503, "Too many bodies arrive at once; try again."))
            return
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(
                self._pool, self._run, _environ(scope, body), proto, loop
            )
        finally:
            self._held -= taken
        if answer is not None:
            proto.response_bytes(*answer)

    async def _read(self, scope: Any, proto: Any) -> tuple[bytes, int]:  # noqa: ANN401 - granian's objects
        """Return the body and how many bytes of it count as held; raises TimeoutError or OverflowError."""
        length = scope.headers.get("content-length") or ""
        size = int(length) if length.isdecimal() and len(length) < 12 else 0
        is_chunked = scope.headers.get("transfer-encoding") is not None
        if (not size and not is_chunked) or size > MOST_BODY:
            return b"", 0
        parts: list[bytes] = []
        taken = 0
        try:
            async with asyncio.timeout(self._patience + size / SLOWEST_BYTES_A_SECOND):
                async for part in proto:
                    parts.append(bytes(part))
                    taken += len(part)
                    self._hold(len(part))
                    if taken > MOST_BODY:
                        break
        except BaseException:
            self._held -= taken
            raise
        return b"".join(parts), taken

    def _hold(self, size: int) -> None:
        self._held += size
        if self._held > MOST_HELD:
            raise OverflowError

    def _run(self, environ: Environ, proto: Any, loop: asyncio.AbstractEventLoop) -> Answer | None:  # noqa: ANN401 - granian's objects
        """Run the application on this thread; what comes in many pieces is sent from here, piece by piece."""
        begun: list[tuple[int, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:  # noqa: ANN401 - PEP 3333
            begun.append((int(status[:3]), headers))

        result = self._application(environ, start_response)
        try:
            if not getattr(result, "streaming", False) or _is_short(begun[-1][1] if begun else []):
                return (*begun[-1], b"".join(result))
            stream = proto.response_stream(*begun[-1])
            for piece in result:
                sent = asyncio.run_coroutine_threadsafe(_send(stream, piece), loop)
                sent.result(_SEND_PATIENCE)
        except TimeoutError:
            _log.info("a client stopped reading %s", environ["PATH_INFO"])
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        return None


def _is_short(headers: list[tuple[str, str]]) -> bool:
    lengths = [value for name, value in headers if name.lower() == "content-length"]
    return bool(lengths) and int(lengths[0]) <= _ONE_PIECE


async def _send(stream: Any, piece: bytes) -> None:  # noqa: ANN401 - granian's objects
    await stream.send_bytes(bytes(piece))


def _refusal(status: int, sentence: str) -> Answer:
    headers = [("content-type", "text/plain; charset=utf-8"), ("connection", "close")]
    return status, [*headers, ("retry-after", "5")], f"{sentence}\n".encode()


def _environ(scope: Any, body: bytes) -> Environ:  # noqa: ANN401 - granian's objects
    """Return the request as PEP 3333 wants it: text is bytes read as Latin-1."""
    server, _, port = scope.server.rpartition(":")
    client, _, client_port = scope.client.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        # Decoded already: to decode once more would let %2500 in as a NUL.
        "PATH_INFO": _text(scope.path),
        "QUERY_STRING": _text(scope.query_string),
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client.strip("[]"),
        "REMOTE_PORT": client_port,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope.headers.items())
    if scope.authority:
        environ.setdefault("HTTP_HOST", scope.authority)
    return environ


def _add_headers(environ: Environ, headers: Iterable[tuple[str, str]]) -> None:
    for name, value in headers:
        # X_Forwarded_For would pass for X-Forwarded-For, which only a trusted proxy may set.
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        # Headers of one name are one with commas (RFC 9110, 5.3); a cookie's parts are joined by semicolons.
        if key in environ:
            environ[key] += ("; " if key == "HTTP_COOKIE" else ",") + _text(value)
        else:
            environ[key] = _text(value)


def _text(value: str) -> str:
    return value.encode("utf-8", "surrogateescape").decode("latin-1")
