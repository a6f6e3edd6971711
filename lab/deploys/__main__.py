"""Deploys under load: an additive change of the tables, a rolling restart, a change that takes away, another restart.

    python -m lab.deploys [--people 6] [--seconds 5] [--reader 5]

Two machines (`orderwerk serve`, a web and a job worker each) on one database stand behind a door that hands out connections, as
a load balancer does. People place, send, return and are paid back all the while, and somebody reads a big table in a
transaction of `--reader` seconds as each change begins, which every change of a table has to wait for. A machine is taken out
of the door, stopped, started with the next version and let in again, one after the other. Counted at the clients: answers
from 500 on, connections without an answer, the longest time a write took; then the same comparison as of `lab.kills`.
Exit status 1 when anything was found, or a write took longer than `--most` seconds.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.bounds import parsed
from bench.ground import fresh_database
from bench.intake import free_port
from lab.deploys.door import Door
from lab.deploys.versions import versions
from lab.kills.installation import Caller, orderwerk, wait_until_ready
from lab.kills.outside import mail_sink
from lab.kills.people import SCOPES, History, at_work, set_up
from lab.kills.seen import Reach, drain
from lab.kills.telling import tell
from tests.doubles.mollie import MollieDouble
from tests.doubles.wire import serving

_READY_SECONDS = 180


@dataclass(frozen=True)
class Address:
    """Where the door is, and the token that opens it."""

    port: int
    token: str


class Machine:
    """One machine: a port, and the version that runs there."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, source: Path) -> None:
        """Start a version and wait until it answers."""
        command = [sys.executable, "-m", "orderwerk", "serve", "--port", str(self.port), "--web", "1", "--jobs", "1"]  # fmt: skip
        self._process = subprocess.Popen(command, env=_with(source), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        wait_until_ready(self.port, _READY_SECONDS)

    def stop(self) -> None:
        """Stop it as a service manager does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(180)
            self._process = None


def _with(source: Path) -> dict[str, str]:
    # The version's own source comes before this checkout's.
    return {**os.environ, "PYTHONPATH": str(source)}


class Watch(Caller):
    """Asks through the door, and keeps how long writes took."""

    def __init__(self, place: Address) -> None:
        super().__init__(place)
        self.took: list[tuple[float, str]] = []

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """Ask once, with a clock beside it."""
        began = time.monotonic()
        answer = super().call(method, path, body, key)
        if method == "POST":
            self.took.append((time.monotonic() - began, path))
        return answer

    def tell(self, step: str, since: float) -> float:
        """Print how long writes took since the last step, and return the longest of them in seconds."""
        took, self.took = sorted(self.took), []
        middle, (most, path) = took[len(took) // 2][0], took[-1]
        print(f"{step:44s} {time.monotonic() - since:6.1f} s  {len(took):5d} writes, median {middle * 1000:4.0f} ms, longest {most * 1000:5.0f} ms ({path})", flush=True)  # fmt: skip
        return most


@contextmanager
def reading(url: str, seconds: float) -> Iterator[None]:
    """Somebody reads orders for so long in one transaction: every change of the table has to wait for it."""
    begun = threading.Event()

    def read_on() -> None:
        with psycopg.connect(url) as connection:
            connection.execute("select count(*) from orders_order")
            begun.set()
            time.sleep(seconds)

    reader = threading.Thread(target=read_on)
    reader.start()
    begun.wait(30)
    yield
    reader.join()


def main() -> None:
    """Deploy, count, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=5.0, help="between two steps")
    parser.add_argument("--reader", type=float, default=5.0)
    parser.add_argument("--most", type=float, default=2.0)
    options = parsed(parser, minutes=45)
    with mail_sink(0, faults=0) as sink, serving(MollieDouble()) as double, tempfile.TemporaryDirectory(prefix="orderwerk-deploys-") as folder:  # fmt: skip
        os.environ |= {"EMAIL_URL": f"smtp://127.0.0.1:{sink.port}", "ORDERWERK_MOLLIE_URL": double.url}  # fmt: skip
        with fresh_database() as url:
            sys.exit(_deploy(url, versions(Path(folder)), sink, double, options))


def _deploy(url: str, sources: tuple[Path, Path, Path], sink: Any, mollie: Any, options: argparse.Namespace) -> int:  # fmt: skip
    made = _run(sources[0], "token", "create", "lab", *(word for scope in SCOPES for word in ("--scope", scope)))  # fmt: skip
    door, machines = Door(), (Machine(), Machine())
    caller, book = Watch(Address(door.port, made.split()[-1])), History()
    for machine in machines:
        machine.start(sources[0])
        door.let_in(machine.port)
    set_up(caller, mollie)
    with at_work(options.people, caller, mollie, book):
        longest = _steps(url, sources, door, machines, caller, options)
    took = drain(url)
    for machine in machines:
        machine.stop()
    door.close()
    return _tell(url, book, sink, mollie, caller, took) or int(longest > options.most)


def _steps(url: str, sources: tuple[Path, Path, Path], door: Door, machines: tuple[Machine, ...], caller: Watch, options: argparse.Namespace) -> float:  # fmt: skip
    _, more, less = sources
    time.sleep(options.seconds)
    longest = [caller.tell("nothing happens", time.monotonic() - options.seconds)]

    def change(step: str, source: Path) -> None:
        began = time.monotonic()
        with reading(url, options.reader):
            _run(source, "migrate")
        longest.append(caller.tell(step, began))

    def restart(step: str, source: Path) -> None:
        for machine in machines:
            began = time.monotonic()
            door.take_out(machine.port)
            machine.stop()
            machine.start(source)
            door.let_in(machine.port)
            longest.append(caller.tell(step, began))
        time.sleep(options.seconds)

    change("two columns and an index more", more)
    restart("a machine with the next version", more)
    change("the columns less", less)
    restart("a machine with the version after it", less)
    longest.append(caller.tell("nothing happens", time.monotonic() - options.seconds))
    return max(longest)


def _run(source: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "orderwerk", *arguments], env=_with(source), capture_output=True, text=True, check=False)  # fmt: skip
    if done.returncode:
        raise SystemExit(f"orderwerk {arguments[0]}: {done.stderr}")
    return done.stdout


def _tell(url: str, book: History, sink: Any, mollie: Any, caller: Watch, took: float) -> int:
    broken = {status: n for status, n in caller.told.items() if status == 0 or int(status) >= 500}
    print(f"answers: {dict(sorted(caller.told.items()))}; from 500 on or none: {broken or 0}")
    return int(bool(tell(Reach(url, orderwerk), sink, mollie, book, took) or broken))


if __name__ == "__main__":
    main()
