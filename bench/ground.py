"""What every measurement stands on: a fresh, durable PostgreSQL of its own, the schema, and honest timing."""

import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def keep_autovacuum_away() -> None:
    """For programs that empty tables and fill them again: a visit in between would have every plan made for empty tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("alter system set autovacuum = off")
        cursor.execute("select pg_reload_conf()")


@contextlib.contextmanager
def fresh_database(*, durable: bool = True) -> Iterator[str]:
    """Start a cluster, migrate it, and set up Django on it; yields the URL. Not durable: where nothing is measured."""
    # The environment has to be right before anything of ours is imported.
    folder = tempfile.TemporaryDirectory(prefix="orderwerk-bench-")
    os.environ.update(
        ORDERWERK_DATA_DIR=folder.name,
        ORDERWERK_SECRET_KEY="bench-only-" * 5,
        ORDERWERK_PLAIN_STATIC="1",
    )
    os.environ["DJANGO_SETTINGS_MODULE"] = "orderwerk.config.settings"
    from orderwerk.config.postgres import throw_away

    with folder, throw_away(durable=durable) as cluster:
        os.environ["DATABASE_URL"] = cluster.account.superuser_url()
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield os.environ["DATABASE_URL"]
        from django.db import connections

        connections.close_all()


def seconds(work: Callable[[], T]) -> tuple[float, T]:
    """Run once and return the time and the result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def spread(figures: list[float]) -> str:
    """Median with the smallest and the largest."""
    return f"{statistics.median(figures):.2f} ({min(figures):.2f} to {max(figures):.2f})"


def memory_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
