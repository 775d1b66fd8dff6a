"""What is set aside lets the others pass, comes again at its time, survives its owner, and ends once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from schemas import topics as table
from schemas.aside import Aside
from schemas.codec import decode
from schemas.email import Feedback, PrivacyRequest
from services.runtime.clock import now
from services.runtime.errors import Ended, Status
from services.runtime.kafka_aside import Pointers, set_aside, tries_of
from services.runtime.kafka_ends import Ends
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import AsidePolicy, LoopPolicy
from services.runtime.metrics import RECORDS, UNREADABLE_POINTERS
from services.runtime.outcome import Emit, Later, Message, Outcome, Send
from tests.fake_kafka import BEGUN_MS, FakeKafka, record
from tests.processes import new_process

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE, ASIDE = table.PRIVACY_REQUESTS, table.ASIDE_CONNECTOR
WHERE, WAITING = TopicPartition(SOURCE.name, 0), TopicPartition(ASIDE.name, 0)


def _not_sent(message: Message, now: datetime) -> Emit:
    words = Feedback(
        id=message.event.id, word="not_sent", message_id="m", person_tag="u:1", occurred_at=now, source="test"
    )
    return Emit((Send(table.EMAIL_FEEDBACK, words),))


POLICY = LoopPolicy("connector", "a group", (SOURCE,), in_flight=4, aside=AsidePolicy(ASIDE, _not_sent))


class Why(StrEnum):
    """Why it waits."""

    GREYLISTED = "greylisted"
    SLOWED = "slowed"


def _request(offset: int, at_ms: int | None = None) -> Any:
    event = PrivacyRequest(id=str(offset), action="export", person="u:1", occurred_at=NOW, requested_by="test")
    at = int(now().timestamp() * 1000) if at_ms is None else at_ms
    return record(SOURCE.name, offset, event.model_dump_json().encode(), at_ms=at)


def _done(message: Message) -> Emit:
    words = Feedback(
        id=message.event.id, word="delivered", message_id="m", person_tag="u:1", occurred_at=NOW, source="test"
    )
    return Emit((Send(table.EMAIL_FEEDBACK, words),))


def _soon() -> Later:
    return Later(now() - timedelta(seconds=1), Why.GREYLISTED)


async def _run(kafka: FakeKafka, handle: Callable[[Message], Outcome], until: Callable[[], bool]) -> Ended | None:
    """One owner from its start until so and so; how its process ended."""
    process = new_process()

    async def handled(message: Message) -> Outcome:
        return handle(message)

    async def act() -> None:
        loop = process.tasks.start("loop", run_loop(POLICY, kafka.kafka, handled, process))
        before = len(kafka.consumers)
        while len(kafka.consumers) == before or kafka.consumers[-1].listener is None:
            await asyncio.sleep(0)
        await kafka.consumers[-1].listener.on_partitions_assigned(list(kafka.logs))
        while not until():
            await asyncio.sleep(0)
        process.stop.set()
        await loop

    async with asyncio.timeout(30):
        return await process.tasks.run(act())


def _pointers(kafka: FakeKafka) -> list[tuple[bytes | None, Aside | None]]:
    return [
        (each.key, None if each.value is None else decode(ASIDE, each.value)) for each in kafka.written.get(WAITING, [])
    ]


def _ended(kafka: FakeKafka) -> list[str]:
    return [decode(table.EMAIL_FEEDBACK, value).id for topic, value in kafka.sent if topic == table.EMAIL_FEEDBACK.name]


async def test_one_that_waits_holds_nobody_up_and_comes_again() -> None:
    """Its pointer is written with the offset behind it; at its end the tombstone is in the same transaction."""
    kafka = FakeKafka([_request(offset) for offset in range(10)])
    tries: list[int] = []

    def handle(message: Message) -> Outcome:
        if message.offset == 0:
            tries.append(message.tries.get(Why.GREYLISTED, 0))
        return _soon() if message.offset == 0 and message.tries.get(Why.GREYLISTED, 0) < 2 else _done(message)

    assert await _run(kafka, handle, lambda: len(_ended(kafka)) == 10) is None
    assert _ended(kafka)[-1] == "0"
    assert tries == [0, 1, 2]
    key = f"{SOURCE.name}/0/0".encode()
    assert [(each, pointer and pointer.tries) for each, pointer in _pointers(kafka)] == [
        (key, 1),
        (key, 2),
        (key, None),
    ]
    assert kafka.committed == {WHERE: 10}


async def test_a_new_owner_finds_what_was_set_aside() -> None:
    """Its time comes even if nothing else does."""
    kafka = FakeKafka([_request(0)])
    hour = Later(now() + timedelta(hours=1), Why.GREYLISTED)
    assert await _run(kafka, lambda _: hour, lambda: bool(_pointers(kafka))) is None
    (first,) = (pointer for _, pointer in _pointers(kafka))
    assert first is not None
    kafka.written[WAITING][0] = kafka.written[WAITING][0].__class__(
        **{
            **kafka.written[WAITING][0].__dict__,
            "value": first.model_copy(update={"due": NOW}).model_dump_json().encode(),
        }
    )
    assert await _run(kafka, _done, lambda: _ended(kafka) == ["0"]) is None
    assert _pointers(kafka)[-1] == (first.key.encode(), None)


async def test_one_whose_record_is_gone_ends_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    """Retention took it: a dead letter with the pointer, its tombstone, and a line."""
    kafka = FakeKafka([_request(0), _request(1)])
    assert await _run(kafka, lambda _: _soon(), lambda: kafka.committed == {WHERE: 2}) is None
    kafka.begins[WHERE] = kafka.committed[WHERE] = 5
    kafka.logs[WHERE].clear()
    kafka.logs[WHERE].append(_request(5))
    letters = table.dead_letters("connector").name
    assert await _run(kafka, _done, lambda: [topic for topic, _ in kafka.sent].count(letters) == 2) is None
    assert [pointer for _, pointer in _pointers(kafka)][-2:] == [None, None]
    assert any(each.message == "aside_record_gone" for each in caplog.records)


async def test_a_record_that_can_wait_no_longer_ends_as_its_stage_says() -> None:
    """Its topic would forget it before its time: the stage's own records say so, and no dead letter does."""
    kafka = FakeKafka([_request(0, at_ms=BEGUN_MS - 300 * 86_400_000)])
    before = _expired()
    assert await _run(kafka, lambda _: _soon(), lambda: kafka.committed == {WHERE: 1}) is None
    assert [topic for topic, _ in kafka.sent] == [table.EMAIL_FEEDBACK.name]
    assert decode(table.EMAIL_FEEDBACK, kafka.sent[0][1]).word == "not_sent"
    assert _expired() == before + 1


def _expired() -> float:
    return RECORDS.labels("connector", SOURCE.name, "expired", "too_late_to_wait")._value.get()  # type: ignore[no-any-return]


@pytest.mark.parametrize("value", [b"{}", b"not json"])
async def test_a_pointer_that_cannot_be_read_is_rebuilt_from_its_key(
    value: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """It is due at once, counted and told, and ended by its tombstone; a key that is no place here is told too."""
    kafka = FakeKafka([_request(0)])
    assert await _run(kafka, lambda _: _soon(), lambda: bool(_written(kafka))) is None
    (first,) = kafka.written[WAITING]
    kafka.written[WAITING] = [replace(first, value=value)]
    strange = (None, b"any", f"{SOURCE.name}/1/0".encode(), f"{SOURCE.name}/0/00".encode(), b"no.topic/0/0")
    kafka.written[WAITING] += [replace(first, key=key, value=value) for key in strange]
    rebuilt, lost = _unreadable("rebuilt"), _unreadable("lost")
    assert await _run(kafka, _done, lambda: _ended(kafka) == ["0"]) is None
    assert (kafka.written[WAITING][-1].key, kafka.written[WAITING][-1].value) == (first.key, None)
    assert (_unreadable("rebuilt"), _unreadable("lost")) == (rebuilt + 1, lost + len(strange))
    assert len([each for each in caplog.records if each.message == "pointer_unreadable"]) == 1 + len(strange)


def _written(kafka: FakeKafka) -> list[Any]:
    return kafka.written.get(WAITING, [])


def _unreadable(outcome: str) -> float:
    return UNREADABLE_POINTERS.labels(ASIDE.short, outcome)._value.get()  # type: ignore[no-any-return]


async def test_setting_aside_where_nothing_can_be_is_our_bug() -> None:
    """70, with the place."""
    process, kafka = new_process(), FakeKafka([_request(0)])

    async def handle(_: Message) -> Outcome:
        return _soon()

    async def act() -> None:
        policy = LoopPolicy("connector", "a group", (SOURCE,))
        loop = process.tasks.start("loop", run_loop(policy, kafka.kafka, handle, process))
        while not kafka.consumers or kafka.consumers[-1].listener is None:
            await asyncio.sleep(0)
        await kafka.consumers[-1].listener.on_partitions_assigned(list(kafka.logs))
        await loop

    async with asyncio.timeout(30):
        end = await process.tasks.run(act())
    assert end is not None
    assert end.status is Status.BUG


MOMENTS = st.integers(0, 50).map(lambda number: NOW + timedelta(minutes=number))


def _pointer(offset: int, due: datetime) -> Aside:
    return Aside(topic=SOURCE.name, partition=0, offset=offset, due=due, tries=1, reason="x", since=NOW)


@given(st.lists(st.tuples(st.integers(0, 9), MOMENTS), max_size=30), st.lists(st.integers(0, 9), max_size=5), MOMENTS)
def test_pointers_give_what_is_due_once_and_in_order(
    put: list[tuple[int, datetime]], dropped: list[int], moment: datetime
) -> None:
    """The latest pointer of a record counts; what was dropped is not given."""
    pointers, held = Pointers(), dict[int, datetime]()
    for offset, due in put:
        pointers.put(_pointer(offset, due))
        held[offset] = due
    for offset in dropped:
        pointers.drop(_pointer(offset, NOW).key)
        held.pop(offset, None)
    assert len(pointers) == len(held)
    given_ = pointers.due(moment, 100)
    assert sorted(each.offset for each in given_) == sorted(offset for offset, due in held.items() if due <= moment)
    assert [each.due for each in given_] == sorted(each.due for each in given_)
    assert pointers.due(moment, 100) == []
    assert len(pointers) == len(held)


@given(st.integers(0, 60 * 24 * 60), st.integers(0, 60 * 24 * 60), st.booleans())
def test_what_is_set_aside_waits_or_ends_and_is_never_a_dead_letter(
    age_minutes: int,
    wait_minutes: int,
    has_waited: bool,  # noqa: FBT001 a case
) -> None:
    """However old the record is and however long it would wait; a pointer it was found by has a successor or an end."""
    moment = now()
    held = _request(3, at_ms=int((moment - timedelta(minutes=age_minutes)).timestamp() * 1000))
    pointer = _pointer(3, moment) if has_waited else None
    later = Later(moment + timedelta(minutes=wait_minutes), Why.GREYLISTED)
    handled = Ends("connector", POLICY.aside).of(held, later, pointer, moment)
    topics = [each.topic for each in handled.records]
    if handled.pointer is not None:
        assert topics == [ASIDE.name]
        return
    assert topics == [table.EMAIL_FEEDBACK.name, *([ASIDE.name] if has_waited else [])]
    assert (handled.outcome, handled.reason) == ("expired", "too_late_to_wait")


@given(st.integers(0, 6 * 24 * 60), st.integers(0, 60 * 24 * 60))
def test_no_pointer_outlives_its_record(age_minutes: int, wait_minutes: int) -> None:
    """It is due a day before the record's retention ends, at the latest; the first time is remembered."""
    source = table.EMAIL_OUTBOUND
    held = record(source.name, 3, b"", at_ms=int((NOW - timedelta(minutes=age_minutes)).timestamp() * 1000))
    later = Later(NOW + timedelta(minutes=wait_minutes), Why.GREYLISTED)
    pointer = set_aside(held, None, later, NOW)
    if pointer is None:
        assert age_minutes == 6 * 24 * 60
        return
    assert pointer.due <= NOW - timedelta(minutes=age_minutes) + timedelta(days=6)
    again = set_aside(held, pointer, later, NOW + timedelta(seconds=1))
    assert again is None or (again.tries, again.since) == (2, NOW)


def test_tries_are_counted_for_each_reason_by_itself() -> None:
    """One who waits because of others has not been told no by anybody."""
    held, pointer = record(table.CATALOG_COURSES.name, 0, b""), None
    for why in (Why.SLOWED, Why.GREYLISTED, Why.SLOWED, Why.SLOWED):
        pointer = set_aside(held, pointer, Later(NOW, why), NOW)
    assert pointer is not None
    assert (pointer.tries, tries_of(pointer)) == (4, {"greylisted": 1, "slowed": 3})


def test_pointer_of_an_older_version_tells_its_last_reason() -> None:
    """It counted all its tries as one: of its reason there was one at least."""
    older = _pointer(0, NOW).model_copy(update={"tries": 5, "reason": Why.GREYLISTED})
    assert tries_of(older) == {"greylisted": 1}
    again = set_aside(record(table.CATALOG_COURSES.name, 0, b""), older, Later(NOW, Why.GREYLISTED), NOW)
    assert again is not None
    assert (again.tries, again.tries_by_reason) == (6, {"greylisted": 2})


def test_a_topic_that_keeps_everything_sets_no_bound() -> None:
    """A compacted topic has no retention."""
    later = Later(NOW + timedelta(days=900), Why.GREYLISTED)
    pointer = set_aside(record(table.CATALOG_COURSES.name, 0, b""), None, later, NOW)
    assert pointer is not None
    assert pointer.due == later.at
