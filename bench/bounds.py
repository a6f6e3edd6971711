"""No measurement and no lab goes on for ever: each tells its bound in time and keeps it."""

import argparse
import signal
import sys
from types import FrameType


def parsed(parser: argparse.ArgumentParser, minutes: float) -> argparse.Namespace:
    """Read a program's options, among them how long it may take at most, say that, and start the clock.

    When it is over, the program ends with exit status 1, and puts away what it has started, as after any failure.
    """
    parser.add_argument("--within", type=float, default=minutes, metavar="MINUTES", help=f"the most it may take ({minutes:g}); then it ends as failed")  # fmt: skip
    options = parser.parse_args()
    # Not where figures are printed: programs read those of others.
    print(f"takes at most {options.within:g} minutes", file=sys.stderr, flush=True)

    def over(_: int, __: FrameType | None) -> None:
        raise SystemExit(f"not done within {options.within:g} minutes")

    signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, options.within * 60)
    return options
