"""Text from outside: what may never be stored in a name, an address or a comment."""

import re

from orderwerk.core.errors import BadInput

# Controls but tab and line breaks, lone surrogates, bidi overrides and isolates, invisible characters, the BOM,
# and U+FFFE and U+FFFF, which XML has no way to write. The database holds the same list in the function is_clean_text(), but for
# the last two: a row that has one must stay writable.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]"
)


def check_clean(value: str, pointer: str) -> None:
    """Refuse (BadInput) control, invisible and direction-changing characters."""
    if _FORBIDDEN.search(value):
        raise BadInput(
            "The text has control, invisible or direction-changing characters; remove them.",
            code="forbidden_characters",
            pointer=pointer,
        )


def without_forbidden(value: str) -> str:
    """Return a text of our own making without what no text may have."""
    return _FORBIDDEN.sub("", value)
