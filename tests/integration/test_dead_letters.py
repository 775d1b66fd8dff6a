"""Dead letters on the real broker: listed, shown, sent back once and whole, parked after three times."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from schemas.topics import EMAIL_OUTBOUND, REDRIVEN, Topic
from services.runtime.dead_letters import TRANSACTIONAL_ID, listed, redrive, shown
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.kafka_publisher import Publisher
from services.runtime.letters import Bar, Selection, reading
from services.runtime.outcome import Emit, Message, Misconfigured, Outcome, Reject
from tests.processes import new_process

pytestmark = pytest.mark.kafka
EXAMPLE = Path(__file__).parents[2] / "schemas" / "examples" / "email.outbound" / "course.json"
POLICY = LoopPolicy("connector", "redrive-test", (EMAIL_OUTBOUND,), fuse_share=None)
OURS = Selection(("connector",))
BROKEN = Selection(("connector",), "undecodable")
ReadAll = Callable[[Topic], Awaitable[list[Any]]]


class Why(StrEnum):
    """Why it is refused."""

    NOT_YET = "not_yet"


async def _count(kafka: Kafka, meant: Selection, wanted: int) -> None:
    """Wait until there are so many."""
    async with asyncio.timeout(30):
        while sum((await listed(kafka, meant)).by_reason.values()) != wanted:
            pass


async def _dead_run(kafka: Kafka) -> None:
    """What a run leaves behind that dies between its records and its commit."""
    dead: Any = kafka.producer(transactional_id=TRANSACTIONAL_ID, transaction_timeout_ms=60_000)
    await dead.start()
    await dead.begin_transaction()
    await dead.send_and_wait(EMAIL_OUTBOUND.name, b"broken", key=b"k", partition=1)
    await dead.send_and_wait(REDRIVEN.name, b"{}", key=b"connector/0/0", partition=0)
    await dead.stop()  # which ends no transaction


async def test_letters_go_back_once_until_they_are_parked(topics: str, read_all: ReadAll) -> None:
    """One is handled when it comes back; one is refused each time, and stays after three. A run dies in between."""
    kafka, process, seen, mended = Kafka(topics), new_process(), list[Message](), asyncio.Event()

    async def handle(message: Message) -> Outcome:
        if not mended.is_set():
            return Reject(Why.NOT_YET, "a test")
        seen.append(message)
        return Emit(())

    publisher = Publisher(kafka, "test")
    await publisher.start()
    await publisher.send_raw(EMAIL_OUTBOUND, b"k", b"broken", 1)
    await publisher.send_raw(EMAIL_OUTBOUND, b"m", EXAMPLE.read_bytes(), 2)
    await publisher.stop()
    loop = asyncio.create_task(process.tasks.run(run_loop(POLICY, kafka, handle, process)))
    await _count(kafka, OURS, 2)
    found = await listed(kafka, Selection(), 1)
    assert (found.by_reason, len(found.newest)) == (
        {("connector", "undecodable"): 1, ("connector", "not_yet"): 1}, 1,
    )  # fmt: skip
    (broken,) = (await listed(kafka, BROKEN)).newest
    place = (broken.letter.partition, broken.letter.offset)
    one = await shown(kafka, "connector", *place)
    assert (one, one.letter.value, reading(one.letter)[:15]) == (broken, b"broken", "does not decode")
    with pytest.raises(Misconfigured, match="there is none"):
        await shown(kafka, "connector", place[0], 999)

    assert (await redrive(kafka, OURS, is_dry=True)).sent == 2
    await _dead_run(kafka)
    mended.set()
    assert (await redrive(kafka, Selection(("connector",), at=place))).sent == 1
    assert (await redrive(kafka, Selection(("connector",), at=place))).barred == {Bar.ALREADY: 1}
    assert (await redrive(kafka, Selection(("connector",), Why.NOT_YET))).sent == 1
    for letters in (3, 4):
        await _count(kafka, OURS, letters)
        assert (await redrive(kafka, BROKEN)).sent == 1
    await _count(kafka, OURS, 5)
    assert (await redrive(kafka, OURS)).barred == {Bar.ALREADY: 4, Bar.PARKED: 1}

    process.stop.set()
    assert await loop is None
    assert [(each.partition, each.raw) for each in seen] == [(2, EXAMPLE.read_bytes())]
    there = [(each.partition, each.key, each.value, dict(each.headers)) for each in await read_all(EMAIL_OUTBOUND)]
    attempts = [{}, *({"kindling_attempt": str(each).encode()} for each in (1, 2, 3))]
    assert [each for each in there if each[0] == 1] == [(1, b"k", b"broken", each) for each in attempts]
    assert len(there) == 6
