"""The collector on a real port with a log in memory: what it takes, what it refuses, and how."""

import base64
import gzip
import hashlib
import hmac
from typing import Any

import orjson
import pytest

from services.ingest.core.source import Keys

NOW_MS = 1_793_696_400_000
OURS = "https://academy.example.com"
BASIC = {"Authorization": "Basic " + base64.b64encode(b"demo:").decode()}
CALL = {"type": "track", "event": "E", "messageId": "m-1", "userId": "7"}
LIMIT = 500 * 1024


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/v1/track", "track"), ("/v1/t", "track"), ("/v1/page", "page"), ("/v1/p", "page"), ("/v1/screen", "screen"),
     ("/v1/s", "screen"), ("/v1/identify", "identify"), ("/v1/i", "identify"), ("/v1/group", "group"),
     ("/v1/g", "group"), ("/v1/alias", "alias"), ("/v1/a", "alias"), ("/api/s/page", "page")],
)  # fmt: skip
async def test_a_call_is_kept_under_its_person(collector: Any, path: str, kind: str) -> None:
    """The path says the type; the answer comes after the log kept it."""
    call = {"event": "E", "messageId": "m-1", "userId": "7", "previousId": "b"}
    body = {**call, "writeKey": "demo", "receivedAt": "1970-01-01"}
    assert await collector.post(path, body) == (200, {"success": True, "accepted": 1, "errors": []})
    [kept] = collector.log.kept
    assert (kept.topic.short, kept.key) == ("events.raw", b"7")
    assert collector.calls() == [{"type": kind, **call}]


async def test_a_batch_says_shared_things_once(collector: Any) -> None:
    """`sentAt` and context come down to each call, its own first; other calls go by their anonymous id."""
    calls = [{**CALL, "context": {"a": 1}}, {**CALL, "userId": None, "anonymousId": "b", "sentAt": "own", "x": 1}]
    body = {"batch": calls, "sentAt": "shared", "context": {"a": 2, "b": 3}}
    for path in ("/v1/batch", "/v1/b"):
        assert (await collector.post(path, body))[0] == 200
    assert [each.key for each in collector.log.kept[:2]] == [b"7", b"b"]
    first, second, *_ = collector.calls()
    assert (first["sentAt"], first["context"]) == ("shared", {"a": 1, "b": 3})
    assert (second["sentAt"], second["context"]) == ("own", {"a": 2, "b": 3})


async def test_a_call_without_an_id_gets_one(collector: Any) -> None:
    """Another for each call; the same again for what a server signed, so that a replay is a repeat."""
    bare = {"type": "track", "event": "E", "userId": "7"}
    await collector.post("/v1/batch", {"batch": [bare, bare]})
    assert len({each["messageId"] for each in collector.calls()}) == 2
    body = orjson.dumps(bare)
    for _ in range(2):
        assert (await collector.post("/v1/track", body, **signed(collector.keys, body)))[0] == 200
    assert len({each["messageId"] for each in collector.calls("conversions.raw")}) == 1


# Body, headers, status and code of what cannot be taken.
REFUSED: dict[str, tuple[Any, dict[str, str], int, str]] = {
    "1 empty": (b"", {}, 400, "not_json"),
    "2 no JSON": (b"hello", {}, 400, "not_json"),
    "3 truncated": (b'{"batch":[{"type":"track"', {}, 400, "not_json"),
    "4 string": (b'"a"', {}, 400, "not_an_object"),
    "4 number": (b"7", {}, 400, "not_an_object"),
    "4 null": (b"null", {}, 400, "not_an_object"),
    "4 no batch": (b"{}", {}, 400, "not_an_object"),
    "4 an item that is none": ({"batch": [7]}, {}, 400, "not_an_object"),
    "5 NaN": (b'{"batch":[{"type":"track","messageId":"m","userId":"7","event":NaN}]}', {}, 400, "not_json"),
    "7 nesting": (b'{"batch":[{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}", {}, 400, "not_json"),
    "7 nesting that parses": (b'{"batch":[{"a":' + b"[" * 300 + b"]" * 300 + b"}]}", {}, 400, "not_json"),
    "8 integer": (b'{"batch":[{"a":' + b"9" * 5_000 + b"}]}", {}, 400, "not_json"),
    "9 surrogate in a key": (b'{"batch":[{"\\ud800":1}]}', {}, 400, "not_json"),
    "11 UTF-16": ('{"batch":[]}'.encode("utf-16"), {}, 400, "not_json"),
    "11 BOM": (b'\xef\xbb\xbf{"batch":[]}', {}, 400, "not_json"),
    "11 invalid UTF-8": (b'{"batch":["\xff"]}', {}, 400, "not_json"),
    "an open quote": (b'{"batch":["' + b'\\"' * 200_000, {}, 400, "not_json"),
    "12 one large call": ({"batch": [{**CALL, "properties": {"a": "x" * 33_000}}]}, {}, 400, "call_too_large"),
    "13 large": (b" " * (LIMIT + 1), {}, 413, "too_large"),
    "14 many": ({"batch": [CALL] * 501}, {}, 413, "too_many_calls"),
    "14 many, one broken": (b'{"batch":[NaN' + b",1" * 501 + b"]}", {}, 413, "too_many_calls"),
    "15 properties": (
        {"batch": [{**CALL, "properties": dict.fromkeys(map(str, range(256)), 1)}]}, {}, 400, "too_many_properties"
    ),
    "16 key": (b'{"' + b"k" * 1_000_000 + b'":1}', {}, 413, "too_large"),
    "18 bomb": (gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"}, 413, "too_large"),
    "19 broken gzip": (gzip.compress(b"{}")[:-9], {"Content-Encoding": "gzip"}, 400, "broken_gzip"),
    "19 no gzip at all": (b"\x1f\x8bxx", {"Content-Encoding": "gzip"}, 400, "broken_gzip"),
    "20 members": (gzip.compress(b"") * 20_000, {"Content-Encoding": "gzip"}, 400, "broken_gzip"),
    "21 twice": (gzip.compress(b"{}"), {"Content-Encoding": "gzip, gzip"}, 415, "bad_encoding"),
    "26 missing key": ({"batch": []}, {"Authorization": ""}, 401, "unknown_key"),
    "26 unknown key": ({"batch": []}, {"Authorization": "Basic bm9ib2R5Og=="}, 401, "unknown_key"),
    "26 no base64": ({"batch": [], "writeKey": "demo"}, {"Authorization": "Basic ?"}, 401, "unknown_key"),
    "28 no signature": ({"batch": []}, {"X-Kindling-Signature": "forged"}, 401, "bad_signature"),
    "28 wrong": ({"batch": []}, {"X-Kindling-Signature": f"t={NOW_MS // 1000},v1=00"}, 401, "bad_signature"),
    "29 foreign origin": ({"batch": []}, {"Origin": "https://evil.example"}, 403, "foreign_origin"),
    "29 null origin": ({"batch": []}, {"Origin": "null"}, 403, "foreign_origin"),
    "39 id": ({"batch": [{**CALL, "messageId": "x" * 10_000}]}, {}, 400, "bad_id"),
    "39 id of wide letters": ({"batch": [{**CALL, "userId": "\U0001f600" * 64}]}, {}, 400, "bad_id"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
async def test_bad_input_is_refused(collector: Any, case: str) -> None:
    """With its status and a code, and nothing of it reaches Kafka."""
    body, headers, status, code = REFUSED[case]
    got, answer = await collector.post("/v1/batch", body, **headers)
    assert (got, answer["code"], answer["success"]) == (status, code, False)
    assert collector.log.kept == []


@pytest.mark.parametrize(
    "bad",
    [
        b'{"type":"track","event":"E","messageId":"m","userId":"7","properties":{"a":NaN}}',
        b'{"type":"track","event":"E","messageId":"m","userId":"7","properties":{"a":"\\ud800"}}',
        b'{"a":[1,{"b":"]},\\"{"}],"c":-Infinity}',
        b'{"a":1e999}',
    ],
)
async def test_one_bad_call_costs_itself(collector: Any, bad: bytes) -> None:
    """The rest of its batch is taken, and the answer says which one was not."""
    good = orjson.dumps(CALL)
    body = b'{"sentAt":"t","batch" : [' + good + b"," + bad + b", " + good + b'],"context":{"a":[1]}}'
    status, answer = await collector.post("/v1/batch", body)
    assert (status, answer["success"], answer["accepted"]) == (200, False, 2)
    assert [(each["index"], each["reason"]) for each in answer["errors"]] == [(1, "not_json")]
    assert [each["context"] for each in collector.calls()] == [{"a": [1]}] * 2


async def test_hostile_keys_are_plain_data(collector: Any) -> None:
    """They are kept as they are, and a NUL reaches nobody."""
    odd = {"__proto__": 1, "constructor": 2, "$where": 3, "../": 4, "t": "<script>\r\n${jndi:x}\x1b[0m"}
    assert (await collector.post("/v1/track", {**CALL, "properties": odd}))[0] == 200
    assert collector.calls()[0]["properties"] == odd


async def test_gzip_is_told_by_its_bytes(collector: Any) -> None:
    """Whatever the content type or encoding says; empty members before it do no harm."""
    body = gzip.compress(b"") + gzip.compress(orjson.dumps({"batch": [CALL]}))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await collector.post("/v1/batch", body, **form))[0] == 200
    assert (await collector.post("/v1/batch", body, **form, **{"Content-Encoding": "gzip"}))[0] == 200
    assert len(collector.calls()) == 2


@pytest.mark.parametrize(
    ("headers", "key"),
    [({"X-Write-Key": "other:secret"}, None), ({}, "demo"), ({"Content-Type": "text/plain"}, "demo")],
)
async def test_other_sdks_say_their_key_elsewhere(collector: Any, headers: dict[str, str], key: str | None) -> None:
    """Jitsu in a header of its own, a beacon in the body."""
    body = {**CALL, "writeKey": key}
    assert (await collector.post("/v1/track", body, Authorization="Bearer x", **headers))[0] == 200


async def test_too_many_calls_wait(collector: Any) -> None:
    """429 with the seconds to wait; another key is not touched."""
    assert (await collector.post("/v1/batch", {"batch": [CALL] * 500}))[0] == 200
    async with collector.http.post("/v1/track", json=CALL, headers=BASIC) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "1")
    assert (await collector.post("/v1/track", CALL, **{"Authorization": "", "X-Write-Key": "other"}))[0] == 200


async def test_kafka_away_is_503(collector: Any) -> None:
    """The tracker comes again; nothing was promised."""
    collector.log.is_away = True
    assert (await collector.post("/v1/track", CALL))[0] == 503


def signed(keys: Keys, body: bytes, at_s: int = NOW_MS // 1000) -> dict[str, str]:
    """The headers of a server that needs no write key."""
    digest = hmac.new(keys.server, f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Kindling-Signature": f"t={at_s},v1={digest}", "Authorization": ""}


async def test_what_a_server_signed_is_a_conversion(collector: Any) -> None:
    """On its own topic; five minutes old at most."""
    body = orjson.dumps(CALL)
    assert (await collector.post("/v1/track", body, **signed(collector.keys, body)))[0] == 200
    assert [each.topic.short for each in collector.log.kept] == ["conversions.raw"]
    assert (await collector.post("/v1/track", body + b" ", **signed(collector.keys, body)))[0] == 401
    old = signed(collector.keys, body, NOW_MS // 1000 - 301)
    assert (await collector.post("/v1/track", body, **old))[0] == 401


async def test_our_origin_gets_its_grant(collector: Any) -> None:
    """Origin and asked headers are echoed, with credentials; a browser's name goes along where the SDK has none."""
    asked = {"Origin": OURS, "Access-Control-Request-Headers": "authorization,x-a", "User-Agent": "Firefox"}
    async with collector.http.options("/v1/t", headers=asked) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Headers"] == "authorization,x-a"
        assert response.headers["Access-Control-Allow-Origin"] == OURS
        assert response.headers["Access-Control-Allow-Credentials"] == "true"
    await collector.post("/v1/t", CALL, **{"Origin": OURS, "User-Agent": "Firefox"})
    await collector.post(
        "/v1/t", {**CALL, "context": {"userAgent": "own"}}, **{"Origin": OURS, "User-Agent": "Firefox"}
    )
    assert [each["context"]["userAgent"] for each in collector.calls()] == ["Firefox", "own"]
    for origin in ({"Origin": "https://evil.example"}, {}):
        async with collector.http.options("/v1/t", headers=origin) as response:
            assert response.status == 403
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_source_configuration_is_for_known_keys(collector: Any) -> None:
    """RudderStack's browser SDK asks before it sends."""
    async with collector.http.get("/sourceConfig/?writeKey=demo") as response:
        assert (response.status, (await response.json())["source"]["enabled"]) == (200, True)
    async with collector.http.get("/sourceConfig", headers=BASIC) as response:
        assert response.status == 200
    async with collector.http.get("/sourceConfig/?writeKey=none") as response:
        assert response.status == 401
