"""The collector with bytes above 127 in headers, query and path: raw sockets, since no client would send them."""

import asyncio
from typing import Any

import orjson
import pytest
from aiohttp.http import HttpVersion11
from aiohttp.http_parser import RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from schemas.signing import token
from services.ingest.adapters.http_text import cleaned

OURS = b"https://academy.example.com"
BODY = b'{"event": "E", "messageId": "m-1", "userId": "7"}'
BASIC = b"Authorization: Basic ZGVtbzo="
BAD = [b"\xff", b"caf\xe9", b"\x80\xed\xa0\x80", b"caf\xc3\xa9"]


async def said(port: int, head: bytes, body: bytes = b"") -> tuple[int, bytes]:
    """The status and the whole answer to a request line with headers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    writer.write(head + b"\r\nHost: a\r\nConnection: close\r\n" + length + b"\r\n" + body)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1]), answer


async def track(port: int, *headers: bytes, path: bytes = b"/v1/track") -> int:
    """The status of one call with these headers."""
    return (await said(port, b"\r\n".join([b"POST " + path + b" HTTP/1.1", *headers]), BODY))[0]


@pytest.mark.parametrize("bad", BAD)
async def test_a_key_of_such_bytes_is_a_wrong_key(collector: Any, bad: bytes) -> None:
    """401 in each place a key or a signature may stand."""
    for header in (b"X-Write-Key: " + bad, b"Authorization: Basic " + bad, b"Authorization: " + bad,
                   b"X-Kindling-Signature: t=1,v1=" + bad, b"X-Kindling-Signature: " + bad):  # fmt: skip
        assert await track(collector.port, header) == 401
    for query in (b"writeKey=%ff", b"writeKey=%ed%a0%80", b"writeKey=%80"):
        assert (await said(collector.port, b"GET /sourceConfig?" + query + b" HTTP/1.1"))[0] == 401
    assert (await said(collector.port, b"GET /sourceConfig HTTP/1.1\r\nAuthorization: Basic " + bad))[0] == 401
    assert collector.log.kept == []


@pytest.mark.parametrize("bad", BAD)
async def test_a_trace_of_such_bytes_is_ignored(collector: Any, bad: bytes) -> None:
    """The event is kept without one, a good one goes along."""
    assert await track(collector.port, BASIC, b"traceparent: 00-" + bad) == 200
    assert await track(collector.port, BASIC, b"traceparent: " + b"0" * 101) == 200
    good = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert await track(collector.port, BASIC, b"traceparent: " + good) == 200
    assert [each.headers for each in collector.log.kept] == [(), (), (("traceparent", good),)]


@pytest.mark.parametrize(("bad", "clean"), [*zip(BAD, ["\ufffd", "caf\ufffd", "\ufffd" * 4, "café"], strict=True)])
async def test_a_user_agent_of_such_bytes_keeps_its_event(collector: Any, bad: bytes, clean: str) -> None:
    """With the replacement character for each byte that is no UTF-8."""
    assert await track(collector.port, BASIC, b"Origin: " + OURS, b"User-Agent: Mozilla " + bad) == 200
    [call] = collector.calls()
    assert call["context"] == {"userAgent": f"Mozilla {clean}"}


@pytest.mark.parametrize("bad", BAD)
async def test_no_header_of_such_bytes_breaks_the_collector(collector: Any, bad: bytes) -> None:
    """What is not asked for is passed over; what is asked for is refused by name."""
    for name, status in ((b"X-Else", 200), (b"Accept", 200), (b"Cookie", 200), (b"Content-Type", 200),
                         (b"X-Forwarded-For", 200), (b"Referer", 200), (b"Content-Encoding", 415),
                         (b"Origin", 403)):  # fmt: skip
        assert (name, await track(collector.port, BASIC, name + b": " + bad)) == (name, status)
    expecting = b"POST /v1/track HTTP/1.1\r\n" + BASIC + b"\r\nExpect: " + bad
    assert (await said(collector.port, expecting))[0] == 417  # who expects an answer waits with the body
    asked = b"OPTIONS /v1/track HTTP/1.1\r\nAccess-Control-Request-Headers: " + bad + b"\r\nOrigin: "
    assert (await said(collector.port, asked + bad))[0] == 403
    status, answer = await said(collector.port, asked + OURS)
    assert (status, b"Access-Control-Allow-Origin: " + OURS in answer) == (204, True)


@pytest.mark.parametrize("bad", [b"%ff", b"%ed%a0%80", b"%00", b"%0d%0aA:b", b"caf%c3%a9"])
async def test_a_path_of_such_bytes_is_not_there(collector: Any, bad: bytes) -> None:
    """Neither a link nor a call; a good link and a good call stand whatever their query says."""
    for path in (b"/u/" + bad, b"/v1/" + bad, b"/" + bad):
        for method in (b"GET ", b"POST "):
            assert (await said(collector.port, method + path + b" HTTP/1.1"))[0] == 404
    link = token(collector.keys.unsubscribe, ("mail", "u:7", "k", "news")).encode()
    assert (await said(collector.port, b"POST /u/" + link + b"?" + bad + b" HTTP/1.1"))[0] == 200
    assert await track(collector.port, BASIC, path=b"/v1/track?a=" + bad) == 200
    assert orjson.loads(collector.log.kept[-1].value)["event"] == "E"


@pytest.mark.parametrize("target", [b"//v1/track/", b"//", b"///", b"/%2f/", b"/v1/track%2f/", b"/u/a%2fb/"])
async def test_a_target_of_slashes_is_not_there(collector: Any, target: bytes) -> None:
    """None is taken for another host or path."""
    assert (await said(collector.port, b"POST " + target + b" HTTP/1.1\r\n" + BASIC, BODY))[0] == 404


@pytest.mark.parametrize("target", [b"http://a/v1/track/", b"http://a/v1/track"])
async def test_a_whole_url_as_target_is_its_path(collector: Any, target: bytes) -> None:
    """As a proxy may write it (RFC 9112, 3.2.2)."""
    assert (await said(collector.port, b"POST " + target + b" HTTP/1.1\r\n" + BASIC, BODY))[0] == 200


@pytest.mark.parametrize("bad", BAD)
async def test_a_bare_byte_in_the_target_is_refused(collector: Any, bad: bytes) -> None:
    """As broken HTTP by aiohttp's parser in C, as a wrong key or path after the one in Python."""
    for target in (b"/u/" + bad, b"/" + bad, b"/sourceConfig?writeKey=" + bad, b"/v1/track?a=" + bad):
        assert (await said(collector.port, b"GET " + target + b" HTTP/1.1"))[0] in {400, 401, 404}
    assert collector.log.kept == []


def test_a_target_of_such_bytes_is_clean_text() -> None:
    """As the parser in Python hands it on; a clean one stays as it is."""
    target, headers = "/u/\udcff?writeKey=\udcff", CIMultiDictProxy(CIMultiDict({"Host": "a", "X": "\udcff"}))
    rest = (HttpVersion11, headers, (), False, None, False, False, URL("/"))
    clean = cleaned(RawRequestMessage("GET", target, *rest))
    assert (clean.path, clean.url.path, clean.url.query["writeKey"]) == (
        "/u/\ufffd?writeKey=\ufffd", "/u/\ufffd", "\ufffd",
    )  # fmt: skip
    assert {**clean.headers} == {"Host": "a", "X": "\ufffd"}
    plain = RawRequestMessage("GET", "/", HttpVersion11, CIMultiDictProxy(CIMultiDict()), (), *rest[3:])
    assert cleaned(plain) is plain
