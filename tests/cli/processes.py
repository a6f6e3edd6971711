"""Starts the program as people do, in processes of its own, and looks at them."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "ORDERWERK_DATA_DIR": str(folder)}


def run(folder: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orderwerk", *arguments],
        env=environment(folder, url),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@contextlib.contextmanager
def started(
    folder: Path, url: str, *arguments: str, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "orderwerk", *arguments], env={**environment(folder, url), **more}
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(60)


def is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def wait_for(port: int) -> None:
    # A new installation makes and migrates its database first, on a busy machine for more than a minute.
    until = time.monotonic() + 180
    while not is_ready(port):
        assert time.monotonic() < until, "the web does not come up"
        time.sleep(0.1)


def tree(pid: int) -> list[int]:
    listing = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()]
    found = [pid]
    for parent in found:
        found += [child for child, its_parent in pairs if its_parent == parent]
    return found
