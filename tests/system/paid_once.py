"""What the kill tests of paid answers share: twenty triggers, a model whose first answer hangs, a kill, a takeover."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from aiohttp import web

from schemas.codec import decode
from schemas.topics import LLM_REPLIES, Topic
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_records import partition_of
from services.runtime.outcome import Send
from tests.conftest import PARTITIONS, ReadAll
from tests.llm_server import Serve, Server, completion
from tests.system.conftest import StartWorker

COUNT = 20
PERSONS = [f"u:p{number}" for number in range(300) if partition_of(f"u:p{number}".encode(), PARTITIONS) == 0][:COUNT]
IDS = [str(uuid.uuid5(uuid.NAMESPACE_URL, f"paid once {number}")) for number in range(COUNT)]
SLOW = "Checklist number 0 of many"
WITHIN_S = 60.0
LLM = {"LLM": "auto", "LLM_MODELS": "small=0.25/2", "LLM_TIMEOUT_S": "60", "LLM_IN_FLIGHT": "64"}
COST = 300 // 4 + 60 * 2  # of one of the server's answers

Say = Callable[[Mapping[str, Any], int], str]
"""The text that answers a question, given how many were answered before: never the same twice."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One stage: what it reads, where each trigger ends, how many questions it asks for one, and what is answered."""

    module: str
    triggers: Sequence[Send]
    ends: Mapping[Topic, Callable[[Any], str]]
    questions: int
    say: Say
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it: where each trigger ended, and what the endpoint said to each question."""

    server: Server
    ends: Mapping[Topic, Sequence[Any]]
    said: Mapping[str, Sequence[str]]


class Endpoint:
    """Answers all but the first trigger's questions; that one's too once it is released."""

    def __init__(self, say: Say) -> None:
        self.said: dict[str, list[str]] = {}
        self.is_released = False
        self._say = say

    async def answer(self, request: web.Request) -> web.Response:
        """One completion."""
        body = orjson.loads(await request.read())
        user = body["messages"][1]["content"]
        if SLOW in user and not self.is_released:
            await asyncio.Event().wait()
        text = self._say(body, sum(map(len, self.said.values())))
        self.said.setdefault(user, []).append(text)
        return web.Response(body=completion(text), content_type="application/json")


def titled(raw: dict[str, Any], number: int) -> dict[str, Any]:
    """A request's raw form as one of the twenty: all of one partition, told apart by what was converted on."""
    now = datetime.now(UTC)
    own = {"decision_id": IDS[number], "person": PERSONS[number], "created_at": now, "not_before": now}
    title = {"title": f"Checklist number {number} of many"}
    return {**raw, **own, "expires_at": now + timedelta(days=2), "trigger": raw["trigger"] | title}


async def play(scene: Scene, address: str, serve: Serve, worker: StartWorker, read_all: ReadAll) -> Played:
    """Nothing is asked twice, and every trigger ends once.

    1 the first trigger hangs, so that nothing of its partition is published; 2 all else is answered and kept;
    3 SIGKILL; 4 another takes over.
    """
    endpoint = Endpoint(scene.say)
    server = await serve(endpoint.answer)
    await _publish(address, scene.triggers)
    others = {"OPENAI_BASE_URL": server.url, **server.embedding}
    settings = {**LLM, **scene.settings}
    first = worker(scene.module, "first", others, **settings)  # 1
    wanted = scene.questions * (COUNT - 1)
    await _until(read_all, [LLM_REPLIES], wanted)  # 2
    assert sum(map(len, (await _read(read_all, scene.ends)).values())) == 0
    first.kill()  # 3
    before = len(server.bodies)
    endpoint.is_released = True
    second = worker(scene.module, "second", others, **settings)  # 4
    await _until(read_all, scene.ends, COUNT)
    assert await second.end() == 0
    ends = await _read(read_all, scene.ends)

    answered = [each for user, each in endpoint.said.items() if SLOW not in user]
    assert [len(each) for each in answered] == [1] * wanted
    assert all(SLOW in body["messages"][1]["content"] for body in server.bodies[before:])
    ended = Counter(id_of(event) for topic, id_of in scene.ends.items() for event in ends[topic])
    assert ended == Counter(IDS)
    return Played(server, ends, endpoint.said)


async def _publish(address: str, sends: Sequence[Send]) -> None:
    publisher = Publisher(Kafka(address), "test")
    await publisher.start()
    await publisher.send(sends)
    await publisher.stop()


async def _until(read_all: ReadAll, topics: Any, count: int) -> None:
    async with asyncio.timeout(WITHIN_S):
        while sum(map(len, (await _read(read_all, topics)).values())) < count:
            pass


async def _read(read_all: Callable[[Topic], Awaitable[list[Any]]], topics: Any) -> dict[Topic, list[Any]]:
    return {topic: [decode(topic, each.value) for each in await read_all(topic)] for topic in topics}
