"""The page of the pipeline, and its news by server-sent events. It alone runs a script, which is ours and in a file."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from services.console.adapters.live import MOST_LISTENERS, Full, Live
from services.console.adapters.pages import Pages

SCRIPT = Path(__file__).parents[1] / "static" / "pipeline.js"
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEARTBEAT_S = 10.0
AGAIN_MS = 3_000  # after which a browser that was cut off asks again
WRITE_WITHIN_S = 20.0  # a listener that takes nothing for so long is let go


class PipelineSite:
    """The handlers."""

    def __init__(self, live: Live, pages: Pages) -> None:
        self._live, self._pages = live, pages

    def routes(self) -> Iterable[web.RouteDef]:
        """What is served."""
        return (
            web.get("/pipeline", self._page, name="pipeline"),
            web.get("/pipeline/events", self._events, name="pipeline_events"),
            web.get("/static/pipeline.js", self._script, name="script"),
        )

    async def _page(self, _: web.Request) -> web.Response:
        response = html_of(self._pages.pipeline(await self._live.now()))
        response.headers["Content-Security-Policy"] = POLICY
        return response

    async def _script(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(SCRIPT)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """The picture and its tables as they change, until either side leaves or the console stops."""
        try:
            with self._live.listening():
                return await self._told(request)
        except Full:
            text = f"{MOST_LISTENERS} listen already, which is as many as may: close another page of the pipeline"
            return web.Response(status=503, text=f"{text}\n", headers={"Retry-After": "30"})

    async def _told(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        with suppress(ConnectionError, TimeoutError):
            await response.write(f"retry: {AGAIN_MS}\n\n".encode())
            while not self._live.is_over:
                found = await self._live.next(HEARTBEAT_S)
                if self._live.is_over:
                    break
                await self._write(response, ": alive\n\n" if found is None else _event(self._pages.now(found)))
        return response

    @staticmethod
    async def _write(response: web.StreamResponse, text: str) -> None:
        async with asyncio.timeout(WRITE_WITHIN_S):
            await response.write(text.encode())


def html_of(page: str, *, status: int = 200) -> web.Response:
    """A page."""
    return web.Response(text=page, status=status, content_type="text/html")


def _event(text: str) -> str:
    """One event, its lines as the form wants them."""
    return "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"
