"""Writes rows as CSV, NDJSON or XLSX, by the ending of the file's name; one row at a time, never all in memory."""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click
import msgspec
import xlsxwriter

from orderwerk.core.spreadsheet import harmless

Row = Sequence[Any]
ENDINGS = (".csv", ".ndjson", ".xlsx")
# What Excel can show on one sheet, header included.
_SHEET_ROWS = 1_048_576
_CELL_CHARACTERS = 32_767


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

    Text that a spreadsheet would calculate is made harmless in CSV, and is plain text in XLSX. Refuses (CannotWrite)
    another ending than those three.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise CannotWrite(f"{path.name} must end in {', '.join(ENDINGS)}.")
    with _draft(path) as draft:
        return writer(draft, columns, rows)


def _csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            count += 1
            writer.writerow([_cell(value) for value in row])
    return count


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return harmless(value) if isinstance(value, str) else value


def _ndjson(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    count = 0
    with path.open("wb") as file:
        for row in rows:
            count += 1
            _json_line(file, dict(zip(columns, row, strict=True)))
    return count


def _json_line(file: IO[bytes], value: dict[str, Any]) -> None:
    file.write(msgspec.json.encode(value))
    file.write(b"\n")


def _xlsx(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    # constant_memory writes each row to disk as it comes.
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    bold = book.add_format({"bold": True})
    sheet, at, count = None, _SHEET_ROWS, 0
    try:
        for row in rows:
            if at >= _SHEET_ROWS:
                sheet, at = _sheet(book, columns, bold), 1
            _write_row(sheet, at, row)
            at, count = at + 1, count + 1
        if sheet is None:
            _sheet(book, columns, bold)
    finally:
        book.close()
    return count


def _sheet(book: Any, columns: Sequence[str], bold: Any) -> Any:  # noqa: ANN401 - the library has no types
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for index, name in enumerate(columns):
        sheet.write_string(0, index, name, bold)
    return sheet


def _write_row(sheet: Any, at: int, row: Row) -> None:  # noqa: ANN401 - the library has no types
    for index, value in enumerate(row):
        if value is None:
            continue
        if isinstance(value, bool):
            sheet.write_boolean(at, index, value)
            continue
        if isinstance(value, int):
            sheet.write_number(at, index, value)
            continue
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        # write_string and not write: text that looks like a formula or a link stays text.
        sheet.write_string(at, index, text[:_CELL_CHARACTERS])


_WRITERS: dict[str, Callable[[Path, Sequence[str], Iterable[Row]], int]] = {
    ".csv": _csv,
    ".ndjson": _ndjson,
    ".xlsx": _xlsx,
}
