"""A database that was away finds its job workers back within seconds, however long it was away."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
from django.db import connection
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException

from orderwerk.config.worker import queue_connector

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
_AWAY_SECONDS = 33.0
# What waits one second, two and four is back within five; one row of doublings would be away for twenty-seven more at least.
_SOONEST_SECONDS = 20.0


class Wire:
    """A way to the database that can be cut and laid again at the same port."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def lay(self) -> None:
        self._listener = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._listener is not None
        self._listener.close()
        for end in self._open:
            end.transport.abort()

    async def _carry(self, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far_in, far_out = await asyncio.open_connection(*self._to)
        self._open |= {near_out, far_out}
        with contextlib.suppress(OSError):
            await asyncio.gather(_pump(near_in, far_out), _pump(far_in, near_out))


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        target.write(piece)
        await target.drain()
    target.close()


@contextlib.asynccontextmanager
async def opened(wire: Wire) -> AsyncIterator[PsycopgConnector]:
    connector = queue_connector(host="127.0.0.1", port=wire.port)
    await connector.open_async()
    try:
        yield connector
    finally:
        await connector.close_async()


async def _answers(connector: PsycopgConnector) -> bool:
    """Ask as the worker does, which waits two seconds between its looks."""
    try:
        async with asyncio.timeout(2):
            return bool(await connector.execute_query_all_async("select 1 as one"))
    except (ConnectorException, TimeoutError):
        return False


async def _seconds_to_come_back(host: str, port: int) -> float:
    wire = Wire(host, port)
    await wire.lay()
    async with opened(wire) as connector:
        assert await _answers(connector)
        await wire.cut()
        end = time.monotonic() + _AWAY_SECONDS
        while time.monotonic() < end:
            assert not await _answers(connector)
            await asyncio.sleep(0.2)
        await wire.lay()
        back = time.monotonic()
        while not await _answers(connector):
            assert time.monotonic() < back + 60
        taken = time.monotonic() - back
        await wire.cut()
    return taken


def test_the_queue_is_back_within_seconds_of_its_database() -> None:
    to = connection.get_connection_params()

    taken = asyncio.run(_seconds_to_come_back(str(to.get("host") or "127.0.0.1"), int(to["port"])))

    assert taken < _SOONEST_SECONDS
