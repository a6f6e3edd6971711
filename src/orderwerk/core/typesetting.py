"""Sets documents as PDF with typst: a template of ours, the data as JSON, our own fonts, nothing from the machine.

Values reach a template as strings of a JSON document, never as typst source: markup in them is text.

typst, and what writes and checks electronic invoices, is loaded when the first document is made: together some 22 MB, which web
processes that take orders and show pages never need (bench/budgets.py, P10).
"""

import re
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from django.conf import settings

from orderwerk.core import clock
from orderwerk.core.errors import ensure

if TYPE_CHECKING:
    import typst

ROOT = Path(__file__).parent.parent
# Above so many characters of data the memory of a document is worth more than its warm cache.
_LARGE = 100_000
# A word that has no place to break would run off the paper; a reader does not see the break.
_LONG_WORD = re.compile(r"[^\s\u200b]{18}(?=[^\s\u200b]{4})")
# What stands on paper for a character that none of our fonts has; Inter has it.
MISSING = "□"
# How typst names such characters: one cluster of them per error, quoted as Rust quotes.
_REFUSED = re.compile(r'the text `"((?:[^"\\]|\\.)+)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Document:
    """A file for a person: its name and its bytes."""

    name: str
    content: bytes


@cache
def _fonts() -> "typst.Fonts":
    import typst  # noqa: PLC0415 - late, see above

    # Inter for what it has; typst's own fonts for Hebrew and Arabic. None of the machine's: paper looks the same everywhere.
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(settings.ORDERWERK_FONTS_DIR)],
    )


class _Pool:
    """The compilers of one template: each keeps its fonts and caches warm and serves one thread at a time."""

    def __init__(self, template: str, *, archival: bool) -> None:
        self._standards: list[Literal["a-3b"]] = ["a-3b"] if archival else []
        self._template = ROOT / template
        self._free: list[typst.Compiler] = []
        self._lock = threading.Lock()

    def compile(self, data: str) -> bytes:
        import typst  # noqa: PLC0415 - late, see above

        with self._lock:
            compiler = self._free.pop() if self._free else None
        compiler = compiler or typst.Compiler(
            str(self._template), root=str(ROOT), font_paths=_fonts(), sys_inputs={"data": "{}"}
        )
        try:
            made = compiler.compile(
                format="pdf",
                sys_inputs={"data": data},
                pdf_tags=False,
                pdf_standards=list(self._standards),
                timestamp=int(clock.now().timestamp()),
            )
        finally:
            with self._lock:
                self._free.append(compiler)
        ensure(isinstance(made, bytes), "typst gives a PDF in one piece")
        if len(data) > _LARGE:
            _forget()
        return bytes(made)  # type: ignore[arg-type]


def _forget() -> None:
    """Give back what typst keeps of a large document: it forgets what has not been used in ten later ones."""
    import typst  # noqa: PLC0415 - late, see above

    nothing = typst.Compiler(font_paths=_fonts())
    for _ in range(11):
        nothing.compile(b" ", format="pdf")


@cache
def _pool(template: str, *, archival: bool) -> _Pool:
    return _Pool(template, archival=archival)


def typeset(template: str, data: dict[str, Any], *, archival: bool = False) -> bytes:
    """Return the PDF of a template (its path inside the package) filled with data.

    `archival`: as PDF/A-3b, for documents that are kept for years. That norm lets no text in that a font cannot show: each
    character that none of ours has stands there as MISSING.
    """
    import typst  # noqa: PLC0415 - late, see above

    pool = _pool(template, archival=archival)
    text = msgspec.json.encode(data).decode()
    for _ in range(_MOST_ROUNDS):
        try:
            return pool.compile(text)
        except typst.TypstError as error:
            missing = _refused(error)
            if not missing & set(text):
                raise
            text = "".join(MISSING if c in missing else c for c in text)
    # Where rules of a script hide characters from the messages, the paper is set with the letters that are sure.
    return pool.compile("".join(c if c < "\u0180" or c == "\u200b" else MISSING for c in text))


def _refused(error: "typst.TypstError") -> set[str]:
    """Return the characters beyond ASCII that typst found no glyph for, from all its errors."""
    quoted = "".join(_REFUSED.findall(str(error.diagnostic)))
    plain = _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], quoted)
    return {c for c in plain if c > "\x7f" and c != MISSING}


def breakable(text: str) -> str:
    """Return a text whose long words may break at the end of a line."""
    return _LONG_WORD.sub(lambda found: found[0] + "\u200b", text)
