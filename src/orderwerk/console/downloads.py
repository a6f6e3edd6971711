"""A list as a file: all its rows as filtered and sorted, page by page, so that no list is too long for it."""

import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from orderwerk.console.lists import Asked
from orderwerk.core import clock
from orderwerk.core.errors import BadInput
from orderwerk.core.keyset import MOST_ROWS, Page
from orderwerk.core.money import format_amount
from orderwerk.core.tables import csv_lines, write_xlsx

_ADDRESS = (
    "name", "company", "street", "house_number", "house_number_suffix", "line2", "postal_code", "city", "region", "country",
)  # fmt: skip
_OTHER = re.compile(r"[^\w.-]+")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Read = Callable[[Asked], Page[Any]]


def download(
    name: str,
    kind: type[msgspec.Struct],
    asked: Asked,
    read: Read,
    *,
    without: Collection[str] = (),
) -> HttpResponseBase:
    """Answer all rows of a list as CSV or Excel; `kind` is what a row is, its fields become the columns.

    Ids and the fields of `without` are left out, amounts are decimal strings in the row's own currency, addresses have a column a field.
    """
    fields = [
        field
        for field in msgspec.structs.fields(kind)
        if not _is_id(field.type) and field.name not in without
    ]
    columns = [column for field in fields for column in _columns(field.name)]
    rows = (_cells(row, fields) for row in _all(replace(asked, limit=MOST_ROWS), read))
    # A name may be what others wrote, a lot for one: no file and no header takes every sign.
    file = f"{_OTHER.sub('-', name)}-{clock.now():%Y-%m-%d}.{asked.file}"
    if asked.file == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            csv_lines(columns, rows), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = content_disposition_header(True, file)  # noqa: FBT003 - Django's own
        return response
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        write_xlsx(path, columns, rows)
        # Open before its folder goes: the file lives as long as somebody reads it.
        return FileResponse(path.open("rb"), as_attachment=True, filename=file, content_type=_XLSX)


def _is_id(kind: Any) -> bool:  # noqa: ANN401 - a type as written
    return kind is UUID or kind == UUID | None


def _all(asked: Asked, read: Read) -> Iterator[Any]:
    try:
        page = read(asked)
    except BadInput:
        # An address that makes no sense gives the plain list, as on the page itself.
        asked = replace(asked, sort="", cursor="")
        page = read(asked)
    yield from page.items
    while page.next:
        page = read(replace(asked, cursor=page.next))
        yield from page.items


def _columns(name: str) -> Sequence[str]:
    if name.endswith("_address"):
        return [f"{name}_{part}" for part in _ADDRESS]
    return [name.removesuffix("_minor")]


def _cells(row: Any, fields: Sequence[msgspec.structs.FieldInfo]) -> list[Any]:  # noqa: ANN401 - a row of `kind`
    cells: list[Any] = []
    for field in fields:
        value = getattr(row, field.name)
        if field.name.endswith("_address"):
            cells += [value.get(part) for part in _ADDRESS]
        elif field.name.endswith("_minor"):
            # What only one side knows has no amount on the other.
            cells.append(None if value is None else format_amount(value, row.currency))
        elif isinstance(value, list):
            cells.append(", ".join(map(str, value)))
        elif isinstance(value, dict):
            cells.append(msgspec.json.encode(value).decode())
        else:
            cells.append(value)
    return cells
