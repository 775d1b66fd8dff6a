"""The collector's web application: aiohttp requests to values and back, bounded in size and time."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from services.ingest.adapters.call_spans import tell_calls
from services.ingest.adapters.http_body import Overflow, Reading, held_body, unread_response
from services.ingest.adapters.http_connection import Crowd, response_of
from services.ingest.adapters.http_hooks import HookPlace, hook_check_response, hook_response
from services.ingest.core import answers
from services.ingest.core.answers import Answer
from services.ingest.core.client import Network, client_of
from services.ingest.core.door import READ, READ_OF_PIXEL, Head, Pass
from services.ingest.core.form import MAX_FORM_BYTES, form_fields
from services.ingest.core.headers import TRACE, is_trace
from services.ingest.core.intake import Intake
from services.ingest.core.keyring import is_ours
from services.ingest.core.load import Load, Shares
from services.ingest.core.page_acts import PageAct
from services.ingest.core.reasons import Reason, Refusal, Refused
from services.ingest.core.routes import ROUTES, Act, Route
from services.ingest.metrics import REQUEST_SECONDS, REQUESTS, TRACES_LEFT_OUT
from services.ingest.pipeline import (
    Desk,
    Visit,
    choose,
    collect_pixel,
    crowded,
    enter,
    keep,
    project_of,
    show_acts,
    source_of,
    take_in,
    unread,
    unsubscribe,
)
from services.ingest.webhooks import ONLY_OURS, Hooks
from services.runtime import spans
from services.runtime.clock import now_ns

PREFLIGHT_AGE_S = 7_200  # the longest a browser keeps it (Chromium)
EXPOSED = "Retry-After"  # what a page's script may read beside the body


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one collector waits for, and holds at once.

    `read_s`: for headers, and for a body: a tracker sends both at once. `linger_s`: how long a refused body is read on,
    so that its sender gets to see the answer. `body_bytes`: of all bodies on their way in, an eighth of it for those of
    one client, so at least 4 MB. `proxies`: whose word counts for who a client is.
    """

    read_s: float = 5.0
    linger_s: float = 2.0
    body_bytes: int = 32_000_000
    connections: int = 1_000
    proxies: Sequence[Network] = ()


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
DESK: web.AppKey[Desk] = web.AppKey("desk")
CLOCK: web.AppKey[Callable[[], int]] = web.AppKey("clock")
BOUNDS: web.AppKey[Bounds] = web.AppKey("bounds")
CROWD: web.AppKey[Crowd] = web.AppKey("crowd")
BODIES: web.AppKey[Shares] = web.AppKey("bodies")
HOOKS: web.AppKey[Hooks] = web.AppKey("hooks")

log = logging.getLogger(__name__)


def collector_app(
    desk: Desk, now_ms: Callable[[], int], bounds: Bounds = Bounds(), hooks: Hooks = ONLY_OURS
) -> web.Application:
    """The collector as an application; `now_ms` is the clock."""
    app = web.Application(middlewares=[_outermost])
    app[DESK], app[CLOCK], app[BOUNDS], app[HOOKS] = desk, now_ms, bounds, hooks
    app[CROWD], app[BODIES] = Crowd(bounds.connections), Shares(Load(bounds.body_bytes))
    for route in ROUTES:
        _add(app.router, route)
    begin_metrics()
    app.router.add_route("OPTIONS", "/{path:.*}", _preflight)
    return app


def begin_metrics() -> None:
    """Let what is asked of each route be there before its first call; other statuses come when they come."""
    for route in ROUTES:
        REQUESTS.labels(route.path, "200")
        REQUEST_SECONDS.labels(route.path)


def _add(router: web.UrlDispatcher, route: Route) -> None:
    pattern = route.path.replace("{kind}", f"{{kind:{'|'.join(route.kinds)}}}")
    acts = _ACTS[route.act]

    async def handle(request: web.Request) -> web.StreamResponse:
        return await acts(request, route.kinds.get(request.match_info.get("kind", ""), ""))

    if route.changes_nothing:
        router.add_get(pattern, handle)  # HEAD with it
    else:
        router.add_route(route.method, pattern, handle)


@web.middleware
async def _outermost(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count, time, and grant CORS to our own origins."""
    began_s = time.perf_counter()
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = response_of(_unrouted(error))
    except ConnectionError:  # who asked is gone
        raise
    except Exception:
        log.exception("bug")
        response = response_of(answers.failed())
        response.force_close()
    origin = request.headers.get("Origin")
    if origin is not None:
        response.headers["Vary"] = "Origin"
        if is_ours(origin, request.app[DESK].ring().origins):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Expose-Headers"] = EXPOSED
    route = _route(request)
    REQUESTS.labels(route, str(response.status)).inc()
    REQUEST_SECONDS.labels(route).observe(time.perf_counter() - began_s)
    return response


def _unrouted(error: web.HTTPException) -> Answer:
    """404, or 405 where the path is there with other methods; OPTIONS alone is everywhere."""
    allowed = error.allowed_methods if isinstance(error, web.HTTPMethodNotAllowed) else set()
    if allowed - {"OPTIONS"}:
        return answers.wrong_method(allowed)
    return answers.refused(Refusal(Reason.UNKNOWN_PATH, "expected a path of this collector, such as /v1/batch"))


async def _take(request: web.Request, kind: str) -> web.Response:
    head, desk, began_ns = _head(request, kind), request.app[DESK], now_ns()
    shown = enter(head, desk, request.app[CLOCK]())
    if isinstance(shown, Answer):
        return response_of(shown)
    try:
        intake = await _read_in(request, head, shown)
    except (Refused, Overflow) as error:
        return unread_response(error)
    if isinstance(intake, Answer):
        return response_of(intake)
    response = response_of(await keep(intake, desk))
    if spans.is_on():
        tell_calls(intake, _route(request), response.status, began_ns)
    return response


async def _read_in(request: web.Request, head: Head, shown: Pass) -> Intake | Answer:
    """What the whole body holds; raises as `held_body` does."""
    app = request.app
    async with held_body(request, Reading(app[BODIES], head.client, app[BOUNDS].read_s)) as body:
        return take_in(head, shown, body, app[DESK], app[CLOCK]())


async def _hook(request: web.Request, _: str) -> web.Response:
    return await hook_response(request, _hook_place(request))


async def _hook_check(request: web.Request, _: str) -> web.Response:
    return hook_check_response(request, _hook_place(request))


def _hook_place(request: web.Request) -> HookPlace:
    app = request.app
    return HookPlace(app[DESK], app[HOOKS], app[CLOCK], app[BODIES], app[BOUNDS].read_s, _client(request))


async def _pixel(request: web.Request, kind: str) -> web.Response:
    head = _head(request, kind, is_pixel=True)
    fields = list(request.query.items())
    return response_of(await collect_pixel(head, fields, request.app[DESK], request.app[CLOCK]()))


async def _source(request: web.Request, _: str) -> web.Response:
    return response_of(source_of(_head(request), request.app[DESK], request.app[CLOCK]()))


async def _project(request: web.Request, _: str) -> web.Response:
    head = _head(request, query_key=request.match_info["key"])
    return response_of(project_of(head, request.host, request.app[DESK], request.app[CLOCK]()))


async def _ask(request: web.Request, _: str) -> web.Response:
    return response_of(show_acts(_visit(request), request.app[DESK]))


async def _unsubscribe(request: web.Request, _: str) -> web.Response:
    return response_of(await unsubscribe(_visit(request), request.app[DESK], request.app[CLOCK]()))


async def _choose(request: web.Request, kind: str) -> web.Response:
    try:
        app = request.app
        async with held_body(
            request, Reading(app[BODIES], _client(request), app[BOUNDS].read_s, MAX_FORM_BYTES)
        ) as body:
            fields = form_fields(body)
    except (Refused, Overflow) as error:
        response = response_of(unread(error.refusal) if isinstance(error, Refused) else crowded())
        response.force_close()  # the rest of the body is not waited for
        return response
    desk, now_ms = request.app[DESK], request.app[CLOCK]()
    return response_of(await choose(_visit(request), PageAct(kind), fields, desk, now_ms))


def _visit(request: web.Request) -> Visit:
    return Visit(request.match_info["token"], "../" if "kind" in request.match_info else "")


async def _preflight(request: web.Request) -> web.Response:
    """Grant what was asked to our origins: with credentials a literal `*` would be refused by the browser."""
    headers = {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Max-Age": str(PREFLIGHT_AGE_S)}
    asked = request.headers.get("Access-Control-Request-Headers")
    if asked:
        headers["Access-Control-Allow-Headers"] = asked
    is_granted = is_ours(request.headers.get("Origin", "null"), request.app[DESK].ring().origins)
    return web.Response(status=204, headers=headers) if is_granted else web.Response(status=403)


_ACTS: dict[Act, Callable[[web.Request, str], Awaitable[web.StreamResponse]]] = {
    Act.TAKE: _take,
    Act.PIXEL: _pixel,
    Act.SOURCE: _source,
    Act.PROJECT: _project,
    Act.ASK: _ask,
    Act.UNSUBSCRIBE: _unsubscribe,
    Act.CHOOSE: _choose,
    Act.HOOK: _hook,
    Act.HOOK_CHECK: _hook_check,
}


def _head(request: web.Request, kind: str = "", query_key: str = "", *, is_pixel: bool = False) -> Head:
    sent = request.headers
    names = READ_OF_PIXEL if is_pixel else READ
    headers = {name: ", ".join(sent.getall(name)) for name in names if name in sent}
    if TRACE in headers and not is_trace(headers[TRACE]):
        del headers[TRACE]
        TRACES_LEFT_OUT.inc()
    return Head(kind, headers, query_key or request.query.get("writeKey", ""), _client(request), is_pixel)


def _client(request: web.Request) -> str:
    forwarded = ", ".join(request.headers.getall("X-Forwarded-For", ()))
    return client_of(request.remote, forwarded, request.app[BOUNDS].proxies)


def _route(request: web.Request) -> str:
    """The route's pattern: few values, and no token of a person."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
