"""The disk is full: what is asked meanwhile, what is lost, and how it goes on when there is room again.

    python -m lab.disk_full [--of everything,data,wal] [--people 6] [--seconds 20] [--megabytes 900]

An installation with the embedded PostgreSQL lives on a small disk of its own (a tmpfs, which only root can mount). People place,
send, return and are paid back; then a file takes all the room that is left, for so many seconds, and goes away. `everything`:
data, write-ahead log and files lie on the small disk, as on any machine with one disk; `data` and `wal`: the other one of the
two lies elsewhere. Counted at the clients while the disk was full: answers to writes and to reads. Whatever was asked is done or
answered with 503 (or 409, while the same request is still being worked on). Reads are answered as ever with everything on the small
disk, as long as the log needs no further file, and mostly where the data alone lie there; `wal` makes the log need one again and again:
then PostgreSQL stops, and nothing is answered but 503. Afterwards the same comparison as of `lab.kills`. Exit status 1 when anything was answered
otherwise, lost, done twice, or wrong, or when a planted answer or a planted fault was not found.
"""

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from bench.bounds import parsed
from lab.kills.installation import Caller, Installation, installation
from lab.kills.outside import mail_sink
from lab.kills.people import SCOPES, History, at_work, set_up
from lab.kills.seen import Reach, drain
from lab.kills.telling import tell
from tests.doubles.mollie import MollieDouble
from tests.doubles.wire import serving

_READY_SECONDS = 180
_PIECE = 1 << 20
KINDS = ("everything", "data", "wal")
_WRITE = "a write"
# Done, not done, or still being done under the same key.
_HONEST = frozenset({200, 201, 503, 409})
# Which share of reads has to be more than answered: PostgreSQL stops when its log has no room, and then nothing is.
_LEAST_READ = {"everything": 0.99, "data": 0.5}

# How often each thing that was asked was answered how.
Answers = Counter[tuple[str, int]]


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount a disk of that size."""
    with tempfile.TemporaryDirectory(prefix="orderwerk-disk-") as name:
        Path(name).chmod(0o755)
        subprocess.run(["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "orderwerk", name], check=True)  # fmt: skip
        try:
            yield Path(name)
        finally:
            subprocess.run(["/usr/bin/umount", "--lazy", name], check=True)


def fill(disk: Path) -> Path:
    """Take all the room that is left, to the last byte; returns the file that does."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        piece = _PIECE
        while piece:
            try:
                file.write(bytes(piece))
            except OSError:
                piece //= 16
    return ballast


def main() -> None:
    """Fill, ask, empty, compare; for each kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--of", default=",".join(KINDS))
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--megabytes", type=int, default=900)
    options = parsed(parser, minutes=45)
    if os.geteuid():
        raise SystemExit("Only root can mount a small disk.")
    sys.exit(max(_try(kind, options) for kind in options.of.split(",")))


def _try(kind: str, options: argparse.Namespace) -> int:
    with (
        mail_sink(0, faults=0) as sink,
        serving(MollieDouble()) as mollie,
        small_disk(options.megabytes) as disk,
        installation(sink.port, mollie.url, disk if kind != "wal" else None) as place,
    ):
        if kind != "everything":
            _part(place, kind, disk)
        place.open_door(SCOPES)
        return _live(kind, place, sink, mollie, disk, options)


def _part(place: Installation, kind: str, disk: Path) -> None:
    """Let the write-ahead log lie on the other disk than the data."""
    place.stop()
    wal = place.cluster / "pg_wal"
    target = (disk if kind == "wal" else place.folder) / "wal"
    owner = wal.stat()
    shutil.move(wal, target)
    # What is moved to another disk is made anew, by whoever moves it.
    for each in (target, *target.rglob("*")):
        os.chown(each, owner.st_uid, owner.st_gid)
    wal.symlink_to(target)
    place.start()


def _live(kind: str, place: Installation, sink: Any, mollie: Any, disk: Path, options: argparse.Namespace) -> int:  # fmt: skip
    caller, book = Caller(place), History()
    set_up(caller, mollie)
    with at_work(options.people, caller, mollie, book):
        time.sleep(options.seconds / 2)
        before = dict(caller.told)
        ballast = fill(disk)
        seen = _ask(place, options.seconds, use_up=kind == "wal")
        writes = {status: n - before.get(status, 0) for status, n in sorted(caller.told.items()) if n > before.get(status, 0)}  # fmt: skip
        ballast.unlink()
        back = place.wait(_READY_SECONDS)
        time.sleep(options.seconds / 2)
    said = {f"{what} {status}": n for (what, status), n in sorted(seen.items())}
    print(f"{kind}: full for {options.seconds:.0f} s. People were answered {writes}; asked besides {said}; ready again after {back:.1f} s")  # fmt: skip
    print(f"the database said: {dict(_said(place).most_common(6))}")
    wrong, missed = answers_wrong(kind, writes, seen), answers_missed(kind, writes, seen)
    print(f"answers that should not be: {wrong or 'none'}; planted ones that were not found: {missed or 'none'}")  # fmt: skip
    told = tell(Reach(place.database_url(), place.run), sink, mollie, book, drain(place.database_url()))  # fmt: skip
    return int(bool(told or wrong or missed))


def answers_wrong(kind: str, people: Mapping[int | str, int], asked: Answers) -> list[str]:
    """What was answered while the disk was full and should not have been."""
    told = Counter(people)
    for (_, status), n in asked.items():
        told[status] += n
    wrong = [f"{n} answers of {status}" for status, n in told.items() if status not in _HONEST]
    read = {status: sum(n for (what, s), n in asked.items() if what != _WRITE and s == status) for status in (200, 503)}  # fmt: skip
    if kind in _LEAST_READ and read[200] <= _LEAST_READ[kind] * (read[200] + read[503]):
        wrong.append(f"reads: {read}")
    return wrong


def answers_missed(kind: str, people: Mapping[int | str, int], asked: Answers) -> list[str]:
    """Plant answers that should not be, and return those that are not found."""
    dead = Counter({key if key[0] == _WRITE else (key[0], 503): n for key, n in asked.items()})
    planted = {
        "a write of 500": answers_wrong(kind, {**people, 500: 1}, asked),
        "no answer": answers_wrong(kind, {**people, 0: 1}, asked),
        "a read of 500": answers_wrong(kind, people, asked + Counter({("orders", 500): 1})),
    }
    if kind in _LEAST_READ:
        planted["no reads"] = answers_wrong(kind, people, dead)
    return [what for what, found in planted.items() if not found]


def _said(place: Installation) -> Counter[str]:
    """Return why the program says that it was not answered, without what differs from case to case."""
    log = (place.folder / "server.log").read_text(encoding="utf-8", errors="replace")
    lines = re.findall(r'the database did not answer: ((?:[^"\\]|\\.)*)', log)
    return Counter(re.sub(r"[0-9/]+", "#", line[:200]) for line in lines)


def _ask(place: Installation, seconds: float, *, use_up: bool) -> Answers:
    """Read, and write with a key of its own each time, while the disk is full."""
    told: Answers = Counter()
    caller = Caller(place)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for path in ("orders", "stock-levels", "products"):
            status, _ = caller.call("GET", path)
            told[path, status] += 1
        status, _ = caller.call("POST", "memos/create", {"items": [{"order_id": str(uuid4()), "body": "x"}]}, str(uuid4()))  # fmt: skip
        told[_WRITE, status] += 1
        if use_up:
            _use_up_log(place)
        time.sleep(0.3)
    return told


def _use_up_log(place: Installation) -> None:
    """Let the write-ahead log need another file, as it does after some more work."""
    with contextlib.suppress(psycopg.Error), psycopg.connect(place.database_url(), autocommit=True) as connection:  # fmt: skip
        connection.execute("select pg_switch_wal()")


if __name__ == "__main__":
    main()
