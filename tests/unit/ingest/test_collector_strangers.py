"""What a stranger can make the collector do: little, and nothing before a key of ours was seen."""

import asyncio
import base64
import gzip
import logging
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY

from services.ingest.adapters.http_collector import BODIES, Bounds, collector_app
from services.ingest.adapters.http_server import listen
from services.ingest.core import body as bodies
from services.ingest.core.body import MAX_BODY_BYTES, MAX_TOKENS, calls_of
from services.ingest.core.client import network
from services.ingest.core.keyring import Keyring
from services.ingest.core.rates import Rate
from services.ingest.core.reasons import Refused
from services.ingest.pipeline import Desk
from services.runtime.tasks import Tasks

CALL = {"type": "track", "event": "E", "messageId": "m-1", "userId": "7"}
BASIC = b"Authorization: Basic " + base64.b64encode(b"demo:")
HOSTILE = gzip.compress(b'{"x":NaN,' + b"," * (MAX_BODY_BYTES - 100))
OURS = "https://academy.example.com"


def counted(route: str, status: int) -> float:
    """How many requests of a route were answered so."""
    labels = {"route": route, "status": str(status)}
    return REGISTRY.get_sample_value("kindling_ingest_requests_total", labels) or 0.0


async def begun(
    port: int, *lines: bytes, path: bytes = b"/v1/batch"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request whose headers are sent and whose body is not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [b"POST " + path + b" HTTP/1.1", b"Host: a", b"Content-Length: 400000", *lines, b"", b""]
    writer.write(b"\r\n".join(head))
    await writer.drain()
    return reader, writer


async def status_of(reader: asyncio.StreamReader) -> bytes:
    """The status line's number."""
    return (await asyncio.wait_for(reader.readline(), 5)).split()[1]


@pytest.fixture
def no_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever parses fails."""

    def fail(_: bytes) -> None:
        raise AssertionError("parsed for a stranger")

    monkeypatch.setattr(bodies, "loaded", fail)


@pytest.mark.usefixtures("no_parsing")
@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/batch", {"Authorization": ""}),
        ("/v1/batch", {"Authorization": "Basic bm9ib2R5Og=="}),
        ("/v1/batch", {"Authorization": "", "X-Write-Key": "nobody:secret"}),
        ("/v1/batch?writeKey=nobody", {"Authorization": ""}),
        ("/beacon/v1/batch?writeKey=nobody", {"Authorization": ""}),
        ("/v1/batch", {"X-Kindling-Signature": "t=1793696400,v1=00"}),
    ],
)
async def test_nothing_of_a_stranger_is_parsed(collector: Any, path: str, headers: dict[str, str]) -> None:
    """Wherever the key would have stood; the small gzip that is half a megabyte of brackets among them."""
    assert (await collector.post(path, HOSTILE, **{"Content-Encoding": "gzip", **headers}))[0] == 401
    named = orjson.dumps({"batch": [CALL], "writeKey": "nobody"})
    assert (await collector.post(path, named, **headers))[0] == 401


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"Authorization: Basic bm9ib2R5Og==", b"401"),
        (b"X-Write-Key: nobody", b"401"),
        (b"X-Kindling-Signature: forged", b"401"),
        (b"X-Kindling-Signature: t=1,v1=00", b"401"),
        (b"X-Kindling-Signature: t=1793696400,key=nobody,v1=00", b"401"),
        (BASIC + b"\r\nOrigin: https://evil.example", b"403"),
    ],
)
async def test_a_head_is_answered_without_its_body(serve: Any, line: bytes, status: bytes) -> None:
    """The body never comes, and nobody waits for it."""
    collector = await serve(bounds=Bounds(read_s=60, linger_s=0.01))
    reader, writer = await begun(collector.port, line)
    assert await status_of(reader) == status
    writer.close()


async def test_a_key_in_the_body_opens_the_door_where_it_stands_on_top(collector: Any) -> None:
    """In any place of the object; one inside of a call only is none."""
    for body in (b'{"writeKey" : "demo","batch":[]}', b'{"batch":[],"a":"writeKey","writeKey":"demo"}'):
        assert (await collector.post("/v1/batch", body, Authorization=""))[0] == 200
    inside = {"batch": [{**CALL, "properties": {"writeKey": "demo"}}]}
    assert (await collector.post("/v1/batch", inside, Authorization=""))[0] == 401


async def test_a_broken_batch_is_saved_for_who_names_a_key(collector: Any) -> None:
    """A NaN in a beacon costs one call, as elsewhere."""
    body = b'{"batch":[' + orjson.dumps(CALL) + b',{"a":NaN}],"writeKey":"demo"}'
    status, answer = await collector.post("/v1/batch", body, Authorization="")
    assert (status, answer["accepted"]) == (200, 1)


def test_the_saving_of_a_broken_batch_is_bounded() -> None:
    """By pieces of JSON: half a megabyte of honest calls has fewer, one of brackets more."""
    honest = b'{"batch":[NaN' + b',{"a":1}' * 499 + b"]}"
    assert len(calls_of(honest, "batch").items) == 500
    empty = b'{"batch":[NaN,' + b"[" * MAX_TOKENS + b"]" * MAX_TOKENS + b"]}"
    with pytest.raises(Refused, match="expected JSON"):
        calls_of(empty, "batch")


async def test_bodies_on_their_way_are_bounded_together(keys: Any, ring: Keyring) -> None:
    """Who comes beyond is told to come again, as is who has more than their share; what is over is given back."""
    bounds = Bounds(60, 0.01, 2_400_000, proxies=[network("127.0.0.1")])
    app = collector_app(Desk(keys, lambda: ring, Rate(100, 500), None, None), lambda: 0, bounds)  # type: ignore[arg-type]
    stop, port = await listen(app, "127.0.0.1", 0, Tasks())
    writers = []

    async def send(client: int, count: int) -> asyncio.StreamReader:
        reader, writer = await begun(port, BASIC, b"X-Forwarded-For: 203.0.113.%d" % client)
        writer.write(b" " * count)
        writers.append(writer)
        return reader

    async def refused(reader: asyncio.StreamReader) -> bool:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        return head.startswith(b"HTTP/1.1 503") and b"Retry-After: 1\r\n" in head

    assert await refused(await send(0, 300_001))
    for client in range(8):
        await send(client, 300_000)
    while app[BODIES].whole.held < 2_400_000:
        await asyncio.sleep(0)
    assert await refused(await send(8, 1))
    for each in writers:
        each.close()
    while app[BODIES].whole.held:
        await asyncio.sleep(0)
    await stop()


async def test_connections_are_bounded(serve: Any) -> None:
    """One more is told to come again and closed; when one has ended there is room."""
    collector = await serve(bounds=Bounds(read_s=60, linger_s=0.01, connections=2))
    open_ones = [await begun(collector.port, BASIC) for _ in range(2)]
    before = counted("none", 503)
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    said = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert said.startswith(b"HTTP/1.1 503")
    assert b"Retry-After: 5" in said
    assert counted("none", 503) == before + 1
    for _, each in open_ones:
        each.close()
        await each.wait_closed()
    while True:
        reader, writer = await begun(collector.port, b"X-Write-Key: nobody")
        status = await status_of(reader)
        writer.close()
        if status == b"401":
            break


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /v1/track SECRET/1.1\r\n\r\n",
        b"SECRET\r\n\r\n",
        b"\x16\x03\x01SECRET\r\n\r\n",
        b"POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: SECRET\r\n\r\n",
        b"POST /v1/track HTTP/1.1\r\nHost: a\r\nSECRET\x00: b\r\n\r\n",
        b"POST /v1/track HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nSECRET\r\n\r\n",
        b"POST /v1/track HTTP/1.1\r\nHost: a\r\n" + BASIC + b"\r\nTransfer-Encoding: chunked\r\n\r\nSECRET\r\n\r\n",
    ],
)
async def test_what_is_no_http_leaves_one_line_without_its_bytes(
    collector: Any, raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """At debug, without a traceback; the answer quotes nothing either, and is counted."""
    caplog.set_level(logging.DEBUG)
    before = sum(counted(route, status) for route in ("none", "/v1/{kind}") for status in (400, 401))
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    writer.write(raw)
    said = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert said.startswith((b"HTTP/1.0 40", b"HTTP/1.1 40"))
    assert b"SECRET" not in said
    ours = [each for each in caplog.records if not each.name.startswith("asyncio")]
    assert len(ours) == 1
    assert all(each.levelno == logging.DEBUG and each.exc_info is None for each in ours)
    assert "SECRET" not in caplog.text + str([each.__dict__ for each in ours])
    assert sum(counted(route, status) for route in ("none", "/v1/{kind}") for status in (400, 401)) == before + 1


async def test_a_bug_is_counted_and_says_nothing_of_itself(collector: Any, caplog: pytest.LogCaptureFixture) -> None:
    """500 in JSON, one line with where it was."""

    async def broken(_: Any) -> None:
        raise ValueError("what the log may have")

    collector.log.append = broken
    before = counted("/v1/{kind}", 500)
    status, answer = await collector.post("/v1/track", CALL)
    assert (status, answer["code"]) == (500, "bug")
    assert counted("/v1/{kind}", 500) == before + 1
    assert [each.message for each in caplog.records if each.levelno == logging.ERROR] == ["bug"]


async def test_who_goes_away_is_no_bug(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A body that is broken off leaves no error and no 5xx."""
    collector = await serve(bounds=Bounds(read_s=60, linger_s=0.01, connections=1))
    before = counted("/v1/{kind}", 500)
    _, writer = await begun(collector.port, BASIC)
    writer.write(b"{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    while True:
        reader, writer = await begun(collector.port, b"X-Write-Key: nobody")
        status = await status_of(reader)
        writer.close()
        if status == b"401":
            break
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []
    assert counted("/v1/{kind}", 500) == before


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/track", "OPTIONS, POST"),
        ("PUT", "/v1/batch/", "OPTIONS, POST"),
        ("DELETE", "/api/s/s2s/track", "OPTIONS, POST"),
        ("POST", "/sourceConfig", "GET, HEAD, OPTIONS"),
        ("POST", "/v1/pixel/track", "GET, OPTIONS"),
        ("HEAD", "/v1/pixel/track", "GET, OPTIONS"),
        ("PUT", "/u/token", "GET, HEAD, OPTIONS, POST"),
    ],
)
async def test_a_wrong_method_is_405(collector: Any, method: str, path: str, allow: str) -> None:
    """With the right ones."""
    async with collector.http.request(method, path) as response:
        assert (response.status, response.headers["Allow"]) == (405, allow)
    assert collector.log.kept == []
