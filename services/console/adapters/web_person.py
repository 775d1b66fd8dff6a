"""The page of one person: what is stored of them now, and the file of all that is held of them, by a button."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterable

from aiohttp import web

from services.console.adapters.pages import Pages
from services.console.adapters.web_pipeline import html_of
from services.console.ports import Desk, Holdings
from services.runtime.outcome import Misconfigured, Unavailable

log = logging.getLogger(__name__)
MOST_ROWS = 50  # decisions on the page
MOST_PERSON = 300  # characters, of schemas.recommendation.Person
MOST_LOOKS = 4  # at stored values, at a time
OURS = frozenset({"same-origin", "none"})
BUSY = "Somebody's file is being made: each reads every topic once, so one is made at a time. Ask again in a while."
STRANGE = "This file is given to who asks for it on the person's page, and to no link from elsewhere."
NOBODY = "Nothing is stored of this id. A person is u: and a user id, a: and a browser's id, e: and an address's key."


class PersonSite:
    """The handlers. Files are made one at a time: each reads every topic."""

    def __init__(self, desk: Desk, holdings: Holdings, pages: Pages) -> None:
        self._ask, self._holdings, self._pages = desk.ask, holdings, pages
        self._one, self._few = asyncio.Semaphore(1), asyncio.Semaphore(MOST_LOOKS)

    def routes(self) -> Iterable[web.RouteDef]:
        """What is served."""
        return (
            web.get("/person", self._page, name="person"),
            web.get("/person/export", self._export, name="person_export"),
        )

    async def _page(self, request: web.Request) -> web.Response:
        person = request.query.get("id", "")[:MOST_PERSON]
        if not person[2:]:
            return self._message(404, "Nobody of this id", NOBODY)
        async with self._few:
            try:
                found = await self._holdings.present(person)
            except Unavailable as error:
                return self._message(503, "What is stored cannot be read now", str(error))
        rows = await self._ask(lambda archive: archive.of_person(person, MOST_ROWS))
        if found is None and not rows:
            return self._message(404, "Nobody of this id", NOBODY)
        return html_of(self._pages.person(person, found, rows))

    async def _export(self, request: web.Request) -> web.StreamResponse:
        """The file, line by line; broken off where Kafka goes away: a file without its last line is not whole."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in OURS:
            return self._message(403, "Not from here", STRANGE)
        if self._one.locked():
            return self._message(503, "Not now", BUSY)
        person = request.query.get("id", "")[:MOST_PERSON]
        async with self._one:
            lines = self._holdings.export(person)
            try:
                first = await anext(lines)
            except Misconfigured:
                return self._message(404, "Nobody of this id", NOBODY)
            except Unavailable as error:
                return self._message(503, "What is held cannot be read now", str(error))
            return await _given(request, person, first, lines)

    def _message(self, status: int, title: str, text: str) -> web.Response:
        return html_of(self._pages.message(title, text), status=status)


async def _given(
    request: web.Request, person: str, first: bytes, lines: AsyncIterator[bytes]
) -> web.StreamResponse:  # fmt: skip
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", person)
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/x-ndjson",
            "Content-Disposition": f'attachment; filename="kindling-{name}.jsonl"',
        }
    )
    await response.prepare(request)
    await response.write(first)
    try:
        async for line in lines:
            await response.write(line)
    except Unavailable as error:
        log.warning("export_broken_off", extra={"reason": str(error)})
        if request.transport is not None:
            request.transport.abort()  # so that the browser does not take it for whole
        return response
    await response.write_eof()
    return response
