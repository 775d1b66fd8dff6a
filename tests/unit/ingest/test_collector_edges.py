"""The collector with links, broken HTTP and a real SDK."""

import asyncio
import base64
import contextlib
from typing import Any

import pytest
from segment.analytics.client import Client

from schemas import topics
from schemas.signing import token
from services.ingest.adapters.http_collector import collector_app
from services.ingest.adapters.http_server import listen
from services.ingest.core.keyring import Keyring
from services.ingest.core.rates import Rate
from services.ingest.pipeline import Desk
from services.runtime.outcome import AddressInUse
from services.runtime.tasks import Tasks
from tests.unit.ingest.conftest import HOUSE

NOW_MS = 1_793_696_400_000
OURS = "https://academy.example.com"
BASIC = {"Authorization": "Basic " + base64.b64encode(b"demo:").decode()}
CALL = {"type": "track", "event": "E", "messageId": "m-1", "userId": "7"}
LIMIT = 500 * 1024


@pytest.mark.parametrize(("path", "status"), [("/v1/", 404), ("/v1/tracks", 404), ("/nowhere", 404)])
async def test_other_paths_are_not_there(collector: Any, path: str, status: int) -> None:
    """In JSON, as everything."""
    got, answer = await collector.post(path, {})
    assert (got, answer["code"]) == (status, "unknown_path")


async def test_the_unsubscribe_link_acts_on_post_only(collector: Any) -> None:
    """No login, no redirect, as often as one likes; a GET shows a page and changes nothing."""
    link = "/u/" + collector.keys.seal.seal(("mail", "u:7", "k", "<b>news</b>", "es"))
    async with collector.http.get(link) as response:
        text = await response.text()
        assert (response.status, "<form method" in text, "<b>news" in text) == (200, True, False)
        assert ('<html lang="es">' in text, "Darme de baja" in text) == (True, True)
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert collector.log.kept == []
    for _ in range(2):
        async with collector.http.post(link, data={"List-Unsubscribe": "One-Click"}) as response:
            assert response.status == 200
    assert [each.topic.short for each in collector.log.kept] == ["email.suppressions", "events.raw"] * 2
    suppression = topics.ADAPTERS["email.suppressions"].validate_json(collector.log.kept[0].value or b"")
    assert (suppression.address_key, suppression.purposes) == ("k", ("<b>news</b>",))
    first, second = collector.calls()
    assert (first, first["event"]) == (second, "Unsubscribed")
    collector.log.is_away = True
    async with collector.http.post(link) as response:
        assert response.status == 503


async def test_a_link_of_the_older_form_still_acts(collector: Any) -> None:
    """It names no language: the page is in the one whose words there are."""
    link = "/u/" + token(collector.keys.unsubscribe, ("mail", "u:7", "k", "news"))
    async with collector.http.get(link) as response:
        assert (response.status, '<html lang="en">' in await response.text()) == (200, True)
    async with collector.http.post(link) as response:
        assert response.status == 200
    assert [each.topic.short for each in collector.log.kept] == ["email.suppressions", "events.raw"]


async def test_a_forged_link_does_nothing(collector: Any) -> None:
    """Neither looked at nor used."""
    for method in ("GET", "POST"):
        async with collector.http.request(method, "/u/forged") as response:
            assert response.status == 404
    assert collector.log.kept == []


async def exchange(port: int, *pieces: bytes) -> bytes:
    """What the server says to raw bytes before it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    said = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return said


HEAD = b"POST /v1/track HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ZGVtbzo=\r\n"


@pytest.mark.parametrize(
    ("pieces", "start"),
    [
        ((HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",), b"HTTP/1.0 400"),
        ((HEAD + b"Content-Length: many\r\n\r\n{}",), b"HTTP/1.0 400"),
        ((HEAD + b"Content-Length: 50\r\n\r\n{",), b"HTTP/1.1 408"),
        ((HEAD + b"Content-Length: 9999999\r\n\r\n{",), b"HTTP/1.1 413"),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",), b"HTTP/1."),
        ((b"POST /v1/track HTTP/1.1\r\nHos",), b""),
        ((b"",), b""),
    ],
    ids=["22 both lengths", "22 no length", "23 slow body", "long by its header", "broken chunk",
         "23 slow headers", "23 silence"],
)  # fmt: skip
async def test_broken_http_is_cut(collector: Any, pieces: tuple[bytes, ...], start: bytes) -> None:
    """Refused and closed, in bounded time."""
    said = await exchange(collector.port, *pieces)
    assert said.startswith(start) if start else said == b""
    assert collector.log.kept == []


WHOLE = HEAD + b"Content-Length: 26\r\n\r\n" + b'{"event":"E","userId":"7"}'


@pytest.mark.parametrize(("sent", "answered"), [(1, 1), (2, 2), (3, 1), (1_000, 1)])
async def test_few_requests_wait_behind_another(collector: Any, sent: int, answered: int) -> None:
    """Where more pile up, none but the first is answered and the connection ends: their bodies are not held."""
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    with contextlib.suppress(ConnectionError):
        writer.write(WHOLE * sent)
        await writer.drain()
    length = 0
    for _ in range(answered):
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 ")
        while (line := await reader.readline()) != b"\r\n":
            length = int(line.split()[1]) if line.lower().startswith(b"content-length") else length
        await reader.readexactly(length)
    if sent > answered:
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_tiny_chunks_are_cut(collector: Any) -> None:
    """24: refused or cut off within the time of a body, whichever comes first; nothing is kept."""
    with contextlib.suppress(ConnectionResetError):
        said = await exchange(
            collector.port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n" * 1_000] * 100
        )
        assert said.startswith(b"HTTP/1.1 4")
    assert collector.log.kept == []


async def test_a_taken_port_is_said_so(collector: Any, ring: Keyring) -> None:
    """With what to set."""
    desk = Desk(collector.keys, lambda: ring, Rate(1, 500), collector.log, HOUSE)
    with pytest.raises(AddressInUse, match="KINDLING_INGEST_PORT"):
        await listen(collector_app(desk, lambda: 0), "127.0.0.1", collector.port, Tasks())


@pytest.mark.parametrize("is_gzip", [False, True])
async def test_segments_own_client_is_served(collector: Any, *, is_gzip: bool) -> None:
    """What the real SDK sends is kept, each call once."""

    def talk() -> None:
        failures: list[Any] = []
        client = Client(
            "demo", host=f"http://127.0.0.1:{collector.port}", gzip=is_gzip, sync_mode=True, max_retries=0,
            on_error=lambda error, _: failures.append(error),
        )  # fmt: skip
        client.identify("7", {"email": "ana@example.com"})
        client.track("7", "Guide Downloaded", {"guide": "seo"})
        client.page("7", "Blog", "SEO", {"url": "https://a.example/blog"})
        client.group("7", "g", {"name": "Acme"})
        client.alias("b-1", "7")
        assert failures == []

    await asyncio.to_thread(talk)
    assert [each["type"] for each in collector.calls()] == ["identify", "track", "page", "group", "alias"]
    assert len({each["messageId"] for each in collector.calls()}) == 5
