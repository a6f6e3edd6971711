"""Sets documents as PDF with typst: a template of ours, the data as JSON, our own fonts, nothing from the machine.

Values reach a template as strings of a JSON document, never as typst source: markup in them is text.
"""

import re
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import typst
from django.conf import settings

from orderwerk.core import clock
from orderwerk.core.errors import ensure

ROOT = Path(__file__).parent.parent
# Above so many characters of data the memory of a document is worth more than its warm cache.
_LARGE = 100_000
# A word that has no place to break would run off the paper; a reader does not see the break.
_LONG_WORD = re.compile(r"[^\s\u200b]{18}(?=[^\s\u200b]{4})")


@dataclass(frozen=True, slots=True)
class Document:
    """A file for a person: its name and its bytes."""

    name: str
    content: bytes


@cache
def _fonts() -> typst.Fonts:
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
        with self._lock:
            compiler = self._free.pop() if self._free else None
        compiler = compiler or typst.Compiler(
            str(self._template), root=str(ROOT), font_paths=_fonts(), sys_inputs={"data": "{}"}
        )
        made = compiler.compile(
            format="pdf",
            sys_inputs={"data": data},
            pdf_tags=False,
            pdf_standards=list(self._standards),
            timestamp=int(clock.now().timestamp()),
        )
        ensure(isinstance(made, bytes), "typst gives a PDF in one piece")
        if len(data) > _LARGE:
            _forget()
        with self._lock:
            self._free.append(compiler)
        return bytes(made)  # type: ignore[arg-type]


def _forget() -> None:
    """Give back what typst keeps of a large document: it forgets what has not been used in ten later ones."""
    nothing = typst.Compiler(font_paths=_fonts())
    for _ in range(11):
        nothing.compile(b" ", format="pdf")


@cache
def _pool(template: str, *, archival: bool) -> _Pool:
    return _Pool(template, archival=archival)


def typeset(template: str, data: dict[str, Any], *, archival: bool = False) -> bytes:
    """Return the PDF of a template (its path inside the package) filled with data.

    `archival`: as PDF/A-3b, for documents that are kept for years.
    """
    return _pool(template, archival=archival).compile(msgspec.json.encode(data).decode())


def breakable(text: str) -> str:
    """Return a text whose long words may break at the end of a line."""
    return _LONG_WORD.sub(lambda found: found[0] + "\u200b", text)
