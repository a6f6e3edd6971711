"""Versions of the program that follow one another: this one, one with more in its tables, and one with less again."""

import shutil
from pathlib import Path

_SOURCE = Path(__file__).resolve().parents[2] / "src"
_FRAME = """from django.db import migrations


class Migration(migrations.Migration):
    atomic = {atomic}
    dependencies = [("orders", "{after}")]
    operations = [{operations}]
"""
_MORE = (
    ("9001_more", True, ["alter table orders_order add column lab_note text not null default ''", "alter table orders_line add column lab_note text"]),
    ("9002_more_index", False, ["drop index concurrently if exists lab_note", "create index concurrently lab_note on orders_order (lab_note)"]),
)  # fmt: skip
_LESS = (
    ("9003_after_less", True, ["alter table orders_order drop column lab_note", "alter table orders_line drop column lab_note"]),
)  # fmt: skip


def versions(folder: Path) -> tuple[Path, Path, Path]:
    """Return where the sources of the three versions lie."""
    more, less = folder / "more", folder / "less"
    shutil.copytree(_SOURCE, more, ignore=shutil.ignore_patterns("__pycache__"))
    after = _add(more, _newest(more), _MORE)
    shutil.copytree(more, less)
    _add(less, after, _LESS)
    return _SOURCE, more, less


def _newest(source: Path) -> str:
    return max(file.stem for file in (source / "orderwerk/orders/migrations").glob("0*.py"))


def _add(source: Path, after: str, added: tuple[tuple[str, bool, list[str]], ...]) -> str:
    for name, atomic, statements in added:
        operations = ", ".join(f"migrations.RunSQL({text!r})" for text in statements)
        text = _FRAME.format(atomic=atomic, after=after, operations=operations)
        (source / f"orderwerk/orders/migrations/{name}.py").write_text(text, encoding="utf-8")
        after = name
    return after
