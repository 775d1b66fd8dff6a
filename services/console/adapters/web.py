"""The web application: pages for people, JSON for tools, and headers that let neither run anything."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from services.console.adapters.live import Live
from services.console.adapters.pages import Pages
from services.console.adapters.web_person import PersonSite
from services.console.adapters.web_pipeline import PipelineSite, html_of
from services.console.core.listing import Listing
from services.console.core.query import BadQuery, query_of
from services.console.core.values import Dossier
from services.console.metrics import REQUESTS
from services.console.pipeline import list_decisions, tell
from services.console.ports import Archive, Desk, Holdings
from services.runtime.outcome import cannot_listen

STATIC = Path(__file__).parents[1] / "static"
POLICY = (
    "default-src 'self'; script-src 'none'; object-src 'none'; frame-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src 'self'"
)
# A mail's own inline styles have to show, and a srcdoc frame inherits the policy of its page: so the page with the
# frame allows inline styles, and no other page does. Scripts stay forbidden, twice: by the policy and by `sandbox`.
POLICY_WITH_MAIL = f"{POLICY} 'unsafe-inline'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
log = logging.getLogger(__name__)
NOT_FOUND, NOT_ALLOWED = 404, 405
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(desk: Desk, live: Live, holdings: Holdings) -> web.Application:
    """The application over the archive of this desk, the pipeline as it is now, and what is held of somebody."""
    pages = Pages()
    site, pipeline = _Site(desk, pages), PipelineSite(live, pages)
    app = web.Application(middlewares=[_guarded(site)])
    app.on_response_prepare.append(_headed)
    app.add_routes(
        [
            web.get("/", site.listing, name="listing"),
            web.get("/decisions/{id}", site.story, name="story"),
            web.get("/api/decisions", site.api_listing, name="api_listing"),
            web.get("/api/decisions/{id}", site.api_story, name="api_story"),
            web.get("/static/console.css", site.style, name="style"),
            *pipeline.routes(),
            *PersonSite(desk, holdings, pages).routes(),
        ]
    )
    return app


async def listen(app: web.Application, host: str, port: int) -> web.AppRunner:
    """The running application; the caller cleans it up.

    Raises:
        AddressInUse: somebody else has the port at this moment.
        Misconfigured: it is not ours to take.
    """
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        where = f"KINDLING_CONSOLE_HOST and KINDLING_CONSOLE_PORT: the console cannot listen on {host}:{port}"
        raise cannot_listen(error, where) from error
    return runner


class _Site:
    """The handlers."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.pages = pages
        self._ask = desk.ask

    async def listing(self, request: web.Request) -> web.Response:
        query = query_of(request.query)
        if isinstance(query, BadQuery):
            return self.message(400, "This list cannot be shown", query.message)
        return html_of(self.pages.listing(await self._ask(partial(list_decisions, query))))

    async def story(self, request: web.Request) -> web.Response:
        story = await self._ask(partial(tell, request.match_info["id"]))
        if story is None:
            return self.message(404, "No such decision", "It may have been erased, or be older than 90 days.")
        response = html_of(self.pages.story(story))
        if story.dossier.mail is not None:
            response.headers["Content-Security-Policy"] = POLICY_WITH_MAIL
        return response

    async def api_listing(self, request: web.Request) -> web.Response:
        query = query_of(request.query)
        if isinstance(query, BadQuery):
            return web.json_response({"error": query.message}, status=400)
        return web.json_response(_listing_json(await self._ask(partial(list_decisions, query))))

    async def api_story(self, request: web.Request) -> web.Response:
        dossier = await self._ask(partial(_dossier, request.match_info["id"]))
        if dossier is None:
            return web.json_response({"error": "no such decision"}, status=404)
        return web.json_response(_dossier_json(dossier))

    async def style(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "console.css")

    def message(self, status: int, title: str, text: str) -> web.Response:
        return html_of(self.pages.message(title, text), status=status)


def _guarded(site: _Site) -> Any:
    """Every answer, an error's too, carries the headers and is counted by page and status."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = site.message(error.status, *_words_of(error))
        except Exception:
            log.exception("page_failed", extra={"page": request.match_info.route.name or "none"})
            response = site.message(
                500, "This page could not be made", "The console's log says why: look for page_failed."
            )
        REQUESTS.labels(page=request.match_info.route.name or "none", status=str(response.status)).inc()
        return response

    return guard


def _words_of(error: web.HTTPException) -> tuple[str, str]:
    """Title and text of what a request met with."""
    if error.status == NOT_FOUND:
        return "There is no such page", "The address is wrong, or what it showed is gone. The menu has all pages."
    if error.status == NOT_ALLOWED:
        return "Nothing can be changed here", "The console only reads: ask for its pages by GET."
    return error.reason, "Go back to the list of decisions."


def _dossier(decision_id: str, archive: Archive) -> Dossier | None:
    return archive.dossier(decision_id)


async def _headed(_: web.Request, response: web.StreamResponse) -> None:
    """The headers of every answer, also of one that is written piece by piece."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _listing_json(listing: Listing) -> dict[str, Any]:
    rows = [
        asdict(row)
        | {"ended_at": row.ended_at.isoformat(), "retry_at": row.retry_at.isoformat() if row.retry_at else None}
        for row in listing.rows
    ]
    return {"totals": asdict(listing.totals), "newer": listing.newer, "older": listing.older, "decisions": rows}


def _dossier_json(dossier: Dossier) -> dict[str, Any]:
    return {
        "decision": dossier.decision.model_dump(mode="json"),
        "email": None if dossier.mail is None else dossier.mail.model_dump(mode="json", by_alias=True),
        "feedback": [each.model_dump(mode="json") for each in dossier.feedback],
    }
