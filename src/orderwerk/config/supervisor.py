"""Runs the whole installation as one foreground process tree and keeps it running until it is told to stop."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from orderwerk.config.collected import up_to_date
from orderwerk.config.database import kept_cluster
from orderwerk.config.env import Env
from orderwerk.config.postgres import Cluster
from orderwerk.config.schema_mark import is_current

_LOOK_EVERY_SECONDS = 0.2
_LONGEST_BACKOFF_SECONDS = 30.0
_HEALTHY_AFTER_SECONDS = 60.0
_WEB_PATIENCE_SECONDS = 40.0
_WORKER_PATIENCE_SECONDS = 120.0

Say = Callable[[str], None]


class StartFailed(Exception):
    """The installation could not be started; the sentence says what to do next."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How much of what to run, and where it listens; no web workers means job workers alone."""

    host: str
    port: int
    web: int
    jobs: int


@dataclass
class Child:
    """One child process with the right to be restarted, a little later each time it dies young."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    module: str = "orderwerk"
    process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _backoff: float = 0.5
    _not_before: float = field(default=0.0)

    def start(self) -> None:
        """Start the process in a session of its own: a Ctrl-C reaches us alone, and we stop it in order."""
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module, *self.arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def look_after(self, say: Say) -> None:
        """Restart the process when it died, unless it is too early to try again."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            if now - self._started > _HEALTHY_AFTER_SECONDS:
                self._backoff = 0.5
            say(f"{self.name} ended with {code}; it is started again in {self._backoff:.1f} s.")
            self._not_before = now + self._backoff
            self._backoff = min(self._backoff * 2, _LONGEST_BACKOFF_SECONDS)
            self.process = None
        if now >= self._not_before:
            self.start()

    def ask_to_stop(self) -> None:
        """Ask the process to finish what it is doing and leave."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for the process to leave; after the given moment it is made to."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _stop_all(children: list[Child], patience: float) -> None:
    until = time.monotonic() + patience
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait(until)


@contextlib.contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Turn SIGINT, SIGTERM and SIGHUP into an event for the length of the block."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Supervisor:
    """Starts database, schema, web and workers in this order, and stops them in the reverse one."""

    def __init__(self, env: Env, layout: Layout, say: Say) -> None:
        self.env = env
        self.layout = layout
        self.say = say
        self.environment = dict(os.environ)
        # What runs beside the installation without being a part of it: the sandbox.
        self.beside: list[Child] = []

    def run(self, prepare: Callable[["Supervisor"], None], ready: Callable[[str], None]) -> None:
        """Run until told to stop. `prepare` runs on the migrated database, `ready` when the web answers."""
        with stop_signals() as stop, contextlib.ExitStack() as stack:
            if self.layout.web and not self.env.plain_static and not up_to_date():
                self.say("Building the console's styles and icons (after a change only) ...")
                self.once("assets")
            cluster = None
            if self.env.database_url is None:
                cluster = stack.enter_context(kept_cluster(self.env))
                # The schema is the owner's; all that serves works as a role that cannot rewrite history.
                self._bring_up_to_date(cluster.account.url())
                self.environment["DATABASE_URL"] = cluster.account.program_url()
            else:
                self._bring_up_to_date(self.env.database_url)
            prepare(self)
            if not stop.is_set():
                self._attend(stop, cluster, ready)

    def _bring_up_to_date(self, address: str) -> None:
        self.environment["DATABASE_URL"] = address
        if not is_current(address):
            self.once("migrate", "--quiet")

    @property
    def database_address(self) -> str:
        """Return the address that the children work with; once the schema is up to date."""
        return self.environment["DATABASE_URL"]

    def once(self, *arguments: str) -> None:
        """Run one command of ours to its end; refuses to go on when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "orderwerk", *arguments],
            env=self.environment, check=False, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        if done.returncode != 0:
            raise StartFailed(
                f"`orderwerk {arguments[0]}` failed: see the message above, correct it and start again."
            )

    def _children(self) -> tuple[list[Child], list[Child]]:
        layout = self.layout
        web = [
            Child(
                "web",
                [
                    "web",
                    "--host",
                    layout.host,
                    "--port",
                    str(layout.port),
                    "--web",
                    str(layout.web),
                ],
                self.environment,
            )
        ]
        workers = [
            Child(f"worker {number}", ["work"], self.environment)
            for number in range(1, layout.jobs + 1)
        ]
        return (web if layout.web else []), workers

    def _attend(
        self, stop: threading.Event, cluster: Cluster | None, ready: Callable[[str], None]
    ) -> None:
        web, workers = self._children()
        try:
            told = not web
            for child in (*web, *workers, *self.beside):
                child.start()
            if told:
                ready("")
            while not stop.wait(_LOOK_EVERY_SECONDS):
                if cluster is not None and not cluster.alive():
                    self.say("The embedded database ended; it is started again.")
                    cluster.start()
                for child in (*web, *workers, *self.beside):
                    child.look_after(self.say)
                if not told and self._answers():
                    told = True
                    ready(self.address)
        finally:
            self.say("Stopping: requests and jobs that run are finished first.")
            _stop_all(self.beside, _WEB_PATIENCE_SECONDS)
            _stop_all(web, _WEB_PATIENCE_SECONDS)
            _stop_all(workers, _WORKER_PATIENCE_SECONDS)

    @property
    def address(self) -> str:
        """Return where people on this machine reach the console."""
        return f"http://{_reachable(self.layout.host)}:{self.layout.port}"

    def _answers(self) -> bool:
        connection = HTTPConnection(_plain(self.layout.host), self.layout.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def _plain(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asked, not bound


def _reachable(host: str) -> str:
    plain = _plain(host)
    return f"[{plain}]" if ":" in plain else plain
