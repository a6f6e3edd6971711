"""The web server process: granian with its own worker processes; the front hands requests to threads."""

import resource

from granian.constants import Interfaces
from granian.server import Server

from orderwerk.config.orphans import leave_with_parent

# Connections that one worker keeps open, idle ones too; a request waits for a thread, a connection does not.
_CONNECTIONS = 4096
_OTHER_FILES = 256


def run_web(host: str, port: int, workers: int) -> None:
    """Serve until SIGINT or SIGTERM; requests that run are finished first. A worker that dies is replaced."""
    leave_with_parent()
    Server(
        "orderwerk.config.wsgi:front",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=workers,
        backpressure=_connections(),
        websockets=False,
        log_enabled=False,
        respawn_failed_workers=True,
        respawn_interval=1.0,
        workers_kill_timeout=30,
    ).serve()


def _connections() -> int:
    """Raise the limit of open files as far as it goes up to what is wanted, and return how many may be connections."""
    wanted = _CONNECTIONS + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(files - _OTHER_FILES, _OTHER_FILES)
