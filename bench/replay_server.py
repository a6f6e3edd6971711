"""The running installation that a replay works against: its processes, and orders sent to its API."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_PORT = _free_port()
_BODY_ITEMS = 100


class server:  # noqa: N801 - reads as a with statement
    """`orderwerk serve` on the measurement's database: one web process, one job worker."""

    def __init__(self, url: str) -> None:
        self._environment = {**os.environ, "DATABASE_URL": url}

    def __enter__(self) -> "subprocess.Popen[bytes]":
        command = (
            sys.executable, "-m", "orderwerk", "serve", "--port", str(_PORT), "--web", "1", "--jobs", "1",
        )  # fmt: skip
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            command, env=self._environment, stdout=self._log, stderr=self._log
        )
        until = time.monotonic() + 180
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{_PORT}/readyz", timeout=2)
            except OSError:
                time.sleep(0.3)
            else:
                return self._process
        self.__exit__()
        raise SystemExit("the server did not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(60)


def post(parts: list[Any], token: str) -> Counter[str]:
    """Send orders in bulk bodies; returns what became of their lines."""
    taken: Counter[str] = Counter()
    for start in range(0, len(parts), _BODY_ITEMS):
        batch = parts[start : start + _BODY_ITEMS]
        body = msgspec.json.encode({"items": [_plain(part.item) for part in batch]})
        request = urllib.request.Request(
            f"http://127.0.0.1:{_PORT}/api/v1/orders/create",
            data=body,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        try:
            # Our own server, started above.
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                results = msgspec.json.decode(answer.read())["results"]
        except urllib.error.HTTPError as error:
            raise SystemExit(f"the API answered {error.code}: {error.read().decode()}") from error
        for part, result in zip(batch, results, strict=True):
            code = (
                "accepted" if result["ok"] else f"refused: {result['error']['errors'][0]['code']}"
            )
            taken[code] += len(part.lines)
    return taken


def ask(path: str, body: bytes, token: str, key: str) -> Any:
    """Post to the API of the running installation and return what it answers."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}  # fmt: skip
    request = urllib.request.Request(f"http://127.0.0.1:{_PORT}/api/v1/{path}", data=body, headers=headers)  # fmt: skip
    try:
        # Our own server, started above.
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            return msgspec.json.decode(answer.read())
    except urllib.error.HTTPError as error:
        raise SystemExit(f"the API answered {error.code}: {error.read().decode()}") from error


def _plain(document: Any) -> Any:
    return {k: v for k, v in msgspec.to_builtins(document).items() if v is not None}


def family(pid: int) -> Iterator[tuple[str, int]]:
    """Name the processes that work: this one and the server's."""
    yield "this program", os.getpid()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for number, child in enumerate([str(pid), *children]):
        yield f"server process {number}", int(child)
