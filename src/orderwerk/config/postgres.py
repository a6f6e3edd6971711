"""The embedded PostgreSQL: a cluster of our own, run as a direct child, durable, reachable from this machine only."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

from orderwerk.config.pgbin import Binaries, NoPostgres, find_binaries
from orderwerk.config.pguser import Runner, choose_home, choose_runner, reachable

_SUPERUSER = "postgres"
_OWNER = "orderwerk"
_PROGRAM = "orderwerk_app"
_START_SECONDS = 30
_STOP_SECONDS = 30

_CONF = """\
# Written by orderwerk at every start; put changes into a file of your own in this folder.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = {buffers}
max_wal_size = 2GB
wal_compression = on
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
password_encryption = 'scram-sha-256'
log_min_duration_statement = 1000
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
autovacuum = {durable}
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run and where: programs, user, folder, and whether it must survive a power cut."""

    binaries: Binaries
    runner: Runner
    home: Path
    state: Path
    durable: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """How to reach the cluster: its port and its passwords; kept in a file that only we can read."""

    port: int
    superuser_password: str
    owner_password: str
    # Empty in a file of the time before the program had a role of its own.
    program_password: str = ""

    def url(self, database: str = _OWNER) -> str:
        """Return the address for changes of the schema: the database's owner, who is no superuser."""
        return f"postgresql://{_OWNER}:{self.owner_password}@127.0.0.1:{self.port}/{database}"

    def program_url(self, database: str = _OWNER) -> str:
        """Return the address for daily work: a role that owns nothing and cannot rewrite history."""
        return f"postgresql://{_PROGRAM}:{self.program_password}@127.0.0.1:{self.port}/{database}"

    def superuser_url(self) -> str:
        """Return the address for the cluster's own upkeep."""
        return f"postgresql://{_SUPERUSER}:{self.superuser_password}@127.0.0.1:{self.port}/postgres"


def plan_for(data_dir: Path, pg_bin: Path | None = None, pg_user: str | None = None) -> Plan:
    """Decide how the cluster of a data directory is run; refuses with NoPostgres and says what to do."""
    runner = choose_runner(pg_user)
    home = choose_home(data_dir, runner)
    binaries = reachable(find_binaries(pg_bin), runner, home)
    return Plan(binaries, runner, home, data_dir / "postgres.json")


def recorded(state: Path) -> Account | None:
    """Return how to reach the cluster that was made here, running or not; nothing when none was made."""
    if not state.is_file():
        return None
    return Account(**json.loads(state.read_text(encoding="utf-8")))


def _record(state: Path, account: Account) -> None:
    draft = state.with_name(f".{state.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(account), file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(state)


def _free_port(wanted: int = 0) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", wanted))
            return int(probe.getsockname()[1])
    return _free_port()


class Cluster:
    """One embedded cluster and its server process, which is our child and stops when told."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.process: subprocess.Popen[bytes] | None = None
        self._account = recorded(plan.state)

    @property
    def account(self) -> Account:
        """Return how to reach the cluster; only after it was made."""
        if self._account is None:
            raise NoPostgres("The embedded database has not been made yet: run `orderwerk serve`.")
        return self._account

    @property
    def data(self) -> Path:
        """The folder that PostgreSQL itself calls its data directory."""
        return self.plan.home / "data"

    def start(self) -> str:
        """Make the cluster when it is missing, start the server, make roles and database; returns the program's address.

        Repeats the start while a killed predecessor's remains still hold the folder.
        """
        if self._account is None or not (self.data / "PG_VERSION").is_file():
            self._make()
        self._refuse_other_version()
        self._stop_orphan()
        self._choose_port()
        self._configure()
        self._launch()
        self._provide()
        return self.account.program_url()

    def _choose_port(self) -> None:
        """Keep the port of the last start where it is free, else take another one."""
        port = _free_port(self.account.port)
        if port != self.account.port:
            self._account = replace(self.account, port=port)
            _record(self.plan.state, self._account)

    def alive(self) -> bool:
        """Say whether the server process is running."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop the server at once but in order: sessions end, everything is on disk."""
        if self.process is None:
            return
        for number, patience in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 10)):
            if self.process.poll() is None:
                self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
                break
        self.process = None

    def _make(self) -> None:
        plan = self.plan
        if self.data.exists():
            raise NoPostgres(
                f"{self.data} is no database that {plan.state} knows: move it away and start again, or restore a backup."
            )
        self._account = Account(_free_port(), *(secrets.token_urlsafe(24) for _ in range(3)))
        plan.runner.own(plan.home)
        # Made under another name first, so that an interrupted initdb leaves nothing that looks like a cluster.
        draft = plan.home / f"making-{secrets.token_hex(4)}"
        plan.runner.own(draft)
        with tempfile.NamedTemporaryFile("w", suffix=".pw", dir=plan.home) as password:
            password.write(self._account.superuser_password + "\n")
            password.flush()
            if plan.runner.uid is not None and plan.runner.gid is not None:
                os.chown(password.name, plan.runner.uid, plan.runner.gid)
            self._initdb(draft, password.name)
        conf = draft / "conf.d"
        plan.runner.own(conf)
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude_dir = 'conf.d'\n")
        _record(plan.state, self._account)
        draft.rename(self.data)

    def _initdb(self, folder: Path, password_file: str) -> None:
        plan = self.plan
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        locale = builtin if plan.binaries.major >= 17 else ["--locale=C.UTF-8"]
        done = subprocess.run(
            [
                plan.binaries.program("initdb"), "-D", str(folder), "-U", _SUPERUSER, "-E", "UTF8",
                *locale, "--auth=scram-sha-256", "--pwfile", password_file, "--data-checksums",
                *([] if plan.durable else ["--no-sync"]),
            ],
            capture_output=True, text=True, check=False, cwd="/", env=_bare_environment(),
            **plan.runner.switch(),
        )  # fmt: skip
        if done.returncode != 0:
            raise NoPostgres(
                f"The embedded database could not be made in {folder}: {done.stderr.strip()[-600:]} "
                "Correct that and start again, or point DATABASE_URL to another PostgreSQL."
            )

    def _refuse_other_version(self) -> None:
        made_by = int((self.data / "PG_VERSION").read_text(encoding="ascii"))
        if made_by != self.plan.binaries.major:
            raise NoPostgres(
                f"The data in {self.data} belong to PostgreSQL {made_by}, the programs found are {self.plan.binaries.major}: "
                f"set PG_BIN to a PostgreSQL {made_by}, take `orderwerk backup`, and restore it into a new data directory."
            )

    def _configure(self) -> None:
        conf = self.data / "conf.d" / "00-orderwerk.conf"
        conf.write_text(
            _CONF.format(
                buffers="256MB" if self.plan.durable else "128MB",
                # Also for autovacuum: what tests write and roll back would be counted as tables that are empty, and plans
                # made for empty tables take minutes on a demo.
                durable="on" if self.plan.durable else "off",
            ),
            encoding="utf-8",
        )
        conf.chmod(0o644)

    def _stop_orphan(self) -> None:
        """Stop a server whose supervisor was killed; we hold the lock, so nobody else looks after it."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])
            with psycopg.connect(self.account.superuser_url(), connect_timeout=2) as connection:
                row = connection.execute("show data_directory").fetchone()
        except (OSError, ValueError, psycopg.OperationalError):
            return
        if row is None or Path(row[0]) != self.data:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        until = time.monotonic() + _STOP_SECONDS
        while pid_file.exists() and time.monotonic() < until:
            time.sleep(0.05)

    def _launch(self) -> None:
        until = time.monotonic() + _START_SECONDS
        log = self.plan.state.with_name("postgres.log")
        while True:
            self._spawn(log)
            if self._answers(until):
                return
            self.stop()
            if time.monotonic() >= until:
                tail = log.read_text(encoding="utf-8", errors="replace")[-600:].strip()
                raise NoPostgres(
                    f"The embedded database does not start. Its last words: {tail} The whole log is {log}."
                )
            time.sleep(0.3)
            # Somebody else's connection may have taken the port between the look and the start.
            self._choose_port()

    def _spawn(self, log: Path) -> None:
        if log.is_file() and log.stat().st_size > 10_000_000:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [self.plan.binaries.program("postgres"), "-D", str(self.data), "-p", str(self.account.port)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/",
                env=_bare_environment(), start_new_session=True, **self.plan.runner.switch(),
            )  # fmt: skip

    def _answers(self, until: float) -> bool:
        while self.alive() and time.monotonic() < until:
            try:
                with psycopg.connect(self.account.superuser_url(), connect_timeout=2):
                    return True
            except psycopg.OperationalError:
                time.sleep(0.03)
        return False

    def _provide(self) -> None:
        """Make the database, its owner and the program's role when they are missing; neither is a superuser."""
        if not self.account.program_password:
            self._account = replace(self.account, program_password=secrets.token_urlsafe(24))
            _record(self.plan.state, self._account)
        roles = {_OWNER: self.account.owner_password, _PROGRAM: self.account.program_password}
        with psycopg.connect(self.account.superuser_url(), autocommit=True) as connection:
            for role, password in roles.items():
                known = connection.execute("select 1 from pg_roles where rolname = %s", (role,))
                if known.fetchone() is None:
                    connection.execute(
                        sql.SQL("create role {} login password {}").format(
                            sql.Identifier(role), sql.Literal(password)
                        )
                    )
            there = connection.execute("select 1 from pg_database where datname = %s", (_OWNER,))
            if there.fetchone() is None:
                connection.execute(
                    sql.SQL("create database {0} owner {0}").format(sql.Identifier(_OWNER))
                )


def _bare_environment() -> dict[str, str]:
    """The server needs none of our secrets in its environment."""
    return {"PATH": os.environ.get("PATH", ""), "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}


@contextlib.contextmanager
def throw_away(pg_bin: Path | None = None, *, durable: bool = False) -> Iterator[Cluster]:
    """Run a cluster in a temporary folder that is removed afterwards: fast for tests, `durable` for measuring."""
    runner = choose_runner(None)
    with tempfile.TemporaryDirectory(prefix="orderwerk-pg-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        home = place / "postgres"
        binaries = reachable(find_binaries(pg_bin), runner, home)
        cluster = Cluster(Plan(binaries, runner, home, place / "postgres.json", durable=durable))
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
