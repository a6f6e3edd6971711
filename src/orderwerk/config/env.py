"""The settings of a process: read once from the environment and `.env`, all problems reported at once."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from orderwerk.core.errors import ensure

SOURCE = Path(__file__).resolve().parents[1]
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_DEFAULT_BASE_URL = "http://127.0.0.1:8000"
# What each setting is for, in the words of the reference page that is written from here; no other one is read.
MEANINGS = {
    "DATABASE_URL": "a PostgreSQL 15 or newer (`postgresql://user:password@host:5432/name`); without it, the embedded one is run",
    "ORDERWERK_DATA_DIR": "embedded database, files, generated secrets; `.orderwerk` in a checkout, else `~/.local/share/orderwerk`",
    "ORDERWERK_SECRET_KEY": "signs sessions and encrypts stored credentials, at least 32 characters; made in the data directory when missing",
    "ORDERWERK_BASE_URL": f"where people reach it, scheme and host; https turns on secure cookies and HSTS; `{_DEFAULT_BASE_URL}`",
    "ORDERWERK_ALLOWED_HOSTS": "further host names, besides the one of the base URL and this machine's own",
    "ORDERWERK_TRUSTED_PROXY": "addresses or networks of the proxies whose `X-Forwarded-*` headers count; none",
    "EMAIL_URL": "the server that sends e-mails (`smtp+starttls://user:password@host:587`, `smtps://…`, `smtp://…`); without it no mail leaves the machine",
    "ORDERWERK_MOLLIE_URL": "where Mollie's API is asked instead of at Mollie: a stand-in for trying things out",
    "ORDERWERK_STRIPE_URL": "where Stripe's API is asked instead of at Stripe: a stand-in for trying things out",
    "ORDERWERK_WEB_THREADS": "requests at a time per web worker, 1 to 256; 16",
    "ORDERWERK_JOB_THREADS": "jobs at a time per job worker, 1 to 64; 4",
    "PG_BIN": "the `bin` folder of the PostgreSQL programs to run instead of the embedded ones",
    "ORDERWERK_PG_USER": "as root: the existing user that runs the embedded PostgreSQL (else `postgres` or `nobody`)",
    "ORDERWERK_DEBUG": "1 shows where an error happened to whoever meets it; for developers",
    "ORDERWERK_PLAIN_STATIC": "1 serves styles and scripts from the source without digests in their names; for tests",
}


class EnvProblems(Exception):
    """The environment cannot be used; carries one sentence per problem, each with what to do next."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Env:
    """What a process was told from outside; never changes while it runs."""

    data_dir: Path
    database_url: str | None
    secret_key: str
    base_url: str
    allowed_hosts: tuple[str, ...]
    email_url: str | None
    mollie_url: str | None
    stripe_url: str | None
    pg_bin: Path | None
    pg_user: str | None
    trusted_proxies: tuple[str, ...]
    web_threads: int
    job_threads: int
    debug: bool
    plain_static: bool

    @property
    def secure(self) -> bool:
        """Say whether people reach this installation over https."""
        return self.base_url.startswith("https://")


def checkout_root() -> Path | None:
    """Return the root of the checkout this code runs from, or nothing for an installed package."""
    root = SOURCE.parents[1]
    return root if (root / "pyproject.toml").is_file() else None


def default_data_dir(values: Mapping[str, str]) -> Path:
    """Return where data lie when nobody says so: in the checkout, or in the user's own data folder."""
    root = checkout_root()
    if root is not None:
        return root / ".orderwerk"
    base = values.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "orderwerk"


def read_dotenv(path: Path) -> dict[str, str]:
    """Read NAME=value lines; blank lines and # comments are skipped, one pair of quotes is taken off."""
    values: dict[str, str] = {}
    if not path.is_file():
        return values
    for raw in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = raw.strip().removeprefix("export ").partition("=")
        if not separator or name.startswith("#"):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        values[name.strip()] = value
    return values


class _Reader:
    """Takes values one by one and collects what is wrong with them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.problems: list[str] = []

    def text(self, name: str) -> str | None:
        ensure(name in MEANINGS, f"what {name} is for is written down")
        return self.values.get(name, "").strip() or None

    def words(self, name: str) -> tuple[str, ...]:
        return tuple((self.text(name) or "").replace(",", " ").split())

    def flag(self, name: str) -> bool:
        value = (self.text(name) or "0").lower()
        if value not in {"0", "1", "true", "false", "yes", "no"}:
            self.problems.append(f"{name} is {value!r}: write 1 or 0.")
        return value in {"1", "true", "yes"}

    def number(self, name: str, default: int, most: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not value.isdecimal() or not 1 <= int(value) <= most:
            self.problems.append(f"{name} is {value!r}: write a whole number from 1 to {most}.")
            return default
        return int(value)

    def url(self, name: str, schemes: tuple[str, ...], example: str) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        if urlsplit(value).scheme not in schemes:
            # The value itself may hold a password, so it is not repeated here.
            self.problems.append(
                f"{name} starts with none of {', '.join(schemes)}: write it like {example}."
            )
        return value

    def sandbox(self, name: str) -> str | None:
        """Read the address of a stand-in for a provider; credentials go there, so it is https or on this machine."""
        value = self.url(name, ("http", "https"), "http://127.0.0.1:9000")
        parts = urlsplit(value or "")
        if value and parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:  # fmt: skip
            self.problems.append(
                f"{name} is plain http to another machine: credentials would be readable on the way; use https."
            )
        return value

    def networks(self, name: str) -> tuple[str, ...]:
        for word in self.words(name):
            try:
                ip_network(word, strict=False)
            except ValueError:
                self.problems.append(
                    f"{name} names {word!r}: write addresses or networks, like 10.0.0.5 or 10.0.0.0/8."
                )
        return self.words(name)

    def base_url(self) -> str:
        value = (self.text("ORDERWERK_BASE_URL") or _DEFAULT_BASE_URL).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
            self.problems.append(
                f"ORDERWERK_BASE_URL is {value!r}: write scheme and host only, like https://oms.example.org."
            )
        return value

    def folder(self, name: str, must_hold: str) -> Path | None:
        value = self.text(name)
        if value is None:
            return None
        if not (Path(value) / must_hold).exists():
            self.problems.append(
                f"{name} is {value!r}, but there is no {must_hold} in it: point it to the bin folder of PostgreSQL, or unset it."
            )
        return Path(value)


def _hosts(reader: _Reader, base_url: str) -> tuple[str, ...]:
    named = reader.words("ORDERWERK_ALLOWED_HOSTS")
    own = urlsplit(base_url).hostname
    return tuple(dict.fromkeys([*named, *([own] if own else []), *_LOOPBACK]))


def _data_dir(reader: _Reader) -> Path:
    value = reader.text("ORDERWERK_DATA_DIR")
    path = (Path(value) if value else default_data_dir(reader.values)).expanduser().absolute()
    try:
        # Others may pass through but not look around: the database's own user lives below.
        path.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as error:
        reader.problems.append(
            f"The data directory {path} cannot be made ({error.strerror}): set ORDERWERK_DATA_DIR to a folder you may write."
        )
    return path


def _secret_key(reader: _Reader, data_dir: Path) -> str:
    given = reader.text("ORDERWERK_SECRET_KEY")
    if given is not None:
        if len(given) < 32:
            reader.problems.append(
                "ORDERWERK_SECRET_KEY is shorter than 32 characters: write a longer one, or unset it and one is made."
            )
        return given
    path = data_dir / "secret_key"
    try:
        return remembered(path, secrets.token_urlsafe(48))
    except OSError as error:
        reader.problems.append(
            f"The secret key {path} cannot be read or written ({error.strerror}): run as the owner of the data directory."
        )
        return ""


def remembered(path: Path, fresh: str) -> str:
    """Return what the file holds, after writing `fresh` into it when it is missing; only its owner may read it.

    Two processes that start at once agree: a link to the finished file appears in one step, for one of them.
    """
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(fresh + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()


def _dotenv_files() -> list[Path]:
    root = checkout_root()
    return [*([root / ".env"] if root else []), Path.cwd() / ".env"]


def load(values: Mapping[str, str] | None = None) -> Env:
    """Read the environment (it wins) over `.env` files; refuses with EnvProblems, naming every problem at once."""
    if values is None:
        values = {k: v for file in _dotenv_files() for k, v in read_dotenv(file).items()} | dict(
            os.environ
        )
    reader = _Reader(values)
    data_dir, base_url = _data_dir(reader), reader.base_url()
    env = Env(
        data_dir=data_dir,
        database_url=reader.url(
            "DATABASE_URL",
            ("postgresql", "postgres"),
            "postgresql://user:password@host:5432/name",
        ),
        secret_key=_secret_key(reader, data_dir),
        base_url=base_url,
        allowed_hosts=_hosts(reader, base_url),
        email_url=reader.url(
            "EMAIL_URL",
            ("smtp", "smtps", "smtp+starttls"),
            "smtp+starttls://user:password@host:587",
        ),
        mollie_url=reader.sandbox("ORDERWERK_MOLLIE_URL"),
        stripe_url=reader.sandbox("ORDERWERK_STRIPE_URL"),
        pg_bin=reader.folder("PG_BIN", "postgres"),
        pg_user=reader.text("ORDERWERK_PG_USER"),
        trusted_proxies=reader.networks("ORDERWERK_TRUSTED_PROXY"),
        web_threads=reader.number("ORDERWERK_WEB_THREADS", 16, 256),
        job_threads=reader.number("ORDERWERK_JOB_THREADS", 4, 64),
        debug=reader.flag("ORDERWERK_DEBUG"),
        plain_static=reader.flag("ORDERWERK_PLAIN_STATIC"),
    )
    if reader.problems:
        raise EnvProblems(reader.problems)
    return env
