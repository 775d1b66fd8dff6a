"""A worker that is killed between an answer and its publishing pays for that answer once."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from aiohttp import web

from schemas.codec import decode
from schemas.decision import Decision
from schemas.topics import DECISIONS, EMAIL_OUTBOUND, LLM_REPLIES, RECOMMENDATIONS, Topic
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_records import partition_of
from services.runtime.outcome import Send
from services.runtime.program import read_catalogue
from tests.conftest import PARTITIONS
from tests.llm_server import Serve, completion
from tests.system.conftest import ROOT, StartWorker

pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.timeout(240)]
ReadAll = Callable[[Topic], Awaitable[list[Any]]]
COUNT = 20
ATTEMPTS = 2  # what is no copy is asked once more
COURSE = next(read_catalogue(ROOT / "examples" / "academy" / "catalogue.jsonl"))
PERSONS = [f"u:p{number}" for number in range(300) if partition_of(f"u:p{number}".encode(), PARTITIONS) == 0][:COUNT]
SLOW = "Checklist number 0 of many"


async def test_answers_of_a_killed_worker_are_paid_once(
    topics: str, serve: Serve, worker: StartWorker, read_all: ReadAll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first question hangs, so nothing can be published; the others are answered; SIGKILL; another takes over."""
    is_released = asyncio.Event()
    sent: dict[str, list[str]] = {}

    async def answer(request: web.Request) -> web.Response:
        user = orjson.loads(await request.read())["messages"][1]["content"]
        if SLOW in user and not is_released.is_set():
            await asyncio.Event().wait()
        text = orjson.dumps({"note": sum(map(len, sent.values()))}).decode()  # no copy, and another each time
        sent.setdefault(user, []).append(text)
        return web.Response(body=completion(text), content_type="application/json")

    server = await serve(answer)
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    await _feed(topics)
    settings = {
        "LLM": "auto", "LLM_MODELS": "small=0.25/2", "LLM_TIMEOUT_S": "60", "LLM_IN_FLIGHT": "64",
        "COMPOSER_IN_FLIGHT": "64",
    }  # fmt: skip
    first = worker("services.composer", "first", **settings)
    kept: list[Any] = []
    while len(kept) < ATTEMPTS * (COUNT - 1):
        kept = [decode(LLM_REPLIES, each.value) for each in await read_all(LLM_REPLIES)]
    assert await read_all(DECISIONS) == []
    first.kill()
    before = len(server.bodies)
    is_released.set()
    second = worker("services.composer", "second", **settings)
    decisions: list[Decision] = []
    while len(decisions) < COUNT:
        decisions = [decode(DECISIONS, each.value) for each in await read_all(DECISIONS)]
    assert await second.end() == 0

    answered = [each for user, each in sent.items() if SLOW not in user]
    assert [len(each) for each in answered] == [1] * ATTEMPTS * (COUNT - 1)
    assert all(SLOW in body["messages"][1]["content"] for body in server.bodies[before:])
    assert sorted(each.person for each in decisions) == sorted(PERSONS)
    assert len(await read_all(EMAIL_OUTBOUND)) == COUNT
    first_words = {texts[0] for texts in sent.values()}
    for each in decisions:
        mine = [asked for asked in each.asked if asked.stage == "copy"]
        assert {asked.text for asked in mine} <= first_words
        assert {asked.is_from_ledger for asked in mine} == {each.person != PERSONS[0]}
        assert {asked.cost_micros for asked in mine} == {300 // 4 + 60 * 2}


async def _feed(address: str) -> None:
    body = json.loads((ROOT / "schemas" / "examples" / "recommendations" / "course.json").read_text())
    body["course"], now = COURSE.model_dump(mode="json"), datetime.now(UTC)
    publisher = Publisher(address, "test")
    await publisher.start()
    for number, person in enumerate(PERSONS):
        body["request"] |= {
            "decision_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"paid once {number}")),
            "person": person,
            "created_at": now.isoformat(),
            "not_before": now.isoformat(),
            "expires_at": (now + timedelta(days=2)).isoformat(),
        }
        body["request"]["trigger"]["title"] = f"Checklist number {number} of many"
        await publisher.send([Send(RECOMMENDATIONS, RECOMMENDATIONS.event.model_validate(body))])
    await publisher.stop()
