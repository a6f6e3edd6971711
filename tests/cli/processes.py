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
        timeout=600,
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


def is_ready(port: int, patience: float = 5) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def wait_for(port: int) -> None:
    # A new installation makes and migrates its database first, on a busy machine for more than a minute.
    until = time.monotonic() + 600
    while not is_ready(port):
        assert time.monotonic() < until, "the web does not come up"
        time.sleep(0.1)


def _parents() -> dict[int, int]:
    """Every process and its parent: from the kernel where it shows them, for a bare Debian has no `ps`; else from `ps`."""
    if Path("/proc/self/stat").exists():
        found = {}
        for file in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                # The name of the program stands in brackets and may hold anything.
                found[int(file.parent.name)] = int(file.read_text().rpartition(")")[2].split()[1])
        return found
    listing = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    return {int(pid): int(parent) for pid, parent in map(str.split, listing.splitlines())}


def tree(pid: int) -> list[int]:
    parents = _parents()
    found = [pid]
    for parent in found:
        found += [child for child, its_parent in parents.items() if its_parent == parent]
    return found
