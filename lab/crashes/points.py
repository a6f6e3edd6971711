"""Where a program can die: on either side of each commit, of each call to the outside, and of each end of a job.

Nothing of it stands in the product: the places are those at which Django commits, at which `core.http` calls, at which a
message is handed to a mail server, and at which the queue forgets a job. All of them are counted, so none can be left out.
"""

import os
import signal
import smtplib
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from procrastinate.manager import JobManager

from orderwerk.core import http

_WRITES = ("insert", "update", "delete", "with", "select pg_notify")


class Points:
    """Counts the points that are passed, and dies at the one that is asked for."""

    def __init__(self) -> None:
        self.passed = 0
        self.deadly = 0
        self.log = Path(os.devnull)

    def pass_by(self, what: str) -> None:
        """Pass a point, or die there as by kill -9."""
        self.passed += 1
        if self.passed == self.deadly:
            self.log.write_text(f"{what}, in {_whose()}", encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)


POINTS = Points()


def _whose() -> str:
    """Return which function of the product is at work."""
    for frame, _ in traceback.walk_stack(None):
        name = frame.f_globals.get("__name__", "")
        if name.startswith("orderwerk.") and ".core." not in name:
            return f"{name.removeprefix('orderwerk.')}.{frame.f_code.co_name}"
    return "the program"


def _around(owner: Any, name: str, what: str) -> None:
    plain: Callable[..., Any] = getattr(owner, name)

    @wraps(plain)
    def watched(*args: Any, **named: Any) -> Any:
        POINTS.pass_by(f"before {what}")
        result = plain(*args, **named)
        POINTS.pass_by(f"after {what}")
        return result

    setattr(owner, name, watched)


def _around_own_statements() -> None:
    plain = CursorWrapper.execute

    @wraps(plain)
    def watched(self: Any, query: Any, params: Any = None) -> Any:
        lasting = not self.db.in_atomic_block and str(query).lstrip().lower().startswith(_WRITES)
        if lasting:
            POINTS.pass_by("before a statement of its own")
        result = plain(self, query, params)
        if lasting:
            POINTS.pass_by("after a statement of its own")
        return result

    CursorWrapper.execute = watched  # type: ignore[method-assign]


def _around_the_end_of_jobs() -> None:
    plain = JobManager.finish_job

    @wraps(plain)
    async def watched(self: JobManager, *args: Any, **named: Any) -> Any:
        POINTS.pass_by("before a job is forgotten")
        result = await plain(self, *args, **named)
        POINTS.pass_by("after a job is forgotten")
        return result

    JobManager.finish_job = watched  # type: ignore[method-assign]


def watch() -> None:
    """Make every such place of this process a point."""
    _around(BaseDatabaseWrapper, "_commit", "a commit")
    _around_own_statements()
    _around(http, "request", "a call to the payment provider")
    _around(smtplib.SMTP, "data", "a message is handed over")
    _around_the_end_of_jobs()
