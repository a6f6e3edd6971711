"""Holds the table of late reactions (event kind → jobs) that `routes.py` declares and `config` installs at start."""

from collections.abc import Mapping

from orderwerk.core.errors import ensure
from orderwerk.core.events import KINDS

_installed: dict[str, tuple[str, ...]] = {}


def install(table: Mapping[str, tuple[str, ...]]) -> None:
    """Take over the table of routes; every key must be a declared event kind."""
    unknown = set(table) - set(KINDS)
    ensure(not unknown, f"routes name undeclared event kinds: {sorted(unknown)}")
    _installed.clear()
    _installed.update(table)


def jobs_for(kind: str) -> tuple[str, ...]:
    """Return the names of the jobs that react to a kind of event."""
    return _installed.get(kind, ())
