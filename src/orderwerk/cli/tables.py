"""Writes rows to a file as CSV, NDJSON or XLSX, by the ending of its name; an older file gives way to a whole new one."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from orderwerk.core.tables import Row, csv_lines, ndjson_lines, write_xlsx

ENDINGS = (".csv", ".ndjson", ".xlsx")


class CannotWrite(click.ClickException):
    """The export cannot be written."""


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """Give a file beside the wanted one, which takes its place when it is whole."""
    if not path.absolute().parent.is_dir():
        raise CannotWrite(f"The folder {path.absolute().parent} does not exist: make it first.")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Write rows to a file and say how many there were; an older file is replaced only by a whole new one.

    Refuses (CannotWrite) another ending than those three.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise CannotWrite(f"{path.name} must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")
    with _draft(path) as draft:
        return writer(draft, columns, rows)


def _csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    with path.open("w", encoding="utf-8", newline="") as file:
        return sum(1 for line in csv_lines(columns, rows) if file.write(line)) - 1


def _ndjson(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    with path.open("wb") as file:
        return sum(1 for line in ndjson_lines(columns, rows) if file.write(line))


_WRITERS: dict[str, Callable[[Path, Sequence[str], Iterable[Row]], int]] = {
    ".csv": _csv,
    ".ndjson": _ndjson,
    ".xlsx": write_xlsx,
}
