"""What the docs tell people to type: every command exists with those options, every request is answered as it says."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from django.test import Client

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.rules import SCOPES
from orderwerk.cli.group import orderwerk
from orderwerk.core import clock
from tests.architecture.source import ROOT
from tests.build import TESTER, world

_FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
_NOW = "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
# What the embedded server, the package index and the measuring programs bring is not ours to parse.
_OTHERS = {"PYTHONPATH=src:.", "./test", "lab/bare_debian.sh", "sh"}


@dataclass(frozen=True)
class Typed:
    """One command line of a page."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words[:4])}"


def _typed() -> list[Typed]:
    lines: list[Typed] = []
    for page in _PAGES:
        for block in _FENCE.findall(page.read_text(encoding="utf-8")):
            if block.startswith("curl "):
                lines.append(Typed(page.name, tuple(shlex.split(block))))
                continue
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words:
                    lines.append(Typed(page.name, tuple(words)))
    return lines


ALL = _typed()
PROGRAMS = [typed for typed in ALL if any(w in {"orderwerk", "./orderwerk"} for w in typed.words)]
REQUESTS = [typed for typed in ALL if typed.words[0] == "curl"]


def _parse(group: click.Group, arguments: list[str]) -> None:
    """Read a command line as the program would, without running it; Click refuses what it does not know."""
    with click.Context(group) as outer:
        name, command, rest = group.resolve_command(outer, arguments)
    assert command is not None, name
    if isinstance(command, click.Group):
        _parse(command, rest)
        return
    command.make_context(name, rest)


@pytest.mark.parametrize("typed", PROGRAMS, ids=str)
def test_every_command_in_the_docs_is_one(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for word in typed.words:
        if "." in word and "/" not in word:
            Path(word).touch()
    at = next(i for i, word in enumerate(typed.words) if word in {"orderwerk", "./orderwerk"})

    _parse(orderwerk, list(typed.words[at + 1 :]))


@pytest.mark.django_db
@pytest.mark.parametrize("typed", REQUESTS, ids=str)
def test_every_request_in_the_docs_is_answered(typed: Typed, client: Client) -> None:
    built = world()
    token = create_tokens([NewToken(name="docs", scopes=SCOPES)], actor=TESTER)[0].require()
    words = list(typed.words)
    address = next(word for word in words if word.startswith("http://127.0.0.1:8000/"))
    body = words[words.index("-d") + 1].replace('"demo"', f'"{built.shop}"')

    # An order with a date of its own grows old, and nobody who types it gets the confirmation.
    assert '"placed_at": "2' not in body
    body = body.replace(_NOW, clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))

    response = client.post(
        address.removeprefix("http://127.0.0.1:8000"),
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token.data['token']}"},
    )

    assert response.status_code == 201, response.content


def test_nothing_typed_in_the_docs_is_left_unread() -> None:
    unread = [
        t for t in ALL if t not in PROGRAMS and t not in REQUESTS and t.words[0] not in _OTHERS
    ]

    assert unread == []
    assert len(PROGRAMS) > 8
    assert REQUESTS
