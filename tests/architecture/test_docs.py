"""The docs cannot lie: generated pages are compared, links lead somewhere."""

import re
import subprocess
import sys

import pytest

from orderwerk.api.commands import COMMANDS
from tests.architecture.source import ROOT


def test_the_generated_reference_is_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, "lab/reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_every_command_that_the_docs_name_is_one() -> None:
    commands = {f"{command.plural}/{command.verb}" for command in COMMANDS}
    wrong = [
        f"{page.relative_to(ROOT)}: {name}"
        for page in (ROOT / "docs").rglob("*.md")
        for name in re.findall(r"`([a-z-]+/[a-z-]+)`", page.read_text())
        # A folder of tests looks like a command.
        if name not in commands and not (ROOT / name).is_dir()
    ]

    assert wrong == []


@pytest.mark.parametrize("name", ["attacks.md", "pains.md", "promises.md", "promises-goods.md"])
def test_every_attack_and_every_pain_is_answered_by_a_test_that_exists(name: str) -> None:
    page = (ROOT / "docs" / "reference" / name).read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| (X?[A-Z])?\d", line)]
    named = [re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row) for row in rows]

    assert len(rows) > 20
    assert all(named)
    missing = [
        f"{file}::{test}"
        for found in named
        for file, test in found
        if not re.search(rf"^def {test}\(", (ROOT / file).read_text(), re.MULTILINE)
    ]
    assert missing == []


def test_no_pain_of_money_invoices_returns_and_goods_is_left_out() -> None:
    page = (ROOT / "docs" / "reference" / "pains.md").read_text()
    found = re.findall(r"^\| (X[A-Z]\d+) \|", page, re.MULTILINE)

    wanted = [*(f"XM{n}" for n in range(1, 19)), *(f"XI{n}" for n in range(1, 9)), *(f"XR{n}" for n in range(1, 5)), *(f"XS{n}" for n in range(1, 19)), "XH2", "XH4", "XH6"]  # fmt: skip
    assert found == wanted


def test_no_promise_about_goods_is_left_out() -> None:
    page = (ROOT / "docs" / "reference" / "promises-goods.md").read_text()
    shown, _, missing = page.partition("## Not there yet")
    told = {*re.findall(r"^\| (F\d\d) \|", shown, re.MULTILINE), *re.findall(r"\((F\d\d)\)", missing)}  # fmt: skip

    wanted = {9, 12, 15, *range(18, 24), *range(25, 37), *range(38, 47), 24, 48, 53, 54, 56}
    assert told == {f"F{n:02}" for n in wanted}


def test_no_promise_about_money_returns_and_letters_is_left_out() -> None:
    page = (ROOT / "docs" / "reference" / "promises.md").read_text()
    cells = re.findall(r"^\| ([SF]\d\d(?:, [SF]\d\d)*) \|", page, re.MULTILINE)
    told = {name for cell in cells for name in cell.split(", ")}

    assert told >= {f"S{n}" for n in range(22, 44)} | {f"F{n}" for n in (*range(58, 89), 93)}


def test_the_changelog_tells_effects_under_its_three_headings() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text().splitlines()
    headings = [line for line in lines if line.startswith("#")]
    entries = [line for line in lines if line.startswith("- ")]

    assert headings[0] == "# Changelog"
    assert {line for line in headings if line.startswith("### ")} <= {"### Added", "### Changed", "### Fixed"}  # fmt: skip
    assert all(len(h.split()) >= 2 for h in headings if h.startswith("## "))
    assert len(entries) > 50
    assert [e for e in entries if not e[2:3].isalnum() and e[2:3] not in "`*_"] == []
