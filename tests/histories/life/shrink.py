"""Makes a history that went wrong as short as it can be, within some seconds."""

import time
from collections.abc import Sequence

from tests.histories.life.cohort import Step, Violation, walk


def shrink(found: Violation, *, seconds: float = 60) -> Violation:
    """Run a history again by itself, and leave out what is not needed for it to go wrong; as it was where it does not."""
    until = time.monotonic() + seconds
    shortest = _again(found.seed, found.log)
    if shortest is None:
        return Violation(found.seed, f"only with others: {found.what}", found.log)
    size = max(1, len(shortest.log) // 2)
    while time.monotonic() < until:
        shorter = _without(shortest, size, until)
        if shorter is not None:
            shortest = shorter
        elif size == 1:
            break
        else:
            size //= 2
    return shortest


def _without(found: Violation, size: int, until: float) -> Violation | None:
    # From the end: what came last mattered most, and what came after it goes at once.
    for start in range(len(found.log) - 1, -1, -size):
        if time.monotonic() > until:
            return None
        first = max(0, start - size + 1)
        shorter = _again(found.seed, [*found.log[:first], *found.log[start + 1 :]])
        if shorter is not None:
            return shorter
    return None


def _again(seed: int, script: Sequence[Step]) -> Violation | None:
    found = walk([seed], scripts=[script])
    return found[0] if found else None


def told(found: Violation) -> str:
    """Return what went wrong, the seed and the deeds, one on a line."""
    deeds = "".join(f"\n    {name:24s} {dice}" for name, dice in found.log)
    return f"seed {found.seed}: {found.what}{deeds}"
