"""Calls that come at the same time run as one; each gets its own result or its own error."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from orderwerk.core.grouping import Group


class Work:
    """A command that doubles numbers, refuses 13, and can be held up."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.started = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.calls.append(list(items))
        self.started.set()
        self.go_on.wait(10)
        if 13 in items:
            raise ValueError("13")
        return [2 * item for item in items]


def hold_up(work: Work, group: Group[int, int], pool: ThreadPoolExecutor) -> object:
    """Start one call that stays at work until `go_on` is set."""
    work.go_on.clear()
    work.started.clear()
    first = pool.submit(group.call, 0, scope="a")
    assert work.started.wait(10)
    return first


def wait_for(group: Group[int, int], count: int) -> None:
    while group.waiting < count:
        threading.Event().wait(0.001)


def test_one_at_a_time_is_a_group_of_one() -> None:
    work = Work()
    group = Group[int, int](work)

    assert [group.call(n, scope="a") for n in (1, 2, 3)] == [2, 4, 6]
    assert work.calls == [[1], [2], [3]]


def test_what_comes_while_one_is_at_work_runs_together_in_order() -> None:
    work = Work()
    group = Group[int, int](work, most=3)
    with ThreadPoolExecutor(8) as pool:
        hold_up(work, group, pool)
        rest = []
        for n in range(1, 6):
            rest.append(pool.submit(group.call, n, scope="a"))
            wait_for(group, n)
        work.go_on.set()

        assert [one.result(10) for one in rest] == [2, 4, 6, 8, 10]

    assert work.calls == [[0], [1, 2, 3], [4, 5]]


def test_only_equal_scopes_share_a_call() -> None:
    work = Work()
    group = Group[int, int](work)
    with ThreadPoolExecutor(8) as pool:
        hold_up(work, group, pool)
        rest = []
        for n, scope in enumerate("abab", start=1):
            rest.append(pool.submit(group.call, n, scope=scope))
            wait_for(group, n)
        work.go_on.set()

        assert [one.result(10) for one in rest] == [2, 4, 6, 8]

    assert work.calls == [[0], [1, 3], [2, 4]]


def test_an_error_in_a_group_stays_with_the_one_that_caused_it() -> None:
    work = Work()
    group = Group[int, int](work)
    with ThreadPoolExecutor(8) as pool:
        hold_up(work, group, pool)
        rest = []
        for n in (12, 13, 14):
            rest.append(pool.submit(group.call, n, scope="a"))
            wait_for(group, len(rest))
        work.go_on.set()

        assert rest[0].result(10) == 24
        with pytest.raises(ValueError, match="13"):
            rest[1].result(10)
        assert rest[2].result(10) == 28

    assert work.calls == [[0], [12, 13, 14], [12], [13], [14]]
    assert group.call(5, scope="a") == 10


def test_many_threads_all_get_their_own_answer() -> None:
    group = Group[int, int](lambda items: [2 * item for item in items], most=7)

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda n: group.call(n, scope=n % 3), range(3000)))

    assert answers == [2 * n for n in range(3000)]


def test_an_item_run_by_itself_carries_what_happened_to_its_group() -> None:
    def fail(items: Sequence[int]) -> list[int]:
        work(items)
        raise ConnectionError(len(items))

    work = Work()
    group = Group[int, int](fail)
    with ThreadPoolExecutor(8) as pool:
        hold_up(work, group, pool)
        rest = []
        for n in (1, 2):
            rest.append(pool.submit(group.call, n, scope="a"))
            wait_for(group, n)
        work.go_on.set()
        errors = [one.exception(10) for one in rest]

    for error in errors:
        assert repr(error) == "ConnectionError(1)"
        assert error is not None
        assert repr(error.__context__) == "ConnectionError(2)"
