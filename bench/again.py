"""The floor of a bulk command where nobody wrote one by hand: the rows that it wrote, written once more by plain SQL.

The database is copied before the command. What the command has inserted and changed is then inserted and changed in the copy, one
statement a table, in one transaction, with every constraint and trigger, and with nothing to find out, to price or to number. What
triggers write by themselves is left to them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

import psycopg

from bench.ground import seconds

_COPY = "before_the_command"
# Written by triggers of the tables that are written: they come again by themselves.
_BY_TRIGGERS = frozenset({"orders_tab_count"})

_TABLES = """
select c.relname,
  (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''),
  (select array_agg(a.attname::text) from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
    where i.indrelid = c.oid and i.indisprimary),
  (select coalesce(array_agg(distinct f.relname::text), '{}') from pg_constraint k join pg_class f on f.oid = k.confrelid
    where k.conrelid = c.oid and k.contype = 'f')
from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
"""


@dataclass
class Work:
    """A command that was measured: its seconds, its statements, and those of the rows alone."""

    seconds: float = 0.0
    floor: float = 0.0
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)


@contextmanager
def _reached(url: str, database: str) -> Iterator["psycopg.Connection[Any]"]:
    with psycopg.connect(url, dbname=database, autocommit=True) as connection:
        yield connection


def measured(url: str, command: Callable[[], Any]) -> Work:
    """Run a command and write the same rows again; the program's own connections are closed for the copy."""
    from django.db import connections

    database = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    connections.close_all()
    with _reached(url, "postgres") as outside:
        outside.execute(f"drop database if exists {_COPY}")
        outside.execute(f"create database {_COPY} template {database}")
        for name in (_COPY, str(database)):
            with _reached(url, name) as inside:
                # A copy has no statistics of its own use, and both sides start from a disk that has written down what it owes.
                inside.execute("analyze")
        outside.execute("checkpoint")
    work = Work()
    with _reached(url, str(database)) as source, _reached(url, _COPY) as copy:
        mark = int(source.execute("select pg_current_xact_id()::text").fetchone()[0])  # type: ignore[index]
        work.seconds, _ = seconds(command)
        writes = _writes(source, copy, mark, work)
        copy.execute("checkpoint")
        work.floor, _ = seconds(lambda: _write(copy, writes))
    with _reached(url, "postgres") as outside:
        outside.execute(f"drop database {_COPY}")
    return work


def _writes(source: "psycopg.Connection[Any]", copy: "psycopg.Connection[Any]", mark: int, work: Work) -> list[str]:  # fmt: skip
    """Bring over what was written since a transaction, and return the statements that write it: inserts first, parents first."""
    tables = {name: (columns, keys, parents) for name, columns, keys, parents in source.execute(_TABLES)}  # fmt: skip
    graph = {name: set(parents) - {name} for name, (_, _, parents) in tables.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise SystemExit(f"tables that need each other: {error.args[1]}") from error
    inserts, changed = {}, {}
    for table in order:
        columns, keys, _ = tables[table]
        if table in _BY_TRIGGERS or not keys or not _bring(source, copy, table, columns, mark):
            continue
        same = " and ".join(f"t.{key} = n.{key}" for key in keys)
        names = [name.strip() for name in columns.split(",") if name.strip() not in keys]
        copy.execute(
            f"create temp table old_{table} as select n.* from new_{table} n join {table} t on {same}"
        )
        copy.execute(f"delete from new_{table} n using {table} t where {same}")
        counts = [
            copy.execute(f"select count(*) from {kind}_{table}").fetchone()[0]
            for kind in ("new", "old")
        ]  # type: ignore[index]
        work.rows[table] = (counts[0], counts[1])
        copy.execute(f"analyze new_{table}, old_{table}")
        if counts[0]:
            inserts[table] = f"insert into {table} ({columns}) select {columns} from new_{table}"
        if counts[1]:
            changed[table] = (names, same)
    return [*inserts.values(), *_updates(copy, inserts, changed)]


def _updates(copy: "psycopg.Connection[Any]", inserts: dict[str, str], changed: dict[str, tuple[list[str], str]]) -> Iterator[str]:  # fmt: skip
    """Yield one update a table, of the rows and columns that the inserts' own triggers leave to be written."""
    with copy.transaction(force_rollback=True):
        for insert in inserts.values():
            copy.execute(insert)
        for table, (names, same) in changed.items():
            tests = ", ".join(
                f"coalesce(bool_or(t.{name} is distinct from n.{name}), false)" for name in names
            )
            told = copy.execute(
                f"select {tests} from {table} t join old_{table} n on {same}"
            ).fetchone()
            left = [name for name, differs in zip(names, told or (), strict=True) if differs]
            if left:
                values = ", ".join(f"{name} = n.{name}" for name in left)
                differs = " or ".join(f"t.{name} is distinct from n.{name}" for name in left)
                yield f"update {table} t set {values} from old_{table} n where {same} and ({differs})"


def _bring(source: "psycopg.Connection[Any]", copy: "psycopg.Connection[Any]", table: str, columns: str, mark: int) -> bool:  # fmt: skip
    since = f"select {columns} from {table} where xmin::text::bigint >= {mark}"
    if source.execute(f"select 1 from ({since}) x limit 1").fetchone() is None:
        return False
    copy.execute(f"create temp table new_{table} as select {columns} from {table} with no data")
    with (
        source.cursor() as cursor,
        copy.cursor() as other,
        cursor.copy(f"copy ({since}) to stdout (format binary)") as out,
        other.copy(f"copy new_{table} from stdin (format binary)") as into,
    ):
        for part in out:
            into.write(part)
    return True


def _write(copy: "psycopg.Connection[Any]", statements: list[str]) -> None:
    with copy.transaction():
        for statement in statements:
            copy.execute(statement)
