"""Prepared statements on the raw connection, for the hot commands; counted, so that tests can hold them constant."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from time import perf_counter
from typing import Any

import msgspec
import psycopg
from django.db import connection, transaction
from django.db.backends.signals import connection_created

from orderwerk.core.columns import ColumnDumper

Row = tuple[Any, ...]
_STREAMED_ROWS = 2_000
# Up to here a statement's plan is kept with the connection. What carries more is planned anew, which costs a few milliseconds of
# its seconds: a plan kept from the days when the tables were small would cost more.
_KEPT_ITEMS = 100
_KEPT_CHARACTERS = 65_536


def _write_columns_at_once(connection: Any, **_: Any) -> None:  # noqa: ANN401 - Django's wrapper of a connection
    connection.connection.adapters.register_dumper(list, ColumnDumper)


connection_created.connect(_write_columns_at_once)


class StatementCount:
    """How many statements ran, which, with what values, which of them prepared, and how long they took altogether."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.values: dict[str, Any] = {}
        self.prepared: set[str] = set()
        self.seconds = 0.0

    def note(self, sql: str, values: Any, started: float) -> None:  # noqa: ANN401 - what a cursor takes
        """Add one statement that started at a reading of the monotonic clock and has just ended."""
        self.statements.append(sql)
        self.values[sql] = values
        self.seconds += perf_counter() - started

    @property
    def total(self) -> int:
        """The number of statements so far."""
        return len(self.statements)


_counts: ContextVar[tuple[StatementCount, ...]] = ContextVar("statement_counts", default=())


def _is_small(params: Sequence[Any] | None) -> bool:
    """Say whether the values are those of a few items: short lists, and rows as JSON that is not long."""
    return all(
        len(value) <= (_KEPT_CHARACTERS if isinstance(value, str) else _KEPT_ITEMS)
        for value in params or ()
        if isinstance(value, str | list | tuple)
    )


def _run(sql: str, params: Sequence[Any] | None) -> psycopg.Cursor[Row]:
    connection.ensure_connection()
    started = perf_counter()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        try:
            # Django binds on the client; the hot commands want one plan, made once per connection.
            return cursor.execute(sql, params, prepare=_is_small(params))
        finally:
            for count in _counts.get():
                count.note(sql, params, started)
                count.prepared.add(sql)


def fetch(sql: str, params: Sequence[Any] | None = None) -> list[Row]:
    """Run a statement and return all its rows; jsonb arrives as text (see `from_json`)."""
    with _run(sql, params) as cursor, connection.wrap_database_errors:
        return cursor.fetchall()


def fetch_later(sql: str, params: Sequence[Any] | None = None) -> Callable[[], list[Row]]:
    """Send a statement now and return a function that waits for its rows; for use inside `pipelined`."""
    cursor = _run(sql, params)

    def rows() -> list[Row]:
        with cursor, connection.wrap_database_errors:
            return cursor.fetchall()

    return rows


@contextmanager
def pipelined() -> Generator[None, None, None]:
    """Send the statements inside without waiting for each one's answer; the first that is read waits for all before it.

    An error comes where the answer is read, at the end of the block at the latest; the transaction is undone then.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def execute(sql: str, params: Sequence[Any] | None = None) -> int:
    """Run a statement that returns no rows and say how many it touched."""
    with _run(sql, params) as cursor:
        return cursor.rowcount


def read(sql: str, params: Sequence[Any] = ()) -> list[Row]:
    """Run a statement planned for its own values, as lists and searches want it; jsonb arrives as text."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        rows: list[Row] = cursor.fetchall()
        return rows


def stream(sql: str, params: Sequence[Any] = ()) -> Iterator[Row]:
    """Yield the rows of one statement as the server finds them, however many; nothing is held in memory."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, list(params))
        while rows := cursor.fetchmany(_STREAMED_ROWS):
            yield from rows


def to_json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Write a value as JSON text for a jsonb parameter."""
    return msgspec.json.encode(value).decode()


def from_json(text: str | None) -> Any:  # noqa: ANN401 - any JSON value
    """Read a jsonb column that `fetch` returned as text."""
    return None if text is None else msgspec.json.decode(text)


def insert_rows(
    table: str, columns: str, rows: Sequence[Mapping[str, Any]], *, tail: str = ""
) -> list[Row]:
    """Insert rows of plain values in one statement; `columns` is "name type, name type, …"; `tail` may return columns.

    Rows travel as one JSON parameter, so that the statement is the same for one row and for ten thousand.
    """
    sql = _insert_statement(table, columns, tail)
    with _run(sql, (to_json(rows),)) as cursor:
        return cursor.fetchall() if tail else []


@cache
def _insert_statement(table: str, columns: str, tail: str) -> str:
    names = ", ".join(column.split()[0] for column in columns.split(", "))
    return f"insert into {table} ({names}) select {names} from jsonb_to_recordset(%s::jsonb) as t({columns}) {tail}"


@contextmanager
def count_statements() -> Generator[StatementCount, None, None]:
    """Count and time every statement inside, prepared ones and the ORM's alike."""
    count = StatementCount()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: ANN401, FBT001 - Django's signature
        started = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            count.note(sql, params, started)

    token = _counts.set((*_counts.get(), count))
    try:
        with connection.execute_wrapper(note):
            yield count
    finally:
        _counts.reset(token)
