"""The web server process: granian with its own worker processes, synchronous views on threads."""

from granian.constants import Interfaces
from granian.server import Server

from orderwerk.config.orphans import leave_with_parent


def run_web(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until SIGINT or SIGTERM; requests that run are finished first. A worker that dies is replaced."""
    leave_with_parent()
    Server(
        "orderwerk.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        blocking_threads_idle_timeout=600,
        backpressure=256,
        websockets=False,
        log_enabled=False,
        respawn_failed_workers=True,
        respawn_interval=1.0,
        workers_kill_timeout=30,
    ).serve()
