"""A collector with a log in memory and pages that use it, for SDKs to be told a story; and what the consumer reads."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from schemas.clean import CleanEvent
from services.ingest.adapters.fake_log import FakeLog
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.adapters.http_collector import collector_app
from services.ingest.adapters.http_server import listen
from services.ingest.adapters.page_files import read_house
from services.ingest.core.batch import batch_of
from services.ingest.core.keyring import WriteKey, ring_of
from services.ingest.core.policy import Policy
from services.ingest.core.rates import Rate
from services.ingest.core.records import Batch, Outgoing
from services.ingest.core.source import keys_of
from services.ingest.core.window import Windows
from services.ingest.pipeline import Desk
from services.runtime.fake_seal import FakeSeal
from services.runtime.tasks import Tasks
from tests.contract.tracker_sdks import SDKS

WRITE_KEY = "demo"
ZONE = "Europe/Madrid"  # of the machine on which an SDK runs
KEYS = keys_of(b"a secret of a test", FakeSeal(), Policy(zones=frozenset({ZONE})))
RATE = Rate(1_000, 5_000)

Call: TypeAlias = dict[str, Any]


@dataclass
class Log:
    """The fake log, and when it was written to; of the SDKs in `refused` it is away at the first attempt."""

    refused: set[str] = field(default_factory=set)
    fake: FakeLog = field(default_factory=FakeLog)
    at_ms: list[int] = field(default_factory=list)
    grew: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def append(self, records: Sequence[Outgoing]) -> None:
        """Keep all, and say so."""
        senders = {sdk_of(orjson.loads(each.value or b"")) for each in records} if self.refused else set()
        self.fake.is_away = not senders.isdisjoint(self.refused)
        self.refused -= senders
        await self.fake.append(records)
        self.at_ms += [now_ms()] * len(records)
        async with self.grew:
            self.grew.notify_all()

    async def append_batch(self, batch: Batch) -> None:
        """Keep the packs, then the others."""
        await self.append((*batch.packs, *batch.others))


@dataclass
class Stand:
    """`asked` are the collector's requests with the status of each, `failures` what went wrong in a page."""

    log: Log = field(default_factory=Log)
    collector: str = ""
    pages: str = ""
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def calls(self) -> list[Call]:
        """What was kept, in its order."""
        return [orjson.loads(each.value or b"") for each in self.log.fake.kept]

    async def until(self, is_enough: Callable[[], bool], within_s: float) -> bool:
        """True as soon as it is; False where it is not in time."""
        try:
            async with asyncio.timeout(within_s), self.log.grew:
                return await self.log.grew.wait_for(is_enough)
        except TimeoutError:
            return False

    def consumed(self) -> tuple[list[CleanEvent], dict[str, int], dict[str, int]]:
        """The clean events of all that was kept, what was counted, and why some became none."""
        records = [
            FakeRecord(each.topic.name, 0, offset, each.value, at_ms, each.key, each.headers)
            for offset, (each, at_ms) in enumerate(zip(self.log.fake.kept, self.log.at_ms, strict=True))
        ]
        batch = batch_of(records, KEYS, Windows(10_000), lambda _: 0)
        packs = [orjson.loads(each.value or b"")["events"] for each in batch.packs]
        return [event for pack in packs for event in pack], batch.tally, batch.reasons


def now_ms() -> int:
    """The time, by the clock of this machine, which the SDKs read too."""
    return time.time_ns() // 1_000_000


def sdk_of(call: Call) -> str:
    """Which SDK sent a call: ids begin with `u-` or `b-` and end with its name, and so does the page of a browser."""
    user, visitor = str(call.get("userId") or ""), str(call.get("anonymousId") or "")
    if user.startswith("u-"):
        return user[2:]
    if visitor.startswith("b-"):
        return visitor[2:]
    return urlsplit(str(call["context"]["page"]["url"])).path[1:]


@asynccontextmanager
async def standing(modules: Path | None, log: Log | None = None) -> AsyncIterator[Stand]:
    """The collector and the pages, on ports of their own, so that a page's requests come from another origin."""
    stand = Stand(log or Log())
    async with AsyncExitStack() as ends:
        pages = web.AppRunner(_pages(stand, modules), access_log=None, shutdown_timeout=0.1)
        ends.push_async_callback(pages.cleanup)
        await pages.setup()
        await web.TCPSite(pages, "127.0.0.1", 0).start()
        stand.pages = f"http://127.0.0.1:{pages.addresses[0][1]}"
        ring = ring_of([WriteKey(WRITE_KEY, (stand.pages,), RATE)], ())
        app = collector_app(Desk(KEYS, lambda: ring, RATE, stand.log, read_house(None, str)), now_ms)
        app.on_response_prepare.append(_noting(stand))
        stop, port = await listen(app, "127.0.0.1", 0, Tasks())
        ends.push_async_callback(stop)
        stand.collector = f"http://127.0.0.1:{port}"
        yield stand


def _noting(stand: Stand) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def note(request: web.Request, response: web.StreamResponse) -> None:
        stand.asked.append((request.method, request.path, response.status))

    return note


def _pages(stand: Stand, modules: Path | None) -> web.Application:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text=(SDKS / "page.html").read_text(encoding="utf-8"), content_type="text/html")

    async def told(_: web.Request) -> web.Response:
        said = {"collector": stand.collector, "writeKey": WRITE_KEY, "story": _story()}
        return web.Response(text=f"window.test = {json.dumps(said)};", content_type="text/javascript")

    async def failed(request: web.Request) -> web.Response:
        stand.failures.append(await request.text())
        return web.Response()

    app = web.Application()
    app.router.add_get("/test.js", told)
    app.router.add_post("/failed", failed)
    app.router.add_static("/sdks", SDKS)
    if modules is not None:
        app.router.add_static("/modules", modules)
    app.router.add_get("/{sdk}", page)
    return app


def _story() -> Any:
    return json.loads((SDKS / "story.json").read_text(encoding="utf-8"))
