"""The topics on the broker against the topic table: plan says what differs, apply makes what is missing."""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)

from schemas.retention import loose, settings_of
from schemas.topics import ALL, BY_NAME, STAMPED, Topic
from services.runtime.kafka_clients import Kafka
from services.runtime.outcome import Misconfigured, Unavailable

log = logging.getLogger(__name__)

MAX_RECORD_BYTES = 1_048_576
CLEANUP = "cleanup.policy"
STAMP, BY_BROKER = "message.timestamp.type", "LogAppendTime"
MISSING = UnknownTopicOrPartitionError.errno
TOLD = (MISSING, TopicAuthorizationFailedError.errno)  # of a topic's settings; any other error may pass
OF_TOPIC = 1  # where a setting comes from, in the protocol: the topic itself


@dataclass(frozen=True, slots=True)
class Plan:
    """What apply would do: topics to make, with their partitions, and topics that stand.

    `unstamped`: those that stand and whose records the broker is to date. `unbounded`: those whose settings keep the
    bytes of a person longer than the table says.
    """

    missing: tuple[tuple[Topic, int], ...]
    standing: tuple[Topic, ...]
    unstamped: tuple[Topic, ...] = ()
    unbounded: tuple[Topic, ...] = ()


def partitions(topic: Topic, count: int) -> int:
    """How many partitions a topic has, where the shared count is `count`."""
    return 1 if topic.partitions == "one" else count


def configuration(topic: Topic) -> dict[str, str]:
    """The topic's configuration on the broker, from the table."""
    made = {CLEANUP: topic.cleanup, "max.message.bytes": str(MAX_RECORD_BYTES), **settings_of(topic)}
    if topic in STAMPED:
        made[STAMP] = BY_BROKER
    return made if topic.retention_ms is None else {**made, "retention.ms": str(topic.retention_ms)}


class TopicsAdmin:
    """Asks and changes the broker."""

    def __init__(self, kafka: Kafka) -> None:
        self._admin = kafka.admin()
        self._kafka = kafka

    async def start(self) -> None:
        """Connect.

        Raises:
            Unavailable: no broker answers.
            Misconfigured: it refuses us.
        """
        try:
            await self._admin.start()
        except KafkaError as error:
            raise Unavailable(f"Kafka does not answer at {self._kafka.bootstrap}: {error}") from error

    async def stop(self) -> None:
        """Disconnect."""
        await self._admin.close()

    async def counts(self) -> dict[str, int]:
        """The number of partitions of every topic of ours that exists.

        Raises:
            Unavailable: no broker answers.
        """
        with self._asking():
            names = set(await self._admin.list_topics())
            wanted = [topic.name for topic in ALL if topic.name in names]
            described = await self._admin.describe_topics(wanted) if wanted else []
        return {each["topic"]: len(each["partitions"]) for each in described if each["partitions"]}

    async def cleanups(self, topics: Sequence[Topic]) -> dict[str, str]:
        """The clean-up policy of those that exist; empty where it may not be read.

        Raises:
            Unavailable: no broker answers.
        """
        return await self._said(topics, CLEANUP)

    async def stamps(self, topics: Sequence[Topic]) -> dict[str, str]:
        """What dates the records of those that exist: `LogAppendTime` or `CreateTime`; empty where it may not be read.

        Raises:
            Unavailable: no broker answers.
        """
        return await self._said(topics, STAMP)

    async def settings(self, topics: Sequence[Topic]) -> dict[str, dict[str, str]]:
        """All settings of those that exist; none where they may not be read.

        Raises:
            Unavailable: no broker answers.
        """
        found = await self._entries(topics)
        return {name: {str(each[0]): str(each[1]) for each in entries} for name, entries in found.items()}

    async def _mend(self, topic: Topic, plan: Plan) -> None:
        """Set what the plan says of one topic, in one request; its own other settings stay as they are.

        A request replaces all that is the topic's own, and the broker tells of a change only when it has heard of it:
        a second request right after the first would be made of what was before, and undo it.
        """
        entries = (await self._entries([topic])).get(topic.name, [])
        found = {str(name): str(value) for name, value, *_ in entries}
        stamp = {STAMP: BY_BROKER} if topic in plan.unstamped else {}
        wanted = stamp | (loose(topic, found) if topic in plan.unbounded and found else {})
        if not wanted:
            return
        kept = {name: value for name, value, _, source, *_ in entries if source == OF_TOPIC}
        with self._asking():
            resource = ConfigResource(ConfigResourceType.TOPIC, topic.name, {**kept, **wanted})
            (answer,) = await self._admin.alter_configs([resource])
        for code, reason, *_ in answer.resources:
            if code:
                told = ", ".join(f"{name} could not be set to {value}" for name, value in wanted.items())
                raise Misconfigured(f"{topic.name}: {told}: {reason} (error {code})")

    async def _said(self, topics: Sequence[Topic], setting: str) -> dict[str, str]:
        found = await self._entries(topics)
        return {
            name: next((str(each[1]) for each in entries if each[0] == setting), "") for name, entries in found.items()
        }

    async def _entries(self, topics: Sequence[Topic]) -> dict[str, list[Any]]:
        if not topics:
            return {}
        with self._asking():
            asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
            answers = await self._admin.describe_configs(asked)
            found = [each for answer in answers for each in answer.resources]
            for code, _, _, name, *_ in found:
                if code not in (0, *TOLD):
                    raise for_code(code)(f"for the settings of {name}")
        return {str(name): entries for code, _, _, name, entries, *_ in found if code != MISSING}

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except KafkaError as error:
            raise Unavailable(f"Kafka does not answer at {self._kafka.bootstrap}: {error!r}") from error

    async def plan(self, count: int) -> Plan:
        """What differs from the table.

        Raises:
            Misconfigured: a topic has another number of partitions: that number is for life.
        """
        counts = await self.counts()
        for topic in ALL:
            have = counts.get(topic.name)
            if have is not None and topic.partitions == "P" and have != count:
                raise Misconfigured(
                    f"topic {topic.name} has {have} partitions, {count} were asked for; the number is for life "
                    f"(state is keyed by it): ask for {have}, or start with new topics"
                )
        missing = tuple((topic, partitions(topic, count)) for topic in ALL if topic.name not in counts)
        stamps = await self.stamps([topic for topic in STAMPED if topic.name in counts])
        unstamped = tuple(topic for topic in STAMPED if stamps.get(topic.name, BY_BROKER) != BY_BROKER)
        there = tuple(topic for topic in ALL if topic.name in counts)
        found = await self.settings([each for each in there if settings_of(each)])
        unbounded = tuple(each for each in there if (told := found.get(each.name)) and loose(each, told))
        return Plan(missing, there, unstamped, unbounded)

    async def apply(self, plan: Plan, replication: int) -> None:
        """Make every missing topic, and set what the plan says of those that stand; one that has come to be is fine.

        Raises:
            Misconfigured: the broker does not let us.
            Unavailable: no broker answers.
        """
        for topic in plan.standing:
            if topic in plan.unstamped or topic in plan.unbounded:
                await self._mend(topic, plan)
        new = [
            NewTopic(topic.name, count, replication, topic_configs=configuration(topic))
            for topic, count in plan.missing
        ]
        try:
            answer = await self._admin.create_topics(new)
        except KafkaError as error:
            raise Misconfigured(f"topics could not be made: {error}") from error
        for name, code, *reason in answer.topic_errors:
            if code not in (0, TopicAlreadyExistsError.errno):
                raise Misconfigured(f"topic {name} could not be made: {reason} (error {code})")


async def stamped_by_broker(kafka: Kafka, topics: Sequence[Topic]) -> frozenset[str]:
    """The short names of the topics whose records the broker dates; of the others one warning tells.

    Raises:
        Unavailable: no broker answers.
    """
    admin = TopicsAdmin(kafka)
    await admin.start()
    try:
        stamps = await admin.stamps(topics)
    finally:
        await admin.stop()
    others = sorted(name for name, stamp in stamps.items() if stamp != BY_BROKER)
    if others:
        words = {"topics": others, "reason": "run `make topics`: a topic made anew cannot be told from repeats"}
        log.warning("topics_dated_by_clients", extra=words)
    return frozenset(BY_NAME[name].short for name in stamps if name not in others)
