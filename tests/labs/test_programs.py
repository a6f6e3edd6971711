"""What the documentation says of measurements and labs is what the programs do: names, budgets, bounds in time."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import RUNS
from bench.budgets import BUDGETS

_ROOT = Path(__file__).parents[2]
_PERFORMANCE = (_ROOT / "docs/reference/performance.md").read_text(encoding="utf-8")
_FAULTS = (_ROOT / "docs/reference/faults.md").read_text(encoding="utf-8")


def _programs(folder: str) -> dict[str, Path]:
    """The programs of a folder, by the name after `python -m`."""
    files = [*(_ROOT / folder).glob("*.py"), *(_ROOT / folder).glob("*/__main__.py")]
    names = {file: file.relative_to(_ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__main__") for file in files}  # fmt: skip
    return {
        name: file
        for file, name in names.items()
        if 'if __name__ == "__main__"' in file.read_text(encoding="utf-8")
    }


_MEASURED = {**_programs("bench"), **{n: f for n, f in _programs("lab").items() if f"`{n}" in _FAULTS or n == "lab.histories"}}  # fmt: skip


def test_every_program_that_is_named_is_there() -> None:
    named = set(re.findall(r"`((?:bench|lab)\.\w+)[ `]", _PERFORMANCE + _FAULTS))

    assert named >= {"lab.kills", "lab.crashes", "bench.flash", "bench.million"}
    assert named - set(_MEASURED) == set()


def test_every_measurement_is_named() -> None:
    named = set(re.findall(r"`(bench(?:\.\w+)?)[ `]", _PERFORMANCE))

    assert set(_programs("bench")) - named == set()


def test_the_one_command_runs_programs_that_are_there_and_says_so() -> None:
    [line] = [line for line in _PERFORMANCE.splitlines() if line.startswith("| `bench` |")]

    for _, module, _, _ in RUNS:
        assert f"bench.{module}" in _MEASURED
        assert module in line
    assert {
        key for title, *_ in RUNS for key in re.findall(r"P\d+", title.replace("P6 to P9", "P6 P7 P8 P9"))
    } == set(BUDGETS)  # fmt: skip


def test_the_table_of_budgets_is_that_of_the_programs() -> None:
    rows = re.findall(r"^\| (P\d+) \| (.+?) \| (.+?) \|", _PERFORMANCE, re.MULTILINE)

    assert rows == [(key, budget.what, budget.told) for key, budget in BUDGETS.items()]


@pytest.mark.parametrize("name", sorted(_MEASURED))
def test_every_program_has_a_bound(name: str) -> None:
    source = _MEASURED[name].read_text(encoding="utf-8")

    assert "parsed(" in source
    assert "parser.parse_args()" not in source


def test_a_program_ends_as_failed_when_its_time_is_over() -> None:
    program = (
        "import argparse, time\n"
        "from bench.bounds import parsed\n"
        "parsed(argparse.ArgumentParser(), minutes=0.02)\n"
        "try:\n    time.sleep(60)\n"
        "finally:\n    print('put away')\n"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=_ROOT, capture_output=True, text=True, timeout=30, check=False)  # fmt: skip

    assert done.returncode == 1
    assert done.stdout == "put away\n"
    assert "takes at most 0.02 minutes" in done.stderr
    assert "not done within 0.02 minutes" in done.stderr
