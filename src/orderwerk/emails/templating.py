"""Merchants' texts: Liquid in a sandbox with limits, over plain data; a mistake is a refusal, never a failure.

Nothing of the program can be reached: the data are plain dictionaries and strings, there is no loader, and loops,
output and nesting are bounded.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from liquid import Environment, StrictUndefined, Undefined
from liquid.exceptions import LiquidError
from typing_extensions import override

from orderwerk.core.errors import BadInput
from orderwerk.core.text import without_forbidden
from orderwerk.emails.template_limits import limit_filters, purse

MOST_SUBJECT = 200
MOST_BODY = 20_000
_FORBIDDEN_TAGS = ("include", "render", "extends", "block", "liquid", "macro", "call", "import")


class _Limited(Environment):
    context_depth_limit = 8
    loop_iteration_limit = 5_000
    local_namespace_limit = 200_000
    output_stream_limit = 100_000
    block_nesting_limit = 12


def _environment(undefined: type[Undefined]) -> _Limited:
    environment = _Limited(undefined=undefined)
    for tag in _FORBIDDEN_TAGS:
        environment.tags.pop(tag, None)
    limit_filters(environment)
    return environment


class _Nothing(str):
    """What the language takes `ABSENT` for in conditions: undefined, so false; and the same as the empty text and nil."""

    __slots__ = ()

    @override
    def __eq__(self, other: object) -> bool:
        return other is None or other == ""

    __hash__ = str.__hash__


Undefined.register(_Nothing)


class _Absent(str):
    """The empty text that is false. Liquid takes every text for true, so `if` would never hold what is not there back."""

    __slots__ = ()

    def __liquid__(self) -> _Nothing:
        return _NOTHING


_NOTHING = _Nothing()
ABSENT = _Absent()


def _told(value: Any) -> Any:  # noqa: ANN401 - plain data of any shape
    """Return data with ABSENT for each text that is empty or not there: `if x` and `if x != ''` both ask the same."""
    if isinstance(value, Mapping):
        return {key: _told(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_told(inner) for inner in value]
    return ABSENT if value is None or value == "" else value


_STRICT = _environment(StrictUndefined)
_LENIENT = _environment(Undefined)


@lru_cache(maxsize=512)
def _parsed(source: str, *, strict: bool) -> Any:  # noqa: ANN401 - the library's template
    return (_STRICT if strict else _LENIENT).from_string(source)


def render(source: str, data: Mapping[str, Any], *, strict: bool = False, pointer: str = "") -> str:
    """Return the text with the data filled in; `strict` refuses names that are not there.

    Refuses with BadInput (code `invalid_template`) a text that cannot be read, or that wants more than the limits allow.
    """
    try:
        with purse():
            text = str(_parsed(source, strict=strict).render(**_told(data)))
        # A filter can make signs of what has none.
        return without_forbidden(text)
    except (LiquidError, ArithmeticError, LookupError, OSError, TypeError, ValueError) as error:
        # Filters let through what Python says of a figure or a date that is none, and a shopper's text may be such a one.
        raise BadInput(
            f"The text cannot be filled in: {_sentence(error)}",
            code="invalid_template",
            pointer=pointer,
        ) from error
    except RecursionError as error:
        raise BadInput(
            "The text is nested too deeply.", code="invalid_template", pointer=pointer
        ) from error


def _sentence(error: Exception) -> str:
    text = str(error).strip().splitlines()[0][:200] if str(error).strip() else "it is not Liquid"
    return text if text.endswith(".") else f"{text}."


def subject_line(text: str) -> str:
    """Return a subject on one line: whatever a name holds, no header can be slipped in."""
    return " ".join(text.split())[:MOST_SUBJECT]
