"""Text from outside: what may never be stored in a name, an address or a comment."""

import re

from orderwerk.core.errors import BadInput

# NUL and other controls, lone surrogates, bidi overrides and isolates, invisible joiners and the BOM.
# The database holds the same list in the function is_clean_text().
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_LINE_BREAKS = re.compile("[\r\n\t]")


def check_text(value: str, *, longest: int, pointer: str, multiline: bool = False) -> str:
    """Return the text stripped at both ends; refuse (BadInput) forbidden characters and too long text."""
    if _FORBIDDEN.search(value) or (not multiline and _LINE_BREAKS.search(value)):
        raise BadInput(
            "The text has control, invisible or direction-changing characters; remove them.",
            code="forbidden_characters",
            pointer=pointer,
        )
    if len(value) > longest:
        raise BadInput(
            f"The text is longer than {longest} characters.", code="too_long", pointer=pointer
        )
    return value.strip()
