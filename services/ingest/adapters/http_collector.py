"""The collector's web server: aiohttp requests to values and back, bounded in size and time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from services.ingest.core import answers
from services.ingest.core.access import is_ours
from services.ingest.core.answers import KINDS, Answer, Request
from services.ingest.core.body import MAX_BODY_BYTES
from services.ingest.core.reasons import Reason, Refusal, Refused
from services.ingest.metrics import REQUEST_SECONDS, REQUESTS
from services.ingest.pipeline import Desk, ask_to_unsubscribe, collect, configuration, unsubscribe
from services.runtime.outcome import Misconfigured
from services.runtime.tasks import Tasks

KEEP_ALIVE_S = 15.0
PREFLIGHT_AGE_S = 7_200  # the longest a browser keeps it (Chromium)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a sender is waited for.

    `read_s`: for headers, and for a body: a tracker sends both at once. `linger_s`: how long a refused body is read on,
    so that its sender gets to see the answer.
    """

    read_s: float = 5.0
    linger_s: float = 2.0


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
DESK: web.AppKey[Desk] = web.AppKey("desk")
CLOCK: web.AppKey[Callable[[], int]] = web.AppKey("clock")
WAITS: web.AppKey[Waits] = web.AppKey("waits")
SILENT: web.AppKey[set[RequestHandler]] = web.AppKey("silent")


def collector_app(desk: Desk, now_ms: Callable[[], int], waits: Waits = Waits()) -> web.Application:
    """The collector as an application; `now_ms` is the clock."""
    app = web.Application(middlewares=[_outermost], client_max_size=MAX_BODY_BYTES)
    app[DESK], app[CLOCK], app[WAITS], app[SILENT] = desk, now_ms, waits, set()
    app.add_routes(
        [
            web.post("/v1/{kind}", _take),
            web.post("/api/s/{kind}", _take),
            web.get("/sourceConfig", _configuration),
            web.get("/sourceConfig/", _configuration),
            web.get("/u/{token}", _ask),
            web.post("/u/{token}", _unsubscribe),
            web.route("OPTIONS", "/{path:.*}", _preflight),
        ]
    )
    return app


async def listen(app: web.Application, host: str, port: int, tasks: Tasks) -> tuple[Callable[[], Awaitable[None]], int]:
    """Serve the application; how to stop it, and the port it got.

    Raises:
        Misconfigured: the address cannot be had.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,  # the core inflates, within limits
        keepalive_timeout=KEEP_ALIVE_S,
        lingering_time=app[WAITS].linger_s,
    )
    await runner.setup()
    server = runner.server
    if server is None:  # pragma: no cover (setup has made it)
        raise Misconfigured("the collector's server was not set up")

    def connect() -> RequestHandler:
        connection = server()
        app[SILENT].add(connection)
        tasks.later("drop the silent", app[WAITS].read_s, partial(_drop_silent, connection, app[SILENT]))
        return connection

    try:
        listener = await asyncio.get_running_loop().create_server(connect, host, port)
    except OSError as error:
        await runner.cleanup()
        raise Misconfigured(
            f"the collector cannot listen on {host}:{port}: {error.strerror}; set KINDLING_INGEST_HOST and "
            "KINDLING_INGEST_PORT to a free address"
        ) from error

    async def stop() -> None:
        listener.close()
        await runner.cleanup()

    return stop, int(listener.sockets[0].getsockname()[1])


def _drop_silent(connection: RequestHandler, silent: set[RequestHandler]) -> None:
    """Close a connection whose first headers are not whole by now; later ones are aiohttp's keep-alive's business."""
    if connection in silent:
        silent.discard(connection)
        connection.force_close()


@web.middleware
async def _outermost(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count, time, and grant CORS to our own origins."""
    request.app[SILENT].discard(request.protocol)
    began_s = time.perf_counter()
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = _response(answers.refused(Refusal(Reason.UNKNOWN_PATH, error.reason)))
    origin = request.headers.get("Origin")
    if origin is not None:
        response.headers["Vary"] = "Origin"
        if is_ours(origin, request.app[DESK].origins):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
    route = _route(request)
    REQUESTS.labels(route, str(response.status)).inc()
    REQUEST_SECONDS.labels(route).observe(time.perf_counter() - began_s)
    return response


async def _take(request: web.Request) -> web.Response:
    kind = KINDS.get(request.match_info["kind"])
    if kind is None:
        return _response(answers.refused(Refusal(Reason.UNKNOWN_PATH, "expected /v1/track and its kin")))
    try:
        body = await _body(request)
    except Refused as refused:
        response = _response(answers.refused(refused.refusal))
        response.force_close()
        return response
    headers = {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers}
    return _response(await collect(Request(kind, headers, body), request.app[DESK], request.app[CLOCK]()))


async def _body(request: web.Request) -> bytes:
    """The whole body as it came.

    Raises:
        Refused: too large, too slow, or cut short.
    """
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise Refused(Reason.TOO_LARGE, f"expected at most {MAX_BODY_BYTES} bytes")
    read_s = request.app[WAITS].read_s
    try:
        async with asyncio.timeout(read_s):
            return await request.read()
    except TimeoutError:
        raise Refused(Reason.TOO_SLOW, f"expected the whole body within {read_s:g} seconds") from None
    except web.HTTPRequestEntityTooLarge:
        raise Refused(Reason.TOO_LARGE, f"expected at most {MAX_BODY_BYTES} bytes") from None
    except web.RequestPayloadError:
        raise Refused(Reason.NOT_JSON, "expected a whole body") from None


async def _configuration(request: web.Request) -> web.Response:
    key, authorization = request.query.get("writeKey", ""), request.headers.get("Authorization", "")
    return _response(configuration(key, authorization, request.app[DESK]))


async def _ask(request: web.Request) -> web.Response:
    return _response(ask_to_unsubscribe(request.match_info["token"], request.app[DESK]))


async def _unsubscribe(request: web.Request) -> web.Response:
    return _response(await unsubscribe(request.match_info["token"], request.app[DESK], request.app[CLOCK]()))


async def _preflight(request: web.Request) -> web.Response:
    """Grant what was asked to our origins: with credentials a literal `*` would be refused by the browser."""
    headers = {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Max-Age": str(PREFLIGHT_AGE_S)}
    asked = request.headers.get("Access-Control-Request-Headers")
    if asked:
        headers["Access-Control-Allow-Headers"] = asked
    is_granted = is_ours(request.headers.get("Origin", "null"), request.app[DESK].origins)
    return web.Response(status=204, headers=headers) if is_granted else web.Response(status=403)


def _response(answer: Answer) -> web.Response:
    return web.Response(
        status=answer.status, body=answer.body, content_type=answer.content_type, charset="utf-8",
        headers=dict(answer.headers),
    )  # fmt: skip


def _route(request: web.Request) -> str:
    """The route's pattern: few values, and no token of a person."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
