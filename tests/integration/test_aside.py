"""Records set aside on the real broker: others pass, and a new owner handles them when their time has come."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest

from schemas import topics as table
from schemas.codec import decode
from schemas.email import Feedback, PrivacyRequest
from services.runtime.clock import now
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import AsidePolicy, LoopPolicy
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Emit, Later, Message, Outcome, Send
from tests.processes import new_process, run

pytestmark = pytest.mark.kafka
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASIDE = AsidePolicy(table.ASIDE_CONNECTOR, lambda _, __: Emit(()))
POLICY = LoopPolicy("connector", "aside-test", (table.PRIVACY_REQUESTS,), in_flight=8, aside=ASIDE)
ReadAll = Callable[[table.Topic], Awaitable[list[Any]]]


class Why(StrEnum):
    """Why it waits."""

    GREYLISTED = "greylisted"


async def _feed(address: str, count: int) -> None:
    publisher = Publisher(Kafka(address), "test")
    await publisher.start()
    for number in range(count):
        request = PrivacyRequest(
            id=str(number), action="export", person=f"p{number}", occurred_at=NOW, requested_by="test"
        )
        await publisher.send_raw(table.PRIVACY_REQUESTS, f"p{number}".encode(), request.model_dump_json().encode())
    await publisher.stop()


def _done(message: Message) -> Emit:
    words = Feedback(
        id=message.event.id, word="delivered", message_id="m", person_tag=message.event.person, occurred_at=NOW,
        source="test",
    )  # fmt: skip
    return Emit((Send(table.EMAIL_FEEDBACK, words),))


async def _run(address: str, handle: Callable[[Message], Outcome], until: Callable[[int], bool]) -> list[Message]:
    """One owner, until so many were handled; what it was given."""
    process, seen = new_process(), list[Message]()

    async def handled(message: Message) -> Outcome:
        seen.append(message)
        if until(len(seen)):
            process.stop.set()
        return handle(message)

    async with asyncio.timeout(60):
        await run(process, run_loop(POLICY, Kafka(address), handled, process))
    return seen


async def test_a_new_owner_finds_what_waits_and_ends_it_once(topics: str, read_all: ReadAll) -> None:
    """Every third waits an hour or a moment; what waits a moment comes to the next owner, and leaves a tombstone."""
    await _feed(topics, 30)
    begun = now()

    def wait(message: Message) -> Outcome:
        number = int(message.event.id)
        if number % 3:
            return _done(message)
        return Later(begun + timedelta(hours=1 if number % 2 else 0), Why.GREYLISTED)

    await _run(topics, wait, lambda seen: seen == 30)
    again = await _run(topics, _done, lambda seen: seen == 5)
    assert sorted(int(each.event.id) for each in again) == [0, 6, 12, 18, 24]
    assert [each.tries for each in again] == [{"greylisted": 1}] * 5
    sent = [int(decode(table.EMAIL_FEEDBACK, each.value).id) for each in await read_all(table.EMAIL_FEEDBACK)]
    assert sorted(sent) == [number for number in range(30) if number % 3 or number % 2 == 0]
    latest = {each.key: each.value for each in await read_all(table.ASIDE_CONNECTOR)}
    assert [value is None for value in latest.values()].count(False) == 5
