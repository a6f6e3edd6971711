"""Collects the words of the console from the sources, keeps the Dutch catalogue complete, and compiles it.

`python lab/messages.py` adds new words to django.po (empty: to be translated) and writes django.mo;
`python lab/messages.py --check` changes nothing and exits 1 when a word is missing, empty or not compiled.
Babel does the work, so that nobody has to install gettext.
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[1] / "src" / "orderwerk"
FOLDER = SOURCE / "locale" / "nl" / "LC_MESSAGES"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def sources() -> Iterator[tuple[str, bytes]]:
    """Yield every file that may hold words, templates turned into what Babel can read."""
    for path in sorted(SOURCE.rglob("*")):
        name = path.relative_to(SOURCE).as_posix()
        if path.suffix == ".py" and "/migrations/" not in name:
            yield name, path.read_bytes()
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            yield name, templatize(path.read_text(encoding="utf-8"), origin=name).encode()


def collect() -> Catalog:
    """Return a catalogue of all words, with where each stands."""
    found = Catalog(domain="django")
    for name, text in sources():
        # What templatize leaves is Python only roughly: Babel's tokenizer for JavaScript is the forgiving one.
        method = "python" if name.endswith(".py") else "javascript"
        for _line, message, _comments, context in extract(method, io.BytesIO(text), KEYWORDS):
            found.add(message, locations=[(name, 1)], context=context)
    return found


def steady(catalogue: Catalog) -> Catalog:
    """Give a catalogue a head that does not change by itself, so that only words make a difference."""
    catalogue.project = catalogue.last_translator = catalogue.language_team = "Orderwerk"
    catalogue.msgid_bugs_address = ""
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 11, 24, tzinfo=UTC)
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """Return the compiled form of a catalogue."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> int:
    """Update or check the Dutch catalogue."""
    po, mo = FOLDER / "django.po", FOLDER / "django.mo"
    with po.open("rb") as file:
        dutch = steady(read_po(file, locale="nl", domain="django"))
    wanted = collect()
    checking = "--check" in sys.argv
    known = {(message.id, message.context) for message in dutch if message.id}
    missing = [
        message.id
        for message in wanted
        if message.id and (message.id, message.context) not in known
    ]
    if not checking:
        dutch.update(wanted, no_fuzzy_matching=True)
        dutch.obsolete.clear()
        steady(dutch)
        out = io.BytesIO()
        write_po(out, dutch, omit_header=False, sort_output=True, no_location=True, width=110)
        po.write_bytes(out.getvalue())
        mo.write_bytes(compiled(dutch))
    empty = [
        message.id
        for message in dutch
        if message.id and not (all(message.string) if message.pluralizable else message.string)
    ]
    stale = checking and mo.read_bytes() != compiled(dutch)
    for word in (*(missing if checking else ()), *empty):
        print("to translate:", word)
    print(f"{len(dutch)} words, {len(empty)} empty", "- compile again" if stale else "")
    return 1 if empty or stale or (checking and missing) else 0


if __name__ == "__main__":
    sys.exit(main())
