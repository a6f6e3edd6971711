"""`orderwerk check`: proves every invariant of the running database."""

import json
import sys
from dataclasses import asdict

import click

from orderwerk.checks.invariant import Severity
from orderwerk.checks.run import ALL, Report, run_checks
from orderwerk.cli.session import connected

_VIOLATED, _STUCK, _UNCHECKED = 1, 3, 4


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--only", multiple=True, help="Check one invariant, by its id; may be given more than once."
)
def check(*, as_json: bool, only: tuple[str, ...]) -> None:
    """Verify every invariant of the running database with SQL and list each violation with its rows.

    Safe on a live system. Exit status: 0 all holds, 1 something is violated, 3 something is stuck, 4 something could
    not be checked.
    """
    known = {invariant.id for invariant in ALL}
    unknown = sorted(set(only) - known)
    if unknown:
        raise click.UsageError(
            f"There is no invariant {unknown[0]}. Known: {', '.join(sorted(known))}."
        )
    with connected():
        report = run_checks([invariant for invariant in ALL if not only or invariant.id in only])
    click.echo(json.dumps(_document(report), indent=2) if as_json else _table(report))
    sys.exit(_exit_status(report))


def _exit_status(report: Report) -> int:
    if any(finding.severity is Severity.VIOLATION for finding in report.findings):
        return _VIOLATED
    if report.unchecked:
        return _UNCHECKED
    return _STUCK if report.findings else 0


def _document(report: Report) -> dict[str, object]:
    return {
        "checked": report.checked,
        "findings": [asdict(finding) for finding in report.findings],
        "could_not_check": report.unchecked,
        "seconds": {key: round(report.seconds[key], 3) for key in report.checked},
    }


def _table(report: Report) -> str:
    by_id = {invariant.id: invariant for invariant in ALL}
    out: list[str] = []
    for key in report.checked:
        mine = [finding for finding in report.findings if finding.invariant == key]
        if not mine:
            continue
        out.append(f"{mine[0].severity.upper()} {key}: {by_id[key].title}")
        out += [
            f"  {f.object} {f.object_id}: expected {f.expected}, found {f.actual}" for f in mine
        ]
        out.append(f"  What to do: {by_id[key].action}")
    out += [f"COULD NOT CHECK {key}: {why}" for key, why in report.unchecked.items()]
    out.append(
        f"{len(report.checked)} invariants checked, {len(report.findings)} findings, {len(report.unchecked)} not checked."
    )
    return "\n".join(out)
