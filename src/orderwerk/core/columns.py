"""Writes long lists for PostgreSQL in one go: what the bulk commands send is columns of thousands of values of one kind."""

from collections.abc import Iterable, Sequence
from types import NoneType
from typing import Any
from uuid import UUID

from psycopg.abc import Buffer
from psycopg.types.array import ListDumper
from typing_extensions import override

# No text of PostgreSQL's holds the first; the second is a control character, which hardly any does.
_BETWEEN, _NOTHING = "\x00", "\x01"


class ColumnDumper(ListDumper):
    """What psycopg writes value by value, asking a pattern about each; texts, ids and whole numbers are written together.

    The array is the same (PostgreSQL, section 8.15.2: any element may stand in quotes). Whatever is not of one of these kinds, or cannot
    be told apart from what stands between the values, is left to psycopg, and so is the refusal of a text with a zero byte.
    """

    @override
    def dump(self, obj: list[Any]) -> Buffer | None:
        """Write a list as PostgreSQL reads an array."""
        kinds = set(map(type, obj)) - {NoneType}
        kind = kinds.pop() if len(kinds) == 1 else None
        written = None
        if kind is str:
            written = _texts(obj)
        elif kind is UUID:
            written = _plain("NULL" if x is None else f"{x.int:032x}" for x in obj)
        elif kind is int:
            written = _plain("NULL" if x is None else str(x) for x in obj)
        return super().dump(obj) if written is None else written.encode()


def _plain(values: Iterable[str]) -> str:
    return f"{{{','.join(values)}}}"


def _texts(values: Sequence[str | None]) -> str | None:
    """Return texts as an array, each in quotes; None where a text holds what is to stand between them."""
    together = _BETWEEN.join([_NOTHING if x is None else x for x in values])
    nothing = values.count(None)
    if together.count(_BETWEEN) != len(values) - 1 or together.count(_NOTHING) != nothing:
        return None
    quoted = together.replace("\\", "\\\\").replace('"', '\\"').replace(_BETWEEN, '","')
    array = f'{{"{quoted}"}}'
    return array.replace(f'"{_NOTHING}"', "NULL") if nothing else array
