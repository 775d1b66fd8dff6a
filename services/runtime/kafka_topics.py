"""The topics on the broker against the topic table: plan says what differs, apply makes what is missing."""

from dataclasses import dataclass

from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from schemas.topics import ALL, Topic
from services.runtime.kafka_clients import Kafka
from services.runtime.outcome import Misconfigured, Unavailable

MAX_RECORD_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class Plan:
    """What apply would do: topics to make, with their partitions, and topics that stand."""

    missing: tuple[tuple[Topic, int], ...]
    standing: tuple[Topic, ...]


def partitions(topic: Topic, count: int) -> int:
    """How many partitions a topic has, where the shared count is `count`."""
    return 1 if topic.partitions == "one" else count


def configuration(topic: Topic) -> dict[str, str]:
    """The topic's configuration on the broker, from the table."""
    made = {"cleanup.policy": topic.cleanup, "max.message.bytes": str(MAX_RECORD_BYTES)}
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
        """The number of partitions of every topic of ours that exists."""
        names = set(await self._admin.list_topics())
        wanted = [topic.name for topic in ALL if topic.name in names]
        described = await self._admin.describe_topics(wanted) if wanted else []
        return {each["topic"]: len(each["partitions"]) for each in described}

    async def cleanup(self, topic: Topic) -> str:
        """The topic's clean-up policy on the broker."""
        resource = ConfigResource(ConfigResourceType.TOPIC, topic.name)
        for answer in await self._admin.describe_configs([resource]):
            for each in answer.resources:
                for entry in each[4]:
                    if entry[0] == "cleanup.policy":
                        return str(entry[1])
        return ""

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
        return Plan(missing, tuple(topic for topic in ALL if topic.name in counts))

    async def apply(self, plan: Plan, replication: int) -> None:
        """Make every missing topic; one that has come to be in the meantime is fine."""
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
