"""Rows as CSV, NDJSON or XLSX, one at a time, never all in memory; no cell becomes a formula (OWASP, CSV injection)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import xlsxwriter

Row = Sequence[Any]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What Excel can show on one sheet, header included.
_SHEET_ROWS = 1_048_576
_CELL_CHARACTERS = 32_767


def harmless(text: str) -> str:
    """Return the text as a cell that is text: an apostrophe stands before what a spreadsheet would calculate."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def csv_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield a CSV file line by line, the names of the columns first; text is made harmless, numbers stay numbers."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in _with_heading(columns, rows):
        writer.writerow([_cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _with_heading(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[Row]:
    yield columns
    yield from rows


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return harmless(value) if isinstance(value, str) else value


def ndjson_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield one JSON object a row, every value unchanged."""
    for row in rows:
        yield msgspec.json.encode(dict(zip(columns, row, strict=True))) + b"\n"


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Write an Excel workbook and say how many rows it has; text stays text, more sheets where one is full."""
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
