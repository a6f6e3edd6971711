"""Structs of our own making out of plain values; each type is described to msgspec by one thread at a time.

msgspec looks at the fields of a Struct when it first makes one, and notes down what it finds as it goes. A second thread that
makes one meanwhile reads the half-written note, and the whole process dies (seen with msgspec 0.22.0 under CPython 3.11). Whoever makes
Structs therefore comes through here.
"""

from threading import Lock
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_described: set[Any] = set()
_describing = Lock()


def described(type: type[T]) -> type[T]:  # noqa: A002 - mirrors msgspec
    """Return a type whose description is complete; the first time, all others wait."""
    if type not in _described:
        with _describing:
            # Who waited describes it once more: what is complete already stays as it is.
            msgspec.json.Decoder(type)
            _described.add(type)
    return type


def made_of(value: Any, type: type[T], *, strict: bool = True) -> T:  # noqa: A002, ANN401 - mirrors msgspec.convert
    """Turn plain values into a type; raises msgspec.ValidationError. For what comes from outside: `core.decode.convert`."""
    return msgspec.convert(value, described(type), strict=strict)


def read_json(text: str | bytes, type: type[T]) -> T:  # noqa: A002 - mirrors msgspec.json.decode
    """Read JSON that we have written ourselves into a type."""
    return msgspec.json.decode(text, type=described(type))
