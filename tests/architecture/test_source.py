"""The rules of the house that no other tool holds: sizes, docstrings of rooms, words that belong in one place."""

import ast
import re

import pytest

from orderwerk.core.events import KINDS
from orderwerk.routes import ROUTES
from tests.architecture.source import PACKAGE, ROOT, functions, modules, name_of

LONGEST_FILE = 400
LONGEST_TEST_FILE = 600
LONGEST_FUNCTION = 50
MOST_ARGUMENTS = 6


def test_files_are_small() -> None:
    sizes = {name_of(path): len(path.read_text().splitlines()) for path in modules()}

    assert {name: n for name, n in sizes.items() if n > LONGEST_FILE} == {}


def test_test_files_are_small() -> None:
    sizes = {
        name_of(path): len(path.read_text().splitlines()) for path in (ROOT / "tests").rglob("*.py")
    }

    assert {name: n for name, n in sizes.items() if n > LONGEST_TEST_FILE} == {}


def test_what_is_tested_is_what_runs() -> None:
    """Both lists of packages pin one version of each."""

    def pinned(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / name).read_text()
        return dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", text, re.MULTILINE))

    tested, runs = pinned("dev.txt"), pinned("run.txt")

    assert len(runs) > 30
    assert {name: v for name, v in runs.items() if tested.get(name) != v} == {}


def test_functions_are_short_and_take_few_arguments() -> None:
    long: dict[str, int] = {}
    for path in modules():
        for node in functions(path):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
            named = [a for a in arguments if a.arg not in {"self", "cls"}]
            if lines > LONGEST_FUNCTION or len(named) > MOST_ARGUMENTS:
                long[f"{name_of(path)}:{node.name}"] = max(lines, len(named))

    assert long == {}


def test_every_room_says_what_it_owns() -> None:
    for folder in sorted(p.parent for p in PACKAGE.glob("*/__init__.py")):
        lines = (
            ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
        ).splitlines()

        assert [line.split(":")[0] for line in lines if ":" in line] == [
            "Owns",
            "May import",
            "Console section",
        ], folder.name


@pytest.mark.parametrize(
    ("pattern", "rooms"),
    [
        (r"\bselect_for_update\b|\.on_commit\b", {"core"}),
        (r"\btransaction\.atomic\b|\batomic\(", {"core", "orders", "config"}),
        (r"^(import|from) (httpx|requests|urllib3|aiohttp)\b", {"core"}),
        (r"\bdatetime\.now\b|\btimezone\.now\b|\bdate\.today\b|\bdatetime\.utcnow\b", {"core"}),
        (r"django\.db\.models\.signals|from django\.dispatch", set()),
        # core.structs says why: two threads that meet a type for the first time end the process.
        (r"\bmsgspec\.convert\(|\bmsgspec\.json\.decode\([^()]*type=|\bjson\.Decoder\(", {"core"}),
    ],
)
def test_a_word_stands_only_where_it_belongs(pattern: str, rooms: set[str]) -> None:
    found = [
        name_of(path)
        for path in modules()
        if path.relative_to(PACKAGE).parts[0] not in rooms
        and re.search(pattern, path.read_text(), re.MULTILINE)
    ]

    assert found == []


def test_no_drawers() -> None:
    drawers = {"utils", "helpers", "common", "misc", "util", "helper"}

    assert [
        name_of(path) for path in modules() if path.stem in drawers or drawers & set(path.parts)
    ] == []


def test_one_word_per_thing() -> None:
    banned = re.compile(r"\bfulfill?\w*t\b|\bcanceled\b|\breservation\b", re.IGNORECASE)

    # A provider's own word for a status stands in quotes where its answer is read; it goes no further.
    texts = {name_of(path): path.read_text().replace('"canceled"', "") for path in modules()}

    assert [name for name, text in texts.items() if banned.search(text)] == []


def test_every_route_starts_at_a_declared_event() -> None:
    assert set(ROUTES) <= set(KINDS)


def test_every_event_kind_is_recorded_somewhere() -> None:
    text = "\n".join(path.read_text() for path in modules() if path.name != "events.py")
    names = {
        target.id: node.value.args[0].value
        for path in PACKAGE.glob("*/events.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.args[0], ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    assert {kind for name, kind in names.items() if not re.search(rf"\b{name}\b", text)} == set()
