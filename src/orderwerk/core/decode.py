"""The one JSON loader and decoder: strict about keys, numbers and types, so that a typing mistake is never lost."""

import json
import re
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from orderwerk.core import fields
from orderwerk.core.errors import BadInput, Malformed, Refusal
from orderwerk.core.structs import made_of
from orderwerk.core.text import check_clean

T = TypeVar("T")
_PATH = re.compile(r" - at `([^`]*)`$")
_REGEX = re.compile(r"matching regex (.*)$", re.DOTALL)
# msgspec names a pattern as Python writes it down.
_WANTED = {repr(pattern): words for pattern, words in fields.WORDS.items()}
_OTHER_FORM = "The text does not have the form that this field wants."
_MOST_DIGITS = 400
# What is made to cost much is refused before anything looks at its keys (OWASP ASVS 15.2.2).
_MOST_KEYS = 2_000
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > _MOST_KEYS:
        raise Malformed(
            f"An object with {len(pairs)} keys is more than anything here has.",
            code="too_many_keys",
        )
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        double = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Malformed(
            f"The key {double[:60]!r} stands twice in one object.", code="duplicate_key"
        )
    return found


def _constant(text: str) -> float:
    raise Malformed(f"{text} is not a JSON number.", code="invalid_json")


def _float(text: str) -> float:
    value = float(text) if len(text) < _MOST_DIGITS else float("inf")
    if value in (float("inf"), float("-inf")):
        raise BadInput("A number is too large.", code="number_too_large")
    return value


def _int(text: str) -> int:
    if len(text) > 40:
        raise BadInput("A number is too large.", code="number_too_large")
    return int(text)


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int
)


def load_json(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Read a JSON text in UTF-8.

    Refuses with Malformed what is not JSON, a key that stands twice in one object, far too many keys, NaN, and nesting too
    deep to read.
    """
    try:
        text = body.decode("utf-8")
        return _decoder.decode(text)
    except Refusal:
        raise
    except UnicodeDecodeError as error:
        raise Malformed("The body is not UTF-8.", code="invalid_encoding") from error
    except RecursionError as error:
        raise Malformed("The body is nested too deeply.", code="too_deep") from error
    except ValueError as error:
        raise Malformed(f"The body is not valid JSON: {error}", code="invalid_json") from error


def pointer_of(path: str) -> str:
    """Turn msgspec's path (`$.lines[0].quantity`) into a JSON pointer (RFC 6901): `/lines/0/quantity`."""
    steps = re.findall(r"\.([^.\[\]]+)|\[([^\]]*)\]", path)
    return "".join(
        "/" + (name or index).replace("~", "~0").replace("/", "~1") for name, index in steps
    )


def check_strings(value: Any, at: str = "") -> None:  # noqa: ANN401 - any JSON value
    """Refuse (BadInput) forbidden characters in any string or key inside a JSON value."""
    if isinstance(value, str):
        check_clean(value, at)
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_clean(key, at)
            check_strings(inner, f"{at}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            check_strings(inner, f"{at}/{index}")


def convert(value: Any, type: type[T], *, at: str = "") -> T:  # noqa: A002, ANN401 - mirrors msgspec.convert
    """Turn plain JSON values into a Struct; refuses with BadInput, naming the place as a JSON pointer.

    Every string inside is checked for characters that no text may have, so no Struct ever holds one.
    """
    try:
        check_strings(value, at)
        made = made_of(value, type)
    except RecursionError as error:
        raise Malformed("The value is nested too deeply.", code="too_deep", pointer=at) from error
    except msgspec.ValidationError as error:
        sentence = str(error)
        found = _PATH.search(sentence)
        pointer = at + (pointer_of(found.group(1)) if found else "")
        code = "unknown_field" if "unknown field" in sentence else "invalid_value"
        raise BadInput(_in_words(_PATH.sub("", sentence)), code=code, pointer=pointer) from error
    kind: Any = type
    for name, field in _moments(kind):
        value = getattr(made, name)
        check_instant(value, f"{at}/{field}")
        _check_date(value, f"{at}/{field}")
    return made


def _in_words(sentence: str) -> str:
    found = _REGEX.search(sentence)
    return _WANTED.get(found.group(1), _OTHER_FORM) if found else sentence + "."


@cache
def _moments(type: Any) -> tuple[tuple[str, str], ...]:  # noqa: A002, ANN401 - as above
    """Return the fields of a Struct that may hold an instant or a date, with their names in JSON; items have them at the top."""
    if not hasattr(type, "__struct_fields__"):
        return ()
    hints = get_type_hints(type)
    return tuple(
        (field.name, field.encode_name)
        for field in msgspec.structs.fields(type)
        if not {date, datetime}.isdisjoint((hints[field.name], *get_args(hints[field.name])))
    )


def _check_date(value: object, pointer: str) -> None:
    # With time zones and days of grace added, a date at the end of the calendar has no next one.
    is_date = isinstance(value, date) and not isinstance(value, datetime)
    if is_date and not _FIRST_YEAR <= value.year <= _LAST_YEAR:  # type: ignore[attr-defined] # a date
        raise BadInput(
            f"The date lies outside of the years {_FIRST_YEAR} to {_LAST_YEAR}.",
            code="date_out_of_range",
            pointer=pointer,
        )


def check_instant(value: object, pointer: str) -> None:
    """Refuse (BadInput) an instant without an offset, or so far away that some zone could not write it any more."""
    if not isinstance(value, datetime):
        return
    if value.tzinfo is None:
        raise BadInput(
            "The instant needs an offset, such as +01:00.", code="no_offset", pointer=pointer
        )
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise BadInput(
            f"The instant lies outside of the years {_FIRST_YEAR} to {_LAST_YEAR}.",
            code="instant_out_of_range",
            pointer=pointer,
        )
