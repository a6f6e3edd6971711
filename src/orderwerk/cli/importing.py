"""Carries a file into the database in batches: progress, a report of what was refused, and a sum that adds up."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Generic, TextIO, TypeVar, cast

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from orderwerk.core.outcome import Outcome
from orderwerk.core.tables import harmless
from orderwerk.integrations.incoming import Incoming, Rejected

BATCH_ITEMS = 1_000
BATCH_LINES = 50_000
_GZIP = b"\x1f\x8b"
T = TypeVar("T")


class Unreadable(click.ClickException):
    """The file cannot be read (any further)."""


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: its bytes and its text, unpacked where it is gzip, and how far reading has come."""

    content: BinaryIO
    text: TextIO
    position: Callable[[], int]
    size: int


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file for import; gzip is read as it is, whatever its name."""
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        content = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw
        # A byte that is no UTF-8 becomes a lone surrogate, which every command refuses: one bad line, no bad file.
        text = io.TextIOWrapper(content, encoding="utf-8", errors="surrogateescape", newline="")
        yield Source(content, text, raw.tell, max(path.stat().st_size, 1))


@dataclass(slots=True)
class Summary:
    """What became of the lines of a file; accepted and refused together are all of them."""

    accepted: int = 0
    refused: int = 0
    created: int = 0
    known: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


class Report:
    """The file of refused lines, `<FILE>.rejected.csv`; exists only when there is one."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(path.name + ".rejected.csv")
        self._file: TextIO | None = None
        # The report of an earlier run says nothing about this one.
        self.path.unlink(missing_ok=True)

    def add(self, rejected: Sequence[Rejected]) -> None:
        """Write lines to the report."""
        if not rejected:
            return
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", errors="replace", newline="")
            csv.writer(self._file).writerow(("line", "reference", "code", "reason"))
        writer = csv.writer(self._file)
        writer.writerows(
            (r.line, harmless(r.reference), r.code, harmless(r.reason)) for r in rejected
        )

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()


@dataclass(frozen=True)
class Import(Generic[T]):
    """How one kind of file goes in: the command for a batch, and how heavy one item is."""

    command: Callable[[list[T]], list[Outcome]]
    weigh: Callable[[T], int]


def carry(
    job: Import[T], incoming: Iterable[Incoming[T]], source: Source, report: Report
) -> Summary:
    """Take a whole file in, batch by batch; what was taken in stays when reading stops half way.

    Refuses with Unreadable a damaged file, naming what went in before.
    """
    summary = Summary()
    with _progress() as bar:
        task = bar.add_task("", total=source.size)
        try:
            for batch in _read_ahead(_batches(job, incoming)):
                _take_in(job, batch, summary, report)
                line = f"{summary.accepted:,} lines in, {summary.refused:,} refused"
                bar.update(task, completed=source.position(), description=line)
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable(
                f"The file cannot be read further: {error}. {summary.accepted:,} lines went in and stay; "
                "mend the file and import it again, what is there is recognised."
            ) from error
        finally:
            report.close()
        bar.update(task, completed=source.size)
    return summary


def _progress() -> Progress:
    return Progress(
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _read_ahead(batches: Iterator[list[Incoming[T]]]) -> Iterator[list[Incoming[T]]]:
    """One batch is read and checked while PostgreSQL works on the one before it."""
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def _batches(job: Import[T], incoming: Iterable[Incoming[T]]) -> Iterator[list[Incoming[T]]]:
    batch: list[Incoming[T]] = []
    weight = 0
    for part in incoming:
        batch.append(part)
        weight += job.weigh(part.item) if part.item is not None else 1
        if len(batch) >= BATCH_ITEMS or weight >= BATCH_LINES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _take_in(
    job: Import[T], batch: Sequence[Incoming[T]], summary: Summary, report: Report
) -> None:
    parts = [part for part in batch if part.item is not None]
    outcomes = job.command([part.item for part in parts if part.item is not None]) if parts else []
    rejected = [line for part in batch for line in part.rejected]
    for part, outcome in zip(parts, outcomes, strict=True):
        if outcome.error is not None:
            rejected += [Rejected.by(outcome.error, line, part.reference) for line in part.lines]
            continue
        summary.accepted += len(part.lines)
        fresh = bool(outcome.data.get("created", True))
        summary.created += fresh
        summary.known += not fresh
    summary.refused += len(rejected)
    for line in rejected:
        summary.reasons[line.code] = summary.reasons.get(line.code, 0) + 1
    report.add(sorted(rejected, key=lambda line: line.line))
