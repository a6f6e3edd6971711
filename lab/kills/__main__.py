"""Kill -9 of web, worker and the embedded PostgreSQL, again and again, while orders are placed, sent, returned and paid back.

    python -m lab.kills [--cycles 200] [--of web,worker,postgres] [--people 6] [--seconds 3] [--pause 0] [--seed 0]

Each cycle lets people work for some seconds and kills every process of one kind; the supervisor starts them again. The
mail server and the payment provider are doubles that hang up, forget and repeat. In the end all work is let finish; then the
clients' own book, the mail server, the provider and the tables are compared, and `orderwerk check` has to find nothing.
A fault of each kind is planted in the end: the same judge has to find it. `--pause` stops the workers for so many seconds first
and lets them go on. Exit status 1 when anything was found.
"""

import argparse
import sys
import time
from typing import Any

from bench.bounds import parsed
from lab.kills.installation import KINDS, Caller, Installation, installation
from lab.kills.outside import mail_sink
from lab.kills.people import SCOPES, History, at_work, set_up
from lab.kills.seen import Reach, drain
from lab.kills.telling import tell
from tests.doubles.mollie import MollieDouble
from tests.doubles.wire import serving

_PROVIDER_FAULTS = ("hang_after", "500_after", "cut_after", "cut_before", "500_before", "garbage_after", "429")  # fmt: skip


def main() -> None:
    """Kill, drain, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--cycles", type=int, default=200, help="of each kind")
    parser.add_argument("--of", default=",".join(KINDS))
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parsed(parser, minutes=180)
    with mail_sink(options.seed, faults=0.03) as sink, serving(MollieDouble()) as double:
        mollie: Any = double
        with installation(sink.port, mollie.url) as place:
            place.open_door(SCOPES)
            sys.exit(_run(place, sink, mollie, options))


def _run(place: Installation, sink: Any, mollie: Any, options: argparse.Namespace) -> int:
    caller, book = Caller(place), History()
    set_up(caller, mollie)
    with at_work(options.people, caller, mollie, book):
        if options.pause:
            print(f"workers stopped for {options.pause:.0f} s", flush=True)
            place.pause("worker", options.pause)
            time.sleep(options.seconds)
        _kill(place, mollie, book, options)
    # From here on the provider is well: what was to go wrong and met nobody is forgotten.
    mollie.calm()
    took = drain(place.database_url())
    print(f"answers: {dict(sorted(caller.told.items()))}")
    return tell(Reach(place.database_url(), place.run), sink, mollie, book, took)


def _kill(place: Installation, mollie: Any, book: History, options: argparse.Namespace) -> None:
    kinds = options.of.split(",")
    gaps: dict[str, list[float]] = {kind: [] for kind in kinds}
    for cycle in range(options.cycles):
        for kind in kinds:
            mollie.fail(_PROVIDER_FAULTS[(cycle + options.seed) % len(_PROVIDER_FAULTS)])
            time.sleep(options.seconds)
            place.kill(kind)
            gaps[kind].append(place.wait(120))
        if (cycle + 1) % 10 == 0:
            print(f"{cycle + 1} cycles of each, {len(book.placed)} orders acknowledged", flush=True)
    for kind, waits in gaps.items() if options.cycles else ():
        print(f"{kind:10s} killed {len(waits)} times; answers again after {sorted(waits)[len(waits) // 2]:.1f} s, at most {max(waits):.1f} s")  # fmt: skip


if __name__ == "__main__":
    main()
