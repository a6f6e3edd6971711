"""Every refusal that a person can meet in the console has a sentence in the reader's language."""

import ast
from collections.abc import Iterator
from pathlib import Path

from orderwerk.console.refusals import SENTENCES

_HOME = Path(__file__).parents[2] / "src" / "orderwerk"

# Rooms and files that speak to programs alone: their refusals reach no page of the console.
_PROGRAMS = ("api", "checks", "cli", "config", "integrations")
_FILES = {"core/decode.py", "core/idempotency.py", "core/keyset.py", "emails/bounces.py"}
# Said in the reader's language by Django, with more than one sentence could say.
_SPOKEN = {"weak_password"}


def _codes() -> Iterator[tuple[str, str]]:
    for path in sorted(_HOME.glob("*/**/*.py")):
        name = path.relative_to(_HOME).as_posix()
        if name.split("/")[0] in _PROGRAMS or name in _FILES or name.endswith("queries.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.keyword)
                and node.arg == "code"
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                yield node.value.value, name


def test_every_refusal_has_a_sentence() -> None:
    found = dict(_codes())

    assert len(found) > 150
    assert {c: n for c, n in found.items() if c not in SENTENCES and c not in _SPOKEN} == {}
