"""One job worker process: the queue's worker, the relay that feeds it, and the sweeper behind killed workers."""

import asyncio
import logging
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections, connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from orderwerk.core.relay import relay_once, wait_for_work
from orderwerk.core.sweeper import sweep_once

_log = logging.getLogger(__name__)
_RELAY_WAIT_SECONDS = 1.0
_SWEEP_EVERY_SECONDS = 20.0
_PAUSE_AFTER_ERROR_SECONDS = 2.0
# The pool doubles its pause after each try to connect, and starts anew after this; left to itself it goes on doubling for
# five minutes, and a database that was away for three would wait two more for its workers.
_RECONNECT_SECONDS = 8.0


def _relay_step(_: threading.Event) -> None:
    if wait_for_work(_RELAY_WAIT_SECONDS):
        relay_once()


def _sweep_step(stop: threading.Event) -> None:
    returned = sweep_once()
    if returned:
        _log.warning("gave %d jobs of killed workers back to the queue", returned)
    stop.wait(_SWEEP_EVERY_SECONDS)


def _loop(step: Callable[[threading.Event], None], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            close_old_connections()
            step(stop)
        except Exception:  # noqa: BLE001 - the loop outlives a database that restarts
            _log.exception("a background loop failed and goes on")
            connections.close_all()
            stop.wait(_PAUSE_AFTER_ERROR_SECONDS)
    connections.close_all()


def run_worker() -> None:
    """Work until SIGINT or SIGTERM; a job that runs is finished first."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=_loop, args=(step, stop), name=name)
        for name, step in (("relay", _relay_step), ("sweeper", _sweep_step))
    ]
    for thread in threads:
        thread.start()
    try:
        asyncio.run(_work())
    finally:
        stop.set()
        for thread in threads:
            thread.join()


async def _work() -> None:
    # A second app with the same tasks: jobs and relay keep deferring through Django's own connection, and so
    # inside its transactions, while the worker itself talks to the queue over its own.
    queue = app.with_connector(queue_connector())
    async with queue.open_async():
        await queue.run_worker_async(
            concurrency=settings.ENV.job_threads,
            name="orderwerk",
            listen_notify=True,
            fetch_job_polling_interval=2.0,
            delete_jobs="successful",
        )


def queue_connector(**differently: object) -> PsycopgConnector:
    """Return the worker's own connector to the queue, to where Django connects; `differently` are parameters of its connections."""
    return PsycopgConnector(
        kwargs=connector_params() | differently, reconnect_timeout=_RECONNECT_SECONDS
    )
