"""Code 128 barcodes as small SVG pictures."""

from functools import lru_cache

from barcode.codex import Code128

# What a hand scanner reads from A4 paper; a longer text would have bars too thin to print.
_LONGEST = 32
_QUIET = 10  # modules of white on either side (ISO/IEC 15417)


def can_be_barcode(text: str) -> bool:
    """Tell whether a text can be written as a barcode: short, and of ASCII that can be printed."""
    return 0 < len(text) <= _LONGEST and all(" " <= sign <= "~" for sign in text)


@lru_cache(maxsize=4096)
def code_128(text: str) -> str:
    """Return an SVG of the bars of a text, one module wide and as high as whoever places it wants; "" if it has none."""
    if not can_be_barcode(text):
        return ""
    modules: str = Code128(text).build()[0]
    path, at = [], 0
    for run in modules.replace("10", "1 0").replace("01", "0 1").split():
        if run[0] == "1":
            path.append(f"M{at + _QUIET} 0h{len(run)}v1h-{len(run)}z")
        at += len(run)
    width = at + 2 * _QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="1" viewBox="0 0 {width} 1" '
        f'preserveAspectRatio="none"><path d="{"".join(path)}"/></svg>'
    )
