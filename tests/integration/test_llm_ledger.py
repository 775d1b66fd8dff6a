"""The reply ledger on the real broker, and that a partition's replies are read before its records are handled."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import topics as table
from schemas.codec import decode
from schemas.email import PrivacyRequest
from schemas.ledger import KeptReply
from schemas.topics import LLM_REPLIES
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.kafka_publisher import Publisher
from services.runtime.llm_ledger import Ledger
from services.runtime.outcome import Emit, Message, Misconfigured, Outcome, Send, Unavailable
from tests.brokers import Node
from tests.processes import new_process, run

pytestmark = pytest.mark.kafka
NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = LoopPolicy("composer", "owning-test", (table.PRIVACY_REQUESTS,))
ReadAll = Callable[[table.Topic], Awaitable[list[Any]]]


def _reply(key: str, text: str = "{}") -> KeptReply:
    return KeptReply(
        key=key * 64, service="composer", person="u:1", stage="copy", prompt_id="copy.v1", model="m", outcome="answer",
        text=text, asked_at=NOW,
    )  # fmt: skip


async def test_a_reply_is_there_before_it_is_used_and_the_next_owner_reads_it(topics: str, read_all: ReadAll) -> None:
    """At its partition, acked; where two came to be, the first by offset counts for everybody."""
    first, second = Ledger(Kafka(topics), LLM_REPLIES, "composer"), Ledger(Kafka(topics), LLM_REPLIES, "composer")
    assert await first.start() == await second.start() == 3
    assert await first.read(2) == ()
    await first.keep(2, _reply("a", '{"n": 1}'))
    (record,) = await read_all(LLM_REPLIES)
    assert (record.partition, record.key, decode(LLM_REPLIES, record.value)) == (2, b"a" * 64, _reply("a", '{"n": 1}'))
    await second.keep(2, _reply("a", '{"n": 2}'))  # a former owner that did not know
    publisher = Publisher(Kafka(topics), "test")
    await publisher.start()
    await publisher.send([Send(LLM_REPLIES, _reply("b"), 1)])
    await publisher.stop()
    assert len(await second.read(2)) == 2
    assert await second.kept(2, "a" * 64) == _reply("a", '{"n": 1}')
    assert await second.keep(2, _reply("a", '{"n": 3}')) == _reply("a", '{"n": 1}')
    assert await second.kept(2, "b" * 64) is None
    second.lose(2)
    assert await second.kept(2, "a" * 64) is None
    assert len(await read_all(LLM_REPLIES)) == 3
    for each in (first, second):
        await each.stop()


async def test_an_answer_waits_for_kafka_and_is_not_used_before(node: Node, topics: str, read_all: ReadAll) -> None:
    """Kafka away: the answer is paid for and waits; with Kafka back it is kept, once."""
    ledger = Ledger(Kafka(topics), LLM_REPLIES, "composer")
    await ledger.start()
    await ledger.read(0)
    node.kill()
    keeping = asyncio.create_task(ledger.keep(0, _reply("a")))
    await asyncio.to_thread(node.restart)
    assert await keeping == _reply("a")
    assert await ledger.kept(0, "a" * 64) == _reply("a")
    (record,) = await read_all(LLM_REPLIES)
    assert decode(LLM_REPLIES, record.value) == _reply("a")
    await ledger.stop()


async def test_a_reply_the_broker_refuses_is_never_used(topics: str, read_all: ReadAll) -> None:
    """`Unavailable` at this attempt, and at the next, which finds the reply and sends it again before it is used."""
    ledger = Ledger(Kafka(topics), LLM_REPLIES, "composer")
    await ledger.start()
    await ledger.read(0)
    with pytest.raises(Unavailable):
        await ledger.keep(0, _reply("a", "x" * 2_000_000))
    with pytest.raises(Unavailable):
        await ledger.kept(0, "a" * 64)
    assert await read_all(LLM_REPLIES) == []
    await ledger.stop()


async def test_a_ledger_without_its_topic_says_what_to_do(broker: Any) -> None:
    """Before the first question is paid."""
    ledger = Ledger(Kafka(broker.address), LLM_REPLIES, "composer")
    with pytest.raises(Misconfigured, match="make topics"):
        await ledger.start()
    await ledger.stop()


class Slow:
    """What goes with a partition, and takes until it is told to go on."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.read: list[int] = []
        self.gone: list[int] = []
        self.begun = 0

    async def owned(self, partition: int) -> None:
        """Wait."""
        self.begun += 1
        await self.go_on.wait()
        self.read.append(partition)

    def lost(self, partition: int) -> None:
        """Remember."""
        self.gone.append(partition)


async def _feed(address: str, count: int) -> None:
    publisher = Publisher(Kafka(address), "test")
    await publisher.start()
    for number in range(count):
        request = PrivacyRequest(
            id=str(number), action="export", person=f"p{number}", occurred_at=NOW, requested_by="test"
        ).model_dump_json()
        await publisher.send_raw(table.PRIVACY_REQUESTS, f"p{number}".encode(), request.encode())
    await publisher.stop()


async def _until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_true():
            await asyncio.sleep(0)


async def test_no_record_is_handled_before_its_partition_was_read(topics: str) -> None:
    """Then each is, once; another worker reads what it takes over, and the first forgets it."""
    await _feed(topics, 30)
    seen: list[tuple[int, list[int]]] = []
    slow, other = Slow(), Slow()
    first, second = (new_process() for _ in range(2))

    async def handle(message: Message) -> Outcome:
        seen.append((message.partition, list(slow.read)))
        return Emit(())

    running = asyncio.create_task(run(first, run_loop(POLICY, Kafka(topics), handle, first, slow)))
    await _until(lambda: slow.begun == 3)
    assert seen == []
    slow.go_on.set()
    await _until(lambda: len(seen) == 30)
    assert all(partition in read for partition, read in seen)
    other.go_on.set()
    beside = asyncio.create_task(run(second, run_loop(POLICY, Kafka(topics), handle, second, other)))
    await _until(lambda: bool(other.read) and set(other.read) == set(slow.gone))
    for process in (first, second):
        process.stop.set()
    await asyncio.gather(running, beside)
    assert len(seen) == 30


async def test_a_reading_that_fails_ends_the_process(topics: str) -> None:
    """What was paid is not guessed."""

    class Broken(Slow):
        async def owned(self, partition: int) -> None:
            raise ZeroDivisionError(partition)

    async def handle(_: Message) -> Outcome:
        return Emit(())

    process = new_process()
    with pytest.raises(Ended) as ended:
        await run(process, run_loop(POLICY, Kafka(topics), handle, process, Broken()))
    assert ended.value.status is Status.BUG
