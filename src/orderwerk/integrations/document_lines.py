"""Reads files of items: one order document per line (NDJSON), or one product or stock count per row (CSV)."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, TypeVar

import msgspec

from orderwerk.core.decode import convert, load_json
from orderwerk.core.errors import BadInput, Malformed, Refusal
from orderwerk.integrations.incoming import Incoming, Rejected
from orderwerk.orders.document import OrderDocument

MAX_LINE_BYTES = 5_000_000
_DECIMAL = re.compile(r"[+-]?[0-9]{1,6}([.][0-9]{1,20})?")
T = TypeVar("T")


def read_documents(file: BinaryIO, shop: str | None) -> Iterator[Incoming[OrderDocument]]:
    """Read order documents, one per line; `shop` is for documents that name none, others are refused."""
    for number, line in enumerate(_lines(file), start=1):
        try:
            document = _document(line, shop)
        except Refusal as refusal:
            yield Incoming(None, rejected=[Rejected.by(refusal, number)])
            continue
        yield Incoming(document, [number], reference=document.external_id)


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Cut a file into lines; None stands for one that is too long to be read."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        if len(line) <= MAX_LINE_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES)
        yield None


def _document(line: bytes | None, shop: str | None) -> OrderDocument:
    if line is None:
        raise BadInput("The document is larger than 5 MB.", code="too_large")
    if not line.strip():
        raise BadInput("The line is empty.", code="empty_line")
    value = load_json(line.removeprefix(b"\xef\xbb\xbf"))
    if not isinstance(value, dict):
        raise BadInput("The line is not a JSON object.", code="invalid_value")
    if shop is not None and value.setdefault("shop", shop) != shop:
        raise BadInput(
            f"The document is of another shop than {shop}.", code="other_shop", pointer="/shop"
        )
    return convert(value, OrderDocument)


def csv_rows(
    lines: Iterable[str], wanted: Iterable[str]
) -> Iterator[tuple[int, dict[str, str] | Refusal]]:
    """Read CSV with a header row; yields each row's number in the file (the header is line 1) or why it is none.

    Refuses with Malformed a file whose header is no CSV, lacks a wanted column or names one twice.
    """
    reader = csv.reader(lines)
    try:
        header = [name.strip().removeprefix("\ufeff") for name in _next(reader) or []]
    except csv.Error as error:
        raise Malformed(f"The first line is not CSV: {error}.", code="wrong_header") from error
    missing = [name for name in wanted if name not in header]
    if missing:
        raise Malformed(
            f"The first line must name the columns; it lacks {', '.join(missing)}.",
            code="wrong_header",
        )
    twice = [name for name, count in Counter(header).items() if name and count > 1]
    if twice:
        raise Malformed(f"The first line names {', '.join(twice)} twice.", code="wrong_header")
    while True:
        start = reader.line_num + 1
        try:
            row = _next(reader)
        except csv.Error as error:
            yield start, BadInput(f"The line is not CSV: {error}.", code="invalid_csv")
            continue
        if row is None:
            return
        if len(row) != len(header):
            found = f"The line has {len(row)} columns, the header has {len(header)}."
            yield start, BadInput(found, code="wrong_columns")
        else:
            yield start, dict(zip(header, row, strict=True))


def _next(rows: Iterator[list[str]]) -> list[str] | None:
    return next(rows, None)


@dataclass(frozen=True)
class Rows(Generic[T]):
    """What a CSV file holds: items of one type, and the columns it must have, the item's name first."""

    item_type: type[T]
    columns: Sequence[str]


def read_items(lines: Iterable[str], rows: Rows[T]) -> Iterator[Incoming[T]]:
    """Read one item per CSV row: columns are the item's fields; an empty cell means the field is left out."""
    kinds = _field_types(rows.item_type)
    numbers = {name: kind for name, kind in kinds.items() if kind != "string"}
    for number, row in csv_rows(lines, rows.columns):
        if isinstance(row, Refusal):
            yield Incoming(None, rejected=[Rejected.by(row, number)])
            continue
        reference = row[rows.columns[0]]
        try:
            item = convert(_values(row, numbers), rows.item_type)
        except Refusal as refusal:
            yield Incoming(None, rejected=[Rejected.by(refusal, number, reference)])
            continue
        yield Incoming(item, [number], reference=reference)


def _field_types(item_type: type[Any]) -> Mapping[str, str]:
    info = msgspec.json.schema_components([item_type])[1][item_type.__name__]
    return {name: _kind(shape) for name, shape in info["properties"].items()}


def _kind(shape: Mapping[str, Any]) -> str:
    choices = [shape, *shape.get("anyOf", [])]
    types = {choice.get("type") for choice in choices}
    return next((kind for kind in ("integer", "number") if kind in types), "string")


def _values(row: Mapping[str, str], numbers: Mapping[str, str]) -> dict[str, Any]:
    readers: dict[str, Callable[[str], Any]] = {"integer": _integer, "number": _number}
    return {
        name: readers[numbers[name]](text) if name in numbers else text
        for name, text in row.items()
        if text != ""
    }


def _number(text: str) -> float | str:
    # As below; what is no plain number, such as nan, is none of ours.
    plain = text.strip()
    return float(plain) if _DECIMAL.fullmatch(plain) else text


def _integer(text: str) -> int | str:
    plain = text.strip()
    # A wrong number stays text, so that the item's own check says what was expected.
    return int(plain) if plain.removeprefix("-").isdecimal() and len(plain) < 12 else text
