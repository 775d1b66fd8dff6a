"""Requests as SDKs write them: each path and form arrives, once, as the call it means.

Sources: Segment's HTTP and Pixel Tracking APIs and analytics-next; RudderStack's HTTP and Pixel APIs and JavaScript
SDK; Jitsu's Events API and SDK.
"""

import base64
import gzip
import json
import zlib
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import pytest
from prometheus_client import REGISTRY

OURS = "https://academy.example.com"
CALL = {"type": "track", "event": "Guide Downloaded", "messageId": "m-1", "userId": "7"}
GIF = b"GIF89a"
NO_KEY = {"Authorization": ""}


def left_out() -> float:
    """How many traces the door has left out so far."""
    return REGISTRY.get_sample_value("kindling_ingest_traces_left_out_total") or 0.0


def pixel_data(call: dict[str, Any], alphabet: str = "standard") -> str:
    """A call as base64, as `btoa(JSON.stringify(call))` or a URL-safe one writes it."""
    raw = json.dumps(call).encode()
    return (base64.urlsafe_b64encode(raw).rstrip(b"=") if alphabet == "url" else base64.b64encode(raw)).decode()


@pytest.mark.parametrize("path", ["/beacon/v1/batch?writeKey=demo", "/beacon/v1/batch/?writeKey=demo"])
async def test_rudderstacks_beacon(collector: Any, path: str) -> None:
    """`navigator.sendBeacon(url, new Blob([json], {type: "text/plain"}))`: no header but the browser's own."""
    body = {"batch": [CALL, {**CALL, "messageId": "m-2"}], "sentAt": "2026-11-03T09:00:00.000Z"}
    headers = {**NO_KEY, "Content-Type": "text/plain;charset=UTF-8", "Origin": OURS, "User-Agent": "Firefox"}
    assert await collector.post(path, body, **headers) == (200, {"success": True, "accepted": 2, "errors": []})
    assert [each["messageId"] for each in collector.calls()] == ["m-1", "m-2"]
    assert {each["context"]["userAgent"] for each in collector.calls()} == {"Firefox"}


async def test_a_key_of_the_query_opens_every_path(collector: Any) -> None:
    """Where headers cannot be set; a header goes before it."""
    for path in ("/v1/track", "/v1/batch", "/api/s/track", "/api/s/s2s/track"):
        body = {"batch": [CALL]} if path.endswith("batch") else CALL
        assert (await collector.post(f"{path}?writeKey=other", body, **NO_KEY))[0] == 200
        assert (await collector.post(f"{path}?writeKey=nobody", body, **NO_KEY))[0] == 401
        assert (await collector.post(f"{path}?writeKey=nobody", body))[0] == 200


async def test_analytics_next_sends_its_batch_with_the_key_inside(collector: Any) -> None:
    """`fetch(…/v1/b, {headers: {"Content-Type": "text/plain"}, body: {batch, sentAt, writeKey}})`."""
    call = {**CALL, "writeKey": "demo", "_metadata": {"bundled": ["Segment.io"]}, "context": {"page": {"path": "/"}}}
    body = {"writeKey": "demo", "batch": [call], "sentAt": "2026-11-03T09:00:00.000Z"}
    headers = {**NO_KEY, "Content-Type": "text/plain", "Origin": OURS}
    assert (await collector.post("/v1/b", body, **headers))[0] == 200
    [kept] = collector.calls()
    assert "writeKey" not in kept


@pytest.mark.parametrize("kind", ["track", "page", "identify"])
async def test_jitsus_servers(collector: Any, kind: str) -> None:
    """`POST /api/s/s2s/<type>` with `X-Write-Key: <id>:<secret>`; unsigned, so it is a browser's word."""
    body = {"event": "E", "messageId": "m-1", "userId": "7"}
    assert (await collector.post(f"/api/s/s2s/{kind}", body, **NO_KEY, **{"X-Write-Key": "demo:secret"}))[0] == 200
    assert [each.topic.short for each in collector.log.kept] == ["events.raw"]
    assert collector.calls()[0]["type"] == kind


async def test_segments_import_is_a_batch(collector: Any) -> None:
    """`POST /v1/import` with calls of the past, each with its own time."""
    calls = [{**CALL, "timestamp": "2020-02-29T12:00:00Z"}, {**CALL, "messageId": "m-2"}]
    assert (await collector.post("/v1/import", {"batch": calls, "context": {"library": {"name": "x"}}}))[0] == 200
    assert [each.get("timestamp") for each in collector.calls()] == ["2020-02-29T12:00:00Z", None]


@pytest.mark.parametrize("path", ["/v1/track/", "/v1/t/", "/api/s/track/", "/api/s/s2s/track/", "/v1/track/?a=%2F/"])
async def test_a_slash_at_the_end_changes_nothing(collector: Any, path: str) -> None:
    """Some clients join a base URL and a path so; what the query says stays."""
    assert (await collector.post(path, CALL))[0] == 200
    assert [each["event"] for each in collector.calls()] == ["Guide Downloaded"]


@pytest.mark.parametrize("path", ["/v1/track//", "/v1//track", "/"])
async def test_other_slashes_are_another_path(collector: Any, path: str) -> None:
    """404, and nothing breaks."""
    assert (await collector.post(path, CALL))[0] == 404


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (zlib.compress(orjson.dumps(CALL)), "deflate"),
        (zlib.compress(orjson.dumps(CALL))[2:-4], "deflate"),
        (zlib.compress(orjson.dumps(CALL), 1), "Deflate"),
        (gzip.compress(orjson.dumps(CALL)), "deflate"),
        (gzip.compress(orjson.dumps(CALL)), "x-gzip"),
    ],
    ids=["zlib", "bare", "fast", "gzip by another name", "x-gzip"],
)
async def test_a_deflated_body_is_read(collector: Any, packed: bytes, encoding: str) -> None:
    """In zlib's frame, as the RFC has it, or bare, as some clients write it."""
    assert (await collector.post("/v1/track", packed, **{"Content-Encoding": encoding}))[0] == 200
    assert collector.calls()[0]["event"] == "Guide Downloaded"


@pytest.mark.parametrize(
    ("packed", "status", "code"),
    [
        (zlib.compress(b" " * 50_000_000), 413, "too_large"),
        (zlib.compress(b"{}")[:-1], 400, "broken_deflate"),
        (zlib.compress(b"{}") + b"x", 400, "broken_deflate"),
        (b"x", 400, "broken_deflate"),
        (b"", 400, "broken_deflate"),
        (b"\xff" * 100, 400, "broken_deflate"),
    ],
    ids=["bomb", "cut", "more", "one byte", "nothing", "noise"],
)
async def test_a_broken_deflate_is_refused(collector: Any, packed: bytes, status: int, code: str) -> None:
    """As a broken gzip is."""
    got, answer = await collector.post("/v1/track", packed, **{"Content-Encoding": "deflate"})
    assert (got, answer["code"]) == (status, code)


@pytest.mark.parametrize("word", ["track", "Track", "TRACK"])
async def test_a_type_is_one_in_any_case(collector: Any, word: str) -> None:
    """Kept as the published schema has it."""
    assert (await collector.post("/v1/batch", {"batch": [{**CALL, "type": word}]}))[0] == 200
    assert collector.calls()[0]["type"] == "track"


@pytest.mark.parametrize("alphabet", ["standard", "url"])
async def test_segments_pixel(collector: Any, alphabet: str) -> None:
    """`<img src="…/v1/pixel/track?data=<base64 of the call with its writeKey>">`, as a mail program asks for it."""
    call = {"writeKey": "demo", "userId": "7", "event": "Email Opened", "properties": {"subject": "¿Qué?>>>"}}
    path = f"/v1/pixel/track?data={quote(pixel_data(call, alphabet))}"
    async with collector.http.get(path, headers={"User-Agent": "Mail"}) as response:
        assert (response.status, response.content_type) == (200, "image/gif")
        assert response.headers["Cache-Control"] == "no-store"
        assert (await response.read()).startswith(GIF)
    [kept] = collector.calls()
    assert kept.pop("messageId")
    assert kept == {
        "type": "track", "userId": "7", "event": "Email Opened", "properties": {"subject": "¿Qué?>>>"},
        "context": {"userAgent": "Mail"},
    }  # fmt: skip


async def test_base64_whose_plus_became_a_space_is_read(collector: Any) -> None:
    """Whoever pastes base64 into a URL without quoting it."""
    call = {"writeKey": "demo", "userId": "7", "event": "~~~>>>???"}
    data = pixel_data(call)
    assert "+" in data
    async with collector.http.get(f"/v1/pixel/track?data={data}") as response:
        assert response.status == 200
    assert collector.calls()[0]["event"] == "~~~>>>???"


async def test_rudderstacks_pixel(collector: Any) -> None:
    """`<img src="…/pixel/v1/track?writeKey=…&anonymousId=…&event=…">`, further fields by dotted name."""
    fields = {
        "writeKey": "demo", "anonymousId": "b-1", "event": "Guide Downloaded", "properties.guide": "seo",
        "context.page.url": f"{OURS}/a?b=c", "properties.guide.x": "under a text", "channel": "web",
    }  # fmt: skip
    async with collector.http.get(f"/pixel/v1/track?{urlencode(fields)}", headers={"User-Agent": "Mail"}) as response:
        assert (response.status, response.content_type) == (200, "image/gif")
    [kept] = collector.calls()
    assert (kept["type"], kept["anonymousId"], kept["properties"]) == ("track", "b-1", {"guide": "seo"})
    assert kept["context"] == {"userAgent": "Mail", "page": {"url": f"{OURS}/a?b=c"}}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/pixel/track", 401),
        ("/v1/pixel/track?data=", 401),
        ("/v1/pixel/track?data=e30", 401),
        ("/v1/pixel/track?writeKey=demo&data=!!", 400),
        ("/v1/pixel/track?writeKey=demo&data=e30", 400),
        ("/v1/pixel/track?writeKey=demo&data=bm9uZQ", 400),
        (f"/v1/pixel/track?data={quote(pixel_data({'writeKey': 'nobody', 'userId': '7', 'event': 'E'}))}", 401),
        ("/pixel/v1/track?anonymousId=b&event=E", 401),
        ("/pixel/v1/track?writeKey=demo&anonymousId=b", 400),
        ("/pixel/v1/track?writeKey=demo&a.b.c.d.e.f=1", 400),
        ("/pixel/v1/track?writeKey=demo&" + "&".join(f"a{number}=1" for number in range(301)), 400),
    ],
)
async def test_a_pixel_that_is_refused_is_an_image_all_the_same(collector: Any, path: str, status: int) -> None:
    """The page shows nothing broken; the status says what became of the call."""
    async with collector.http.get(path) as response:
        assert (response.status, response.content_type) == (status, "image/gif")
        assert (await response.read()).startswith(GIF)
    assert collector.log.kept == []


@pytest.mark.parametrize(
    ("host", "protocol"), [("collect.example.com", "https"), ("localhost:8080", "http"), ("127.0.0.1:80", "http")]
)
async def test_analytics_next_is_told_where_to_send(collector: Any, host: str, protocol: str) -> None:
    """`GET <cdnURL>/v1/projects/<writeKey>/settings`: without `apiHost` it would send to Segment."""
    headers = {"Host": host, "Origin": OURS}
    async with collector.http.get("/v1/projects/demo/settings", headers=headers) as response:
        assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (200, OURS)
        said = (await response.json())["integrations"]["Segment.io"]
    assert (said["apiKey"], said["apiHost"], said["protocol"]) == ("demo", f"{host}/v1", protocol)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/projects/nobody/settings", {}, 401),
        ("/v1/projects/demo/settings", {"Host": 'a"b'}, 400),
        ("/v1/projects/demo/settings", {"Origin": "https://evil.example"}, 403),
        ("/sourceConfig/?writeKey=nobody&p=npm", {}, 401),
        ("/sourceConfig", {"X-Kindling-Signature": "t=1793696400,v1=00"}, 401),
    ],
)
async def test_settings_are_for_known_keys(collector: Any, path: str, headers: dict[str, str], status: int) -> None:
    """And for our pages."""
    async with collector.http.get(path, headers=headers) as response:
        assert response.status == status


async def test_a_trace_of_another_length_is_dropped(collector: Any) -> None:
    """55 characters, as version 00 of W3C's has; the call is kept without it, and that is counted."""
    before = left_out()
    good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for trace in (good, f"{good}-more", good[:-1], good.upper()):
        assert (await collector.post("/v1/track", CALL, traceparent=trace))[0] == 200
    assert [each.headers for each in collector.log.kept] == [(("traceparent", good.encode()),), (), (), ()]
    assert left_out() - before == 3


@pytest.mark.parametrize("name", ["messageId", "userId", "anonymousId", "previousId"])
async def test_an_id_is_bounded_in_bytes(collector: Any, name: str) -> None:
    """Wide letters count as what they take."""
    call = {"type": "alias", "messageId": "m-1", "userId": "7", "anonymousId": "b"}
    assert (await collector.post("/v1/alias", {**call, name: "é" * 64}))[0] == 200
    status, answer = await collector.post("/v1/alias", {**call, name: "\U0001f600" * 64})
    assert (status, answer["code"]) == (400, "bad_id")
