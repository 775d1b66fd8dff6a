"""The collector's listening socket: connections bounded in number, and in how long they may be silent."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from services.ingest.adapters.http_collector import BOUNDS, CROWD
from services.ingest.adapters.http_connection import Connection, TurnedAway
from services.ingest.adapters.http_text import reading_clean
from services.runtime.outcome import Misconfigured, cannot_listen
from services.runtime.tasks import Tasks

KEEP_ALIVE_S = 15.0


async def listen(app: web.Application, host: str, port: int, tasks: Tasks) -> tuple[Callable[[], Awaitable[None]], int]:
    """Serve the application; how to stop it, and the port it got.

    Raises:
        AddressInUse: somebody else has the port at this moment.
        Misconfigured: the address cannot be had.
    """
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    server = runner.server
    if server is None:  # pragma: no cover (setup has made it)
        raise Misconfigured("the collector's server was not set up")
    server.request_factory = reading_clean(server.request_factory)
    try:
        listener = await asyncio.get_running_loop().create_server(partial(_connect, server, app, tasks), host, port)
    except OSError as error:
        await runner.cleanup()
        where = f"KINDLING_INGEST_HOST and KINDLING_INGEST_PORT: the collector cannot listen on {host}:{port}"
        raise cannot_listen(error, where) from error

    async def stop() -> None:
        listener.close()
        await runner.cleanup()

    return stop, int(listener.sockets[0].getsockname()[1])


def _connect(server: web.Server, app: web.Application, tasks: Tasks) -> asyncio.Protocol:
    crowd, bounds = app[CROWD], app[BOUNDS]
    if crowd.open >= crowd.most:
        return TurnedAway(crowd, tasks.later)
    connection = Connection(
        server,
        crowd,
        access_log=None,
        auto_decompress=False,  # the core inflates, within limits
        keepalive_timeout=KEEP_ALIVE_S,
        lingering_time=bounds.linger_s,
    )
    tasks.later("drop the silent", bounds.read_s, connection.drop_if_silent)
    return connection
