"""Embeddings from an endpoint: a loopback server that answers what it is told."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import pytest
from aiohttp import web

from services.recommender.adapters.embedding.openai_embedder import Endpoint, OpenAiEmbedder
from services.runtime.outcome import Misconfigured, Unavailable

Served: TypeAlias = Callable[..., Awaitable[OpenAiEmbedder]]


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """An embedder of 2 dimensions at a server with this answer."""
    stops: list[Callable[[], Any]] = []

    async def build(body: Any, status: int = 200, content_type: str = "application/json") -> OpenAiEmbedder:
        async def answer(request: web.Request) -> web.Response:
            if callable(body):
                return web.json_response(body(await request.json()))
            return web.Response(body=body, status=status, content_type=content_type)

        application = web.Application()
        application.router.add_post("/v1/embeddings", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        embedder = OpenAiEmbedder(Endpoint(f"http://127.0.0.1:{port}/v1", "key", "small", 2, 5.0))
        stops.extend((embedder.close, runner.cleanup))
        return embedder

    yield build
    for stop in stops:
        await stop()


def _rows(asked: dict[str, Any], *vectors: list[float]) -> dict[str, Any]:
    data = [{"object": "embedding", "index": n, "embedding": each} for n, each in enumerate(vectors)]
    return {
        "object": "list",
        "model": asked["model"],
        "data": data[::-1],
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    }


async def test_vectors_come_in_the_order_of_the_texts(served: Served) -> None:
    """By their index, at unit length."""
    embedder = await served(lambda asked: _rows(asked, [3.0, 4.0], [0.0, 2.0]))
    assert await embedder.passages(["a", ""]) == ((0.6, 0.8), (0.0, 1.0))
    assert await embedder.passages([]) == ()


async def test_dimension_is_checked_at_start(served: Served) -> None:
    """Another length is the operator's fault; the message names the setting."""
    embedder = await served(lambda asked: _rows(asked, [1.0, 0.0, 0.0]))
    with pytest.raises(Misconfigured, match="KINDLING_RECOMMENDER_EMBEDDING_DIMENSION"):
        await embedder.check()


async def test_a_refused_key_is_the_operators_fault(served: Served) -> None:
    """So is an unknown model; both name the settings."""
    embedder = await served(b"{}", status=401)
    with pytest.raises(Misconfigured, match="_API_KEY"):
        await embedder.check()


@pytest.mark.parametrize(
    ("body", "status", "content_type"),
    [
        (b"{}", 503, "application/json"),
        (b"{}", 429, "application/json"),
        (b"<html>", 200, "text/html"),
        (b'{"data": [', 200, "application/json"),
        (b'{"data": null}', 200, "application/json"),
        (b'{"data": []}', 200, "application/json"),
    ],
)
async def test_an_endpoint_in_trouble_is_away(served: Served, body: bytes, status: int, content_type: str) -> None:
    """Overloaded, replaced by a page, cut short, or empty."""
    embedder = await served(body, status, content_type)
    with pytest.raises(Unavailable):
        await embedder.query("a")


async def test_a_dead_endpoint_is_away() -> None:
    """Nobody listens."""
    embedder = OpenAiEmbedder(Endpoint("http://127.0.0.1:9/v1", "key", "small", 2, 5.0))
    with pytest.raises(Unavailable):
        await embedder.query("a")
    await embedder.close()


@pytest.mark.parametrize(
    "row",
    [
        b"[NaN, 1.0]",
        b"[Infinity, 1.0]",
        b"[1.0, 0.0, 0.0]",
        b"[1.0]",
        b"[]",
        b"[0.0, 0.0]",
        b'["a", "b"]',
        b"[null, 1]",
    ],
)
async def test_82_what_is_no_vector_never_becomes_one(served: Served, row: bytes) -> None:
    """Not a number, of another length, all nought: no direction to be found by, nor to search with."""
    good = b'{"object": "embedding", "index": 0, "embedding": [3.0, 4.0]}'
    bad = b'{"object": "embedding", "index": 1, "embedding": ' + row + b"}"
    embedder = await served(b'{"object": "list", "data": [' + good + b", " + bad + b"]}")
    assert await embedder.passages(["a", "b"]) == ((0.6, 0.8), ())
    embedder = await served(b'{"object": "list", "data": [' + bad + b"]}")
    with pytest.raises(Unavailable):
        await embedder.query("b")
