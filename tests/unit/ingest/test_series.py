"""Whatever strangers send, the collector and the consumer show the same series."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from schemas import topics
from services.ingest.adapters import batch_loop
from services.ingest.core.hook import Esp
from tests.series import Series, series, strange


async def _sent(collector: Any, word: str) -> None:
    path = quote(word, safe="")
    agent = word.encode("ascii", "replace").decode().replace("\n", " ")
    headers = {"User-Agent": agent, "Origin": f"https://{agent}", "traceparent": agent, "Content-Type": agent}
    for where in (f"/{path}", f"/v1/{path}", f"/v1/track/{path}", f"/api/s/{path}", f"/webhooks/{path}", f"/u/{path}"):
        async with collector.http.post(where, data=word.encode(), headers=headers) as response:
            await response.read()
    async with collector.http.request("BREW", f"/{path}") as response:
        await response.read()


async def _hooked(collector: Any, word: str) -> None:
    for esp in Esp:
        async with collector.http.post(f"/webhooks/{esp.value}?x={quote(word)}", data=word.encode()) as response:
            await response.read()


async def test_requests_of_strangers_make_no_series(collector: Any, hooked: Any) -> None:
    """Paths, methods, agents, origins, ESPs and bodies of their making: the second lot finds every series there."""
    shown: list[Series] = []
    for number in (1, 2):
        for word in strange(number):
            await _sent(collector, word)
            await _hooked(hooked, word)
        shown.append(series())
    assert shown[1] - shown[0] == frozenset()


def _batch(made: Any, record: Callable[..., Any], number: int) -> None:
    for topic in (topics.EVENTS_RAW, topics.CONVERSIONS_RAW, topics.EMAIL_FEEDBACK, topics.PRIVACY_REQUESTS):
        words = strange(number)
        calls = [
            *({"type": word, "messageId": word, "userId": word, "event": word} for word in words),
            *({"type": "track", "messageId": f"{number}{at}", "userId": word, "event": word} for at, word in
              enumerate(words)),
            *({"id": word, "word": word, "message_id": word, "person_tag": word, "occurred_at": word, "source": word}
              for word in words),
            *({"action": word, "id": word} for word in words),
            *[word.encode() for word in words],
        ]  # fmt: skip
        batch = made(*calls, topic=topic, first=number * 1_000)
        batch_loop._count([record(call, topic) for call in calls], batch, 0.1)


@pytest.mark.usefixtures("keys")
def test_records_of_strangers_make_no_series(made: Any, record: Callable[..., Any]) -> None:
    """Types, names, words of feedback and actions that nobody knows, and bytes that are nothing."""
    shown: list[Series] = []
    for number in (1, 2):
        _batch(made, record, number)
        shown.append(series())
    assert shown[1] - shown[0] == frozenset()
    names = {name for name, _ in shown[0]}
    assert {"kindling_dead_letters_total", "kindling_time_lag_seconds_count", "kindling_ingest_rejects_total"} <= names
