"""Reads the project's own source for the architecture tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

import orderwerk

PACKAGE = Path(orderwerk.__file__).parent
ROOT = PACKAGE.parent.parent


def modules() -> list[Path]:
    """Every source file of ours but migrations, which Django writes."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    """A file's name as people say it."""
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
