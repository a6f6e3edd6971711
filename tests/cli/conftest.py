"""A data folder of its own for every installation that a test starts, and a database with the schema for them all."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orderwerk.config.postgres import throw_away
from tests.cli.processes import run


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="orderwerk-serve-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a database of its own, migrated once."""
    named = os.environ.get("PG_BIN")
    with throw_away(Path(named) if named else None) as cluster:
        url = cluster.account.url()
        done = run(tmp_path_factory.mktemp("migrated"), url, "migrate")
        assert done.returncode == 0, done.stderr
        yield url
