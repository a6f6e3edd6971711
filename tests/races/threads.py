"""Runs the same moment in many threads, each with its own connection, from behind one barrier."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connections

T = TypeVar("T")
# So many connections meet at once where it matters most.
THREADS = 32
# How many moments there were with so many connections at once; the lab that repeats the races prints it.
MOMENTS: Counter[int] = Counter()


def together(actions: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """Run all actions at once and return what each gave or raised, in order."""
    MOMENTS[len(actions)] += 1
    barrier = threading.Barrier(len(actions))
    results: list[T | BaseException] = [AssertionError("did not run")] * len(actions)

    def run(index: int) -> None:
        try:
            barrier.wait(timeout=20)
            results[index] = actions[index]()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
