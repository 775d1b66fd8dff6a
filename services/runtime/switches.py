"""The operator's hand on the switches of `control`: pause, resume, and what waits meanwhile; for a command."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from schemas.codec import decode
from schemas.control import Standing, SwitchName, SwitchSet, standing_after
from schemas.errors import DecodeError
from schemas.groups import COMPOSER, CONNECTOR
from schemas.topics import ASIDE_COMPOSER, ASIDE_CONNECTOR, BY_NAME, CONTROL, EMAIL_OUTBOUND, RECOMMENDATIONS, Topic
from services.runtime.clock import now
from services.runtime.kafka_clients import POLL_MS, Kafka, assign_whole
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.outcome import Message, Misconfigured, Send, Unavailable
from services.runtime.retry import Backoff

SOURCE = "switches"
LONGEST_BY = 64
LONGEST_WHY = 500
COORDINATOR_TRIES, COORDINATOR = 8, Backoff(first_s=0.2, longest_s=1.0)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that holds in a pause of mail: its group, its input, and where it sets aside."""

    name: str
    group: str
    topic: Topic
    aside: Topic


STAGES = (
    Stage("composer", COMPOSER.name, RECOMMENDATIONS, ASIDE_COMPOSER),
    Stage("connector", CONNECTOR.name, EMAIL_OUTBOUND, ASIDE_CONNECTOR),
)


@dataclass(frozen=True, slots=True)
class Held:
    """What lies before a stage.

    `unread`: offsets of its input that it has not done, transaction markers among them; `aside`: records set aside.
    `oldest`: when the oldest of them was written. `kept_until`: until then its topic surely keeps it.
    """

    stage: str
    unread: int
    aside: int
    oldest: datetime | None
    kept_until: datetime | None


async def pause(kafka: Kafka, switch: SwitchName, by: str, why: str = "") -> tuple[SwitchSet, bool]:
    """What stands from now on, and whether it was written now: a pause that stands already keeps its time.

    It holds once this returns: what is taken up after that is not sent.

    Raises:
        Unavailable: the broker did not take it.
        Misconfigured: the topic does not exist, or a word is too long.
    """
    return await _set(kafka, _meant(by, why, switch=switch, is_paused=True))


async def resume(kafka: Kafka, switch: SwitchName, by: str, why: str = "") -> tuple[SwitchSet, bool]:
    """The same for the end of a pause; also of one that stands because nobody can read the switch's record."""
    return await _set(kafka, _meant(by, why, switch=switch, is_paused=False))


async def standing(kafka: Kafka, switch: str) -> Standing:
    """What stands of the switch.

    Raises:
        Unavailable: no broker answers.
        Misconfigured: the topic does not exist.
    """
    found = Standing()

    def take(key: bytes | None, said: SwitchSet | str | None) -> None:
        nonlocal found
        found = standing_after(found, switch, key, said)

    apply: Callable[[Message], None] = lambda message: take(message.key, message.event)  # noqa: E731
    view = View(kafka, (CONTROL,), apply, lambda record, error: take(record.key, str(error)))
    try:
        await view.read()
    finally:
        await view.stop()
    return found


async def held(kafka: Kafka) -> tuple[Held, ...]:
    """What lies before each stage that a pause of mail holds.

    Raises:
        Unavailable: no broker answers, or a topic does not exist.
    """
    admin, reader = kafka.admin(), kafka.reader()
    try:
        await admin.start()
        await reader.start()
        return tuple([await _held(admin, reader, stage) for stage in STAGES])
    except KafkaError as error:
        raise Unavailable(f"what is held could not be read: {error!r}. Were the topics made?") from error
    finally:
        await reader.stop()
        await admin.close()


def lines(stands: Standing, waits: tuple[Held, ...], at: datetime) -> Iterator[str]:
    """What an operator is told: whether mail goes, since when, and what waits."""
    yield _told(stands, at)
    for each in waits:
        words = f"{each.stage}: up to {each.unread} records unread, {each.aside} set aside"
        if each.oldest is not None and each.kept_until is not None:
            until = f"{each.kept_until:%Y-%m-%d %H:%M} UTC"
            words += f"; the oldest is of {each.oldest:%Y-%m-%d %H:%M} UTC and is lost some time after {until}"
        yield words


def _told(stands: Standing, at: datetime) -> str:
    said = stands.said
    if stands.doubt:
        return f"paused: the switch cannot be read ({stands.doubt}); set it anew, by `resume` or `pause`"
    if said is None:
        return "not paused: nobody has set the switch"
    since = f"since {said.at:%Y-%m-%d %H:%M} UTC, by {said.by}"
    why = f": {said.why}" if said.why else ""
    if not said.is_paused:
        return f"not paused {since}{why}"
    return f"paused for {timedelta(seconds=int((at - said.at).total_seconds()))}, {since}{why}"


def _meant(by: str, why: str, *, switch: SwitchName, is_paused: bool) -> SwitchSet:
    if not 1 <= len(by) <= LONGEST_BY or len(why) > LONGEST_WHY:
        came = f"{len(by)} and {len(why)} came"
        raise Misconfigured(f"expected who in 1 to {LONGEST_BY} characters, and why in at most {LONGEST_WHY}: {came}")
    return SwitchSet(switch=switch, is_paused=is_paused, at=now(), by=by, why=why)


async def _set(kafka: Kafka, meant: SwitchSet) -> tuple[SwitchSet, bool]:
    stands = await standing(kafka, meant.switch)
    if stands.said is not None and stands.said.is_paused == meant.is_paused:
        return stands.said, False
    publisher = Publisher(kafka, SOURCE)
    await publisher.start()
    try:
        await publisher.send([Send(CONTROL, meant)])
    finally:
        await publisher.stop()
    return meant, True


async def _held(admin: Any, reader: Any, stage: Stage) -> Held:
    committed = await _committed(admin, stage.group)
    unread, written = 0, list[int]()
    every = await assign_whole(reader, stage.topic.name)
    begins, ends = await reader.beginning_offsets(every), await reader.end_offsets(every)
    for each in every:
        at = max(committed[each].offset if each in committed else 0, begins[each])
        unread += ends[each] - at
        written += await _first(reader, each, at, ends[each])
    aside = await _aside(reader, stage.aside)
    written += aside
    if not written or stage.topic.retention_ms is None:
        return Held(stage.name, unread, len(aside), None, None)
    oldest = datetime.fromtimestamp(min(written) / 1000, UTC)
    kept_until = oldest + timedelta(milliseconds=stage.topic.retention_ms)
    return Held(stage.name, unread, len(aside), oldest, kept_until)


async def _committed(admin: Any, group: str) -> Any:
    """The group's offsets; on a broker that nobody joined yet the first question makes it a coordinator."""
    for tries in range(COORDINATOR_TRIES):
        try:
            return await admin.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(COORDINATOR.wait_s(tries))
    return await admin.list_consumer_group_offsets(group)


async def _first(reader: Any, where: TopicPartition, at: int, end: int) -> list[int]:
    """The time of the first record from there on; none where only markers are left."""
    reader.seek(where, at)
    while await reader.position(where) < end:
        for record in (await reader.getmany(where, timeout_ms=POLL_MS, max_records=1)).get(where, ()):
            return [record.timestamp]
    return []


async def _aside(reader: Any, topic: Topic) -> list[int]:
    """When each record that is set aside was written: as its pointer says, else when the pointer itself was."""
    latest: dict[bytes | None, int | None] = {}
    every = await assign_whole(reader, topic.name)
    await reader.seek_to_beginning(*every)
    ends = await reader.end_offsets(every)
    for each in every:
        while await reader.position(each) < ends[each]:
            for record in (await reader.getmany(each, timeout_ms=POLL_MS)).get(each, ()):
                latest[record.key] = None if record.value is None else _written(record)
    return [each for each in latest.values() if each is not None]


def _written(record: Any) -> int:
    try:
        pointer = decode(BY_NAME[record.topic], record.value)
    except DecodeError:
        return int(record.timestamp)
    return int(pointer.timestamp_ms or record.timestamp)
