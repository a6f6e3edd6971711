"""Text that people open in a spreadsheet: a cell must never become a formula (OWASP, CSV injection)."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """Return the text as a cell that is text: an apostrophe stands before what a spreadsheet would calculate."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
