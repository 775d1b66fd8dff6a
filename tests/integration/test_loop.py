"""The exactly-once loop on the real broker."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client import REGISTRY

from schemas import topics as table
from schemas.codec import decode
from schemas.email import Feedback, PrivacyRequest
from services.runtime import kafka_lag
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.outcome import Emit, Message, Outcome, Send, Unavailable
from tests.processes import new_process, run

pytestmark = pytest.mark.kafka
NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = LoopPolicy("composer", "loop-test", (table.PRIVACY_REQUESTS,))
ReadAll = Callable[[table.Topic], Awaitable[list[Any]]]


def _answer(message: Message) -> Emit:
    words = Feedback(
        id=message.event.id, word="not_sent", message_id="m", person_tag=message.event.person, occurred_at=NOW,
        source="test",
    )  # fmt: skip
    return Emit((Send(table.EMAIL_FEEDBACK, words),))


async def _feed(address: str, count: int, keys: int = 7, poison: tuple[int, ...] = ()) -> None:
    publisher = Publisher(Kafka(address), "test")
    await publisher.start()
    for number in range(count):
        key = f"p{number % keys}"
        request = PrivacyRequest(
            id=str(number), action="export", person=key, occurred_at=NOW, requested_by="test"
        ).model_dump_json()
        value = b"\xff poison" if number in poison else request.encode()
        await publisher.send_raw(table.PRIVACY_REQUESTS, key.encode(), value)
    await publisher.stop()


async def _until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_true():
            await asyncio.sleep(0)


async def test_every_record_leads_to_its_output_once_and_in_order(topics: str, read_all: ReadAll) -> None:
    """200 records of 7 keys, handlers that end out of order: one output each, in the order of their key."""
    await _feed(topics, 200)
    seen: list[str] = []

    async def handle(message: Message) -> Outcome:
        for _ in range(int(message.event.id) * 7 % 11):
            await asyncio.sleep(0)
        seen.append(message.event.id)
        return _answer(message)

    process = new_process()
    running = asyncio.create_task(run(process, run_loop(POLICY, Kafka(topics), handle, process)))
    await _until(lambda: len(seen) == 200)
    process.stop.set()
    await running
    events = [decode(table.EMAIL_FEEDBACK, record.value) for record in await read_all(table.EMAIL_FEEDBACK)]
    assert sorted(int(event.id) for event in events) == list(range(200))
    for person in {event.person_tag for event in events}:
        mine = [int(event.id) for event in events if event.person_tag == person]
        assert mine == sorted(mine)


async def test_poison_goes_to_the_dead_letters_and_the_good_pass(topics: str, read_all: ReadAll) -> None:
    """Bytes nobody can read land in the DLQ untouched, with their cause and place."""
    await _feed(topics, 30, poison=(3, 17))
    seen: list[str] = []

    async def handle(message: Message) -> Outcome:
        seen.append(message.event.id)
        return _answer(message)

    process = new_process()
    running = asyncio.create_task(run(process, run_loop(POLICY, Kafka(topics), handle, process)))
    await _until(lambda: len(seen) == 28)
    process.stop.set()
    await running
    letters = await read_all(table.dead_letters("composer"))
    assert [letter.value for letter in letters] == [b"\xff poison"] * 2
    headers = dict(letters[0].headers)
    assert headers["kindling_reason"] == b"undecodable"
    assert headers["kindling_topic"] == table.PRIVACY_REQUESTS.name.encode()
    assert len(await read_all(table.EMAIL_FEEDBACK)) == 28


async def test_outputs_carry_cloudevents_headers_and_the_trace(topics: str, read_all: ReadAll) -> None:
    """A reader can tell what came from which record."""
    await _feed(topics, 1)
    process = new_process()

    async def handle(message: Message) -> Outcome:
        process.stop.set()
        return _answer(message)

    await run(process, run_loop(POLICY, Kafka(topics), handle, process))
    (record,) = await read_all(table.EMAIL_FEEDBACK)
    headers = dict(record.headers)
    assert headers["ce_type"] == table.EMAIL_FEEDBACK.name.encode()
    assert headers["ce_id"].startswith(table.PRIVACY_REQUESTS.name.encode())
    assert len(headers["traceparent"]) == 55


async def test_a_store_that_is_away_is_asked_again(topics: str, read_all: ReadAll) -> None:
    """`Unavailable` twice, then an answer: nothing is lost, nothing doubled."""
    await _feed(topics, 1)
    tries: list[int] = []
    process = new_process()

    async def handle(message: Message) -> Outcome:
        tries.append(len(tries))
        if len(tries) < 3:
            raise Unavailable("away")
        process.stop.set()
        return _answer(message)

    await run(process, run_loop(POLICY, Kafka(topics), handle, process))
    assert len(await read_all(table.EMAIL_FEEDBACK)) == 1


async def test_a_bug_ends_the_process_and_leaves_the_offset(topics: str, read_all: ReadAll) -> None:
    """Status 70; the next run handles the same record."""
    await _feed(topics, 1)

    async def broken(_: Message) -> Outcome:
        raise ZeroDivisionError

    process = new_process()
    with pytest.raises(Ended) as ended:
        await run(process, run_loop(POLICY, Kafka(topics), broken, process))
    assert ended.value.status is Status.BUG
    process = new_process()

    async def handle(message: Message) -> Outcome:
        process.stop.set()
        return _answer(message)

    await run(process, run_loop(POLICY, Kafka(topics), handle, process))
    assert len(await read_all(table.EMAIL_FEEDBACK)) == 1


async def test_too_many_rejects_blow_the_fuse(topics: str) -> None:
    """A stream of nothing but poison stops the service for good, with the place to look at."""
    await _feed(topics, 60, poison=tuple(range(60)))

    async def handle(message: Message) -> Outcome:
        return _answer(message)

    process = new_process()
    with pytest.raises(Ended, match=r"dlq\.composer") as ended:
        await run(process, run_loop(POLICY, Kafka(topics), handle, process))
    assert ended.value.status is Status.MISCONFIGURED


async def test_a_second_worker_takes_partitions_over(topics: str, read_all: ReadAll) -> None:
    """Two workers share the partitions; one leaves in the middle; each record still has one output."""
    await _feed(topics, 120)
    seen: list[str] = []
    first, second = new_process(), new_process()

    async def handle(message: Message) -> Outcome:
        await asyncio.sleep(0)
        seen.append(message.event.id)
        return _answer(message)

    one = asyncio.create_task(run(first, run_loop(POLICY, Kafka(topics), handle, first)))
    await _until(lambda: len(seen) > 10)
    other = asyncio.create_task(run(second, run_loop(POLICY, Kafka(topics), handle, second)))
    await _until(lambda: second.health.is_ready)
    await _feed(topics, 120)
    await _until(lambda: len(seen) >= 200)
    first.stop.set()
    await one
    await _until(lambda: len(seen) >= 240)
    second.stop.set()
    await other
    found = [decode(table.EMAIL_FEEDBACK, record.value).id for record in await read_all(table.EMAIL_FEEDBACK)]
    assert sorted(map(int, found)) == sorted([*range(120), *range(120)])


async def test_a_view_is_whole_when_it_says_so_and_follows(topics: str) -> None:
    """All of the topic at the start; later records come by themselves, tombstones as None."""
    await _feed(topics, 10)
    held: dict[bytes | None, Any] = {}
    view = View(Kafka(topics), (table.PRIVACY_REQUESTS,), lambda message: held.__setitem__(message.key, message.event))
    process = new_process()
    async with view.followed("view", process):
        assert (len(held), process.health.is_ready) == (7, True)
        publisher = Publisher(Kafka(topics), "test")
        await publisher.start()
        await publisher.send_raw(table.PRIVACY_REQUESTS, b"p0", None)
        await publisher.stop()
        await _until(lambda: held[b"p0"] is None)


def _shown(name: str, **labels: str) -> float:
    """The sum of the series with these labels."""
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


async def test_what_is_not_handled_is_shown_as_lag(topics: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a handler hangs every record counts, taken or not, and the time of the last progress stands; then none."""
    monkeypatch.setattr(kafka_lag, "EVERY_S", 0.05)
    stage, goes_on = {"stage": "hangs"}, asyncio.Event()
    lag, progress = "kindling_lag_records", "kindling_last_progress_timestamp_seconds"
    policy = LoopPolicy("hangs", "lag-test", (table.PRIVACY_REQUESTS,), in_flight=4)

    async def handle(message: Message) -> Outcome:
        await goes_on.wait()
        return _answer(message)

    process = new_process()
    running = asyncio.create_task(run(process, run_loop(policy, Kafka(topics), handle, process)))
    await _until(lambda: _shown("kindling_partitions_owned", **stage) == 3)
    await _feed(topics, 12)
    await _until(lambda: _shown(lag, **stage) == 12)
    stood = _shown(progress, **stage)
    assert _shown("kindling_transactions_total", outcome="committed", **stage) == 0
    goes_on.set()
    await _until(lambda: _shown(lag, **stage) == 0)
    assert _shown(progress, **stage) > stood
    assert _shown("kindling_time_lag_seconds_count", **stage) == 12
    assert _shown("kindling_fences_total", **stage) == 3
    assert abs(_shown("kindling_clock_offset_seconds")) < 5  # one machine: the broker dated what was sent by this clock
    process.stop.set()
    await running
