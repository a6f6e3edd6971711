"""An installation of its own in a temporary folder: embedded PostgreSQL, web and job workers, outside doubles; killed on purpose."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from bench.intake import free_port
from bench.jobs import family

# Children that die young are started again ever later, half a minute at most; here they die on purpose, and soon again.
_SUPERVISED = (
    "import runpy, sys\n"
    "import orderwerk.config.supervisor as supervisor\n"
    "supervisor._LONGEST_BACKOFF_SECONDS = 0.5\n"
    "sys.argv[0] = 'orderwerk'\n"
    "runpy.run_module('orderwerk', run_name='__main__')\n"
)
KINDS = ("web", "worker", "postgres")
_READY_SECONDS = 600


class Installation:
    """A running installation and its processes."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.port = free_port()
        self.token = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._log = (folder / "server.log").open("ab")

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-c", _SUPERVISED, "serve", "--port", str(self.port), "--web", "2", "--jobs", "2"]  # fmt: skip
        self._process = subprocess.Popen(command, env=self.environment, stdout=self._log, stderr=self._log)  # fmt: skip
        self.wait(_READY_SECONDS)

    def wait(self, most: float) -> float:
        """Wait until it answers; returns how long that took."""
        return wait_until_ready(self.port, most)

    def database_url(self) -> str:
        """Return the superuser's address of its database."""
        account = json.loads((self.data / "postgres.json").read_text())
        return f"postgresql://postgres:{account['superuser_password']}@127.0.0.1:{account['port']}/orderwerk"  # fmt: skip

    @property
    def data(self) -> Path:
        """Where its data lies."""
        return Path(self.environment["ORDERWERK_DATA_DIR"])

    @property
    def cluster(self) -> Path:
        """Where PostgreSQL's files lie."""
        return self.data / "postgres" / "data"

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the program on this installation."""
        return orderwerk(*arguments, environment=self.environment)

    def open_door(self, scopes: Sequence[str]) -> None:
        """Make the token that callers come in with."""
        made = self.run("token", "create", "lab", *(word for scope in scopes for word in ("--scope", scope)))  # fmt: skip
        self.token = made.stdout.strip().split()[-1]

    def kill(self, kind: str) -> int:
        """Kill -9 every process of a kind; returns how many there were."""
        victims = self._of_kind(kind)
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return len(victims)

    def pause(self, kind: str, seconds: float) -> None:
        """Stop the processes of a kind for so long, and let them go on as if nothing had been."""
        victims = self._of_kind(kind)
        for pid in victims:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in victims:
            os.kill(pid, signal.SIGCONT)

    def _of_kind(self, kind: str) -> list[int]:
        assert self._process is not None
        return [pid for pid in family(self._process.pid) if pid != self._process.pid and kind_of(pid) == kind]  # fmt: skip

    @property
    def pid(self) -> int:
        """The supervisor's process."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """Stop it as a user would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(180)
            self._process = None

    def close(self) -> None:
        """Kill what is left."""
        if self._process is not None:
            for pid in reversed(family(self._process.pid)):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            self._process.wait(60)
        self._log.close()


def orderwerk(*arguments: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":  # fmt: skip
    """Run a command of the program, in the environment of this process where none is given."""
    return subprocess.run(
        [sys.executable, "-m", "orderwerk", *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def kind_of(pid: int) -> str:
    """Return of which kind a process of an installation is; empty for one that is gone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    if b"postgres" in words[0]:
        return "postgres"
    if b"work" in words:
        return "worker"
    return "web"


def wait_until_ready(port: int, most: float) -> float:
    """Wait until an installation answers; returns how long that took."""
    began = time.monotonic()
    while time.monotonic() - began < most:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return time.monotonic() - began
        except OSError:
            pass
        except http.client.HTTPException:
            pass
        time.sleep(0.05)
    raise SystemExit(f"the installation on port {port} did not come up within {most} s")


class Reached(Protocol):
    """Where an API answers, and the token that opens it."""

    port: int
    token: str


class Caller:
    """Talks to the API; each thread has a connection of its own for each call, so that none outlives a kill."""

    def __init__(self, place: Reached) -> None:
        self._place = place
        self.told: dict[int | str, int] = {}
        self._lock = threading.Lock()

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """Ask once; an answer that never came is status 0."""
        headers = {"Authorization": f"Bearer {self._place.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        connection = http.client.HTTPConnection("127.0.0.1", self._place.port, timeout=20)
        try:
            connection.request(method, f"/api/v1/{path}", None if body is None else json.dumps(body), headers)  # fmt: skip
            answer = connection.getresponse()
            status, content = answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException, ValueError):
            status, content = 0, None
        finally:
            connection.close()
        with self._lock:
            self.told[status] = self.told.get(status, 0) + 1
        return status, content

    def insist(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """Ask again with the same key until there is an answer that counts, as a careful client does."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            status, content = self.call(method, path, body, key)
            if status not in (0, 409, 429, 502, 503, 504) and status < 500:
                return status, content
            if status == 409 and "in_progress" not in json.dumps(content) and "retry" not in json.dumps(content):  # fmt: skip
                return status, content
            time.sleep(0.1)
        return 0, None

    def do(self, path: str, items: Sequence[Any], key: str) -> list[dict[str, Any]]:
        """Run a bulk command until it is answered; an empty list where it never was."""
        status, content = self.insist("POST", path, {"items": list(items)}, key)
        return content["results"] if status == 200 else []


@contextmanager
def installation(mail_port: int, mollie_url: str, disk: Path | None = None) -> Iterator[Installation]:  # fmt: skip
    """Start an installation that sends its mail and its refunds to these doubles; on a disk of its own where one is given."""
    with tempfile.TemporaryDirectory(prefix="orderwerk-kills-", ignore_cleanup_errors=True) as name:  # fmt: skip
        folder = Path(name)
        folder.chmod(0o755)
        environment = {
            **{k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")},
            "ORDERWERK_DATA_DIR": str((disk or folder) / "data"),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "ORDERWERK_MOLLIE_URL": mollie_url,
        }  # fmt: skip
        place = Installation(folder, environment)
        try:
            place.start()
            yield place
        finally:
            place.close()
