"""Runs calls that come at the same time as one: under load a whole group shares a transaction, without a timer."""

import logging
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

from orderwerk.core import uow
from orderwerk.core.errors import ensure

_log = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class _Waiting(Generic[T, R]):
    """One caller: what it brought, and later either its result, its error, or the turn to lead."""

    item: T
    scope: Hashable
    woken: Event = field(default_factory=Event)
    result: R | None = None
    error: BaseException | None = None
    is_finished: bool = False


class Group(Generic[T, R]):
    """Gathers calls of one command within this process.

    Whoever finds nobody at work leads: it takes what waits of its own scope, `most` at a time, and runs it as one call,
    on its own thread and connection. Whoever comes meanwhile waits and is answered by the next leader. With one caller
    at a time nobody ever waits, and a group is a group of one.
    """

    def __init__(self, run: Callable[[Sequence[T]], Sequence[R]], *, most: int = 64) -> None:
        self._run = run
        self._most = most
        self._lock = Lock()
        self._queue: deque[_Waiting[T, R]] = deque()
        self._is_led = False

    @property
    def waiting(self) -> int:
        """How many calls wait for the next leader."""
        return len(self._queue)

    def call(self, item: T, *, scope: Hashable) -> R:
        """Run one item, together with others of an equal `scope` that wait; returns its result or raises its error.

        When a group fails as a whole, each of its items is run by itself, so that one caller's misfortune stays its own.
        """
        ensure(uow.current() is None, "a grouped call opens its own transaction")
        mine = _Waiting[T, R](item, scope)
        with self._lock:
            self._queue.append(mine)
            leads = not self._is_led
            self._is_led = True
        if not leads:
            mine.woken.wait()
        if not mine.is_finished:
            self._lead(mine)
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[return-value] # finished without an error: the result is there

    def _lead(self, mine: _Waiting[T, R]) -> None:
        with self._lock:
            # The one that leads stands first in the queue: it came to an empty one, or was woken as the oldest.
            members = [each for each in self._queue if each.scope == mine.scope][: self._most]
            taken = {id(each) for each in members}
            self._queue = deque(each for each in self._queue if id(each) not in taken)
        try:
            self._do_all(members)
        finally:
            with self._lock:
                successor = self._queue[0] if self._queue else None
                self._is_led = successor is not None
            for member in members:
                member.is_finished = True
                member.woken.set()
            if successor is not None:
                successor.woken.set()

    def _do_all(self, members: Sequence[_Waiting[T, R]]) -> None:
        if len(members) == 1:
            self._do_each(members)
            return
        try:
            results = self._run([member.item for member in members])
        except Exception as error:  # noqa: BLE001 - whatever it was, each item now speaks for itself
            _log.info("a group of %s is run one by one", len(members), exc_info=error)
            # Within the handler, so that what happens to an item now carries what happened to its group before.
            self._do_each(members)
            return
        for member, result in zip(members, results, strict=True):
            member.result = result

    def _do_each(self, members: Sequence[_Waiting[T, R]]) -> None:
        for member in members:
            try:
                [member.result] = self._run([member.item])
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's own thread
                member.error = error
