"""Builders of what ingest reads: a call, a raw record, and what follows from them."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeAlias

import aiohttp
import orjson
import pytest

from schemas import topics
from schemas.clean import CleanEvent
from schemas.email import Suppression
from services.ingest.adapters.fake_log import FakeLog
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.adapters.http_collector import Bounds, collector_app
from services.ingest.adapters.http_server import listen
from services.ingest.adapters.page_files import read_house
from services.ingest.core.access import signature_of
from services.ingest.core.batch import batch_of
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.keyring import OWN, Keyring, ServerKey, WriteKey, ring_of
from services.ingest.core.page import House
from services.ingest.core.rates import Rate
from services.ingest.core.reasons import Refusal
from services.ingest.core.records import Batch
from services.ingest.core.source import Keys, keys_of
from services.ingest.core.window import Windows
from services.ingest.pipeline import Desk
from services.ingest.ports import Log
from services.ingest.webhooks import ONLY_OURS, Hooks
from services.runtime.fake_seal import FakeSeal
from services.runtime.tasks import Tasks
from tests.esp_calls import NOW_MS, hook_of
from tests.esp_collector import FOREIGN, PATIENT, hooked_by

RECEIVED_MS = 1_793_696_400_000  # 2026-11-03T09:00:00Z
SECRET = b"a secret of a test"
OURS = "https://academy.example.com"
BASIC = {"Authorization": "Basic " + base64.b64encode(b"demo:").decode()}

SHORT = Bounds(read_s=0.3, linger_s=0.1)  # a collection of garbage takes a tenth of a second in a long run
MANY = Rate(1_000, 5_000)
HOUSE = read_house(None, str)

Events: TypeAlias = list[CleanEvent]
Cleaner: TypeAlias = Callable[..., Events]


def _session(port: int) -> aiohttp.ClientSession:
    """A client with a connection for each request: one that is kept may be closed by the collector as it is used."""
    return aiohttp.ClientSession(f"http://127.0.0.1:{port}", connector=aiohttp.TCPConnector(force_close=True))


@pytest.fixture
def keys() -> Keys:
    """The keys of the tests' secret."""
    return keys_of(SECRET, FakeSeal())


@pytest.fixture
def record() -> Callable[..., FakeRecord]:
    """A raw record holding a call, other JSON, or bytes."""

    def make(value: Any, topic: topics.Topic = topics.EVENTS_RAW, **rest: Any) -> FakeRecord:
        raw = value if isinstance(value, bytes) or value is None else orjson.dumps(value)
        return FakeRecord(topic.name, rest.pop("partition", 0), rest.pop("offset", 0), raw, **rest)

    return make


@pytest.fixture
def made(keys: Keys, record: Any) -> Any:
    """A batch of calls at rising offsets, all persons in partition 1 unless told."""
    windows = Windows(100)

    def make(*calls: Any, first: int = 0, window: Windows = windows, **rest: Any) -> Batch:
        records = [record(call, offset=first + number, **rest) for number, call in enumerate(calls)]
        return batch_of(records, keys, window, lambda person: len(person) % 2)

    return make


@pytest.fixture
def outcome(record: Callable[..., FakeRecord], keys: Keys) -> Callable[..., Cleaned | Refusal]:
    """What one call leads to; a track of an anonymous person unless the test says otherwise."""

    def of(topic: topics.Topic = topics.EVENTS_RAW, **call: Any) -> Cleaned | Refusal:
        if topic in (topics.EVENTS_RAW, topics.CONVERSIONS_RAW):
            kind = call.get("type", "track")
            call = {"type": kind, "messageId": "m-1", "anonymousId": "b-1", **call}
            if kind == "track":
                call.setdefault("event", "Guide Downloaded")
        return clean(record(call, topic), keys)

    return of


@pytest.fixture
def events(outcome: Callable[..., Cleaned | Refusal]) -> Cleaner:
    """The events of one call, which must be accepted."""

    def of(*args: Any, **call: Any) -> Events:
        found = outcome(*args, **call)
        assert isinstance(found, Cleaned), found
        return [each for each in found.effects if isinstance(each, dict)]

    return of


@pytest.fixture
def suppressions(outcome: Callable[..., Cleaned | Refusal]) -> Callable[..., list[Suppression]]:
    """The suppressions of one record, which must be accepted."""

    def of(*args: Any, **call: Any) -> list[Suppression]:
        found = outcome(*args, **call)
        assert isinstance(found, Cleaned), found
        return [each for each in found.effects if isinstance(each, Suppression)]

    return of


@pytest.fixture
def reason(outcome: Callable[..., Cleaned | Refusal]) -> Callable[..., str]:
    """Why a call is refused, which it must be."""

    def of(*args: Any, **call: Any) -> str:
        found = outcome(*args, **call)
        assert isinstance(found, Refusal), found
        return found.reason.value

    return of


@dataclass(frozen=True, slots=True)
class Collector:
    """A running collector."""

    http: aiohttp.ClientSession
    log: FakeLog
    port: int
    keys: Keys

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and answer to a body: bytes as they are, other values as JSON."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        async with self.http.post(path, data=raw, headers={**BASIC, **headers}) as response:
            return response.status, orjson.loads(await response.read())

    def calls(self, short: str = "events.raw") -> list[dict[str, Any]]:
        """What was kept on a topic."""
        return [orjson.loads(each.value or b"") for each in self.log.of(short)]


Serve: TypeAlias = Callable[..., Awaitable[Collector]]


@pytest.fixture
def ring(keys: Keys) -> Keyring:
    """Two write keys of one origin, and the installation's server key; 500 calls at once."""
    rate = Rate(1, 500)
    return ring_of((WriteKey(key, (OURS,), rate) for key in ("demo", "other")), (ServerKey(OWN, keys.server, rate),))


@pytest.fixture
def sign(keys: Keys) -> Callable[..., dict[str, str]]:
    """The headers of a server that signs a body, and needs no write key."""

    def of(body: bytes, key: bytes = keys.server, name: str = "", at_s: int = RECEIVED_MS // 1_000) -> dict[str, str]:
        named = f"key={name}," if name else ""
        return {
            "X-Kindling-Signature": f"t={at_s},{named}v1={signature_of(body, at_s, key)}",
            "Authorization": "",
        }

    return of


@pytest.fixture
def house() -> House:
    """Who writes: nobody knows a brand, unless a test says so."""
    return HOUSE


@pytest.fixture
async def serve(keys: Keys, ring: Keyring, house: House) -> AsyncIterator[Serve]:
    """Starts a collector, with other keys, bounds, clock, log or client's rate where a test names them."""
    async with AsyncExitStack() as ends:

        async def start(  # noqa: PLR0913, PLR0917 each has its default
            bounds: Bounds = SHORT,
            client_rate: Rate = MANY,
            ring: Callable[[], Keyring] = lambda: ring,
            guard: Callable[[FakeLog], Log] = lambda log: log,
            now_ms: Callable[[], int] = lambda: RECEIVED_MS,
            hooks: Hooks = ONLY_OURS,
        ) -> Collector:
            log = FakeLog()
            app = collector_app(Desk(keys, ring, client_rate, guard(log), house), now_ms, bounds, hooks)
            stop, port = await listen(app, "127.0.0.1", 0, Tasks())
            ends.push_async_callback(stop)
            http = await ends.enter_async_context(_session(port))
            return Collector(http, log, port, keys)

        yield start


@pytest.fixture
async def collector(serve: Serve) -> Collector:
    """The usual one; reads are cut after some tenths of a second."""
    return await serve()


@pytest.fixture
async def hooked(serve: Serve) -> Collector:
    """One that hears every ESP."""
    book = {each: hook_of(each) for each in FOREIGN}
    return await serve(bounds=PATIENT, hooks=hooked_by(book), now_ms=lambda: NOW_MS)
