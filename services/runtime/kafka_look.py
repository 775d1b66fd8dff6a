"""One look at the broker for an operator: what stands there, what we may do, who was there. It writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from schemas.topics import ALL, STAMPED, Topic
from services.runtime.kafka_clients import Kafka, assign_whole
from services.runtime.kafka_rights import AskRights, rights_of
from services.runtime.outcome import Unavailable

NEWEST_MS = 500  # how long the newest records of a topic are waited for: they are there already
Settings = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Look:
    """What the broker said.

    `counts`: partitions of each topic of ours that is there. `settings`: of those whose settings may be read.
    `rights`: None where the broker does not tell them. `groups`: None where they may not be listed.
    `newest_ms`: the broker's own time of the newest record that came from outside; None where there is none.
    """

    brokers: int
    cluster: str
    counts: Mapping[str, int]
    settings: Settings
    rights: Mapping[str, frozenset[str]] | None
    groups: frozenset[str] | None
    newest_ms: int | None


async def look(kafka: Kafka) -> Look:
    """What the broker says now.

    Raises:
        Unavailable: no broker answers.
        Misconfigured: it refuses us.
    """
    admin = kafka.admin()
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
        names = set(await admin.list_topics())
        there = [topic for topic in ALL if topic.name in names]
        described = await admin.describe_topics([each.name for each in there]) if there else []
        counts = {each["topic"]: len(each["partitions"]) for each in described if each["partitions"]}
        return Look(
            brokers=len(cluster["brokers"]),
            cluster=str(cluster["cluster_id"]),
            counts=counts,
            settings=await _settings(admin, there),
            rights=await _rights(admin, there),
            groups=await _groups(admin),
            newest_ms=await _newest_ms(kafka, [each.name for each in STAMPED if each.name in counts]),
        )
    except KafkaError as error:
        raise Unavailable(f"Kafka does not answer at {kafka.bootstrap}: {error!r}") from error
    finally:
        await admin.close()


async def _settings(admin: Any, topics: list[Topic]) -> Settings:
    if not topics:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, each.name) for each in topics]
    found = [each for answer in await admin.describe_configs(asked) for each in answer.resources]
    return {
        str(name): {str(entry[0]): str(entry[1]) for entry in entries}
        for code, _, _, name, entries, *_ in found
        if not code
    }


async def _rights(admin: Any, topics: list[Topic]) -> Mapping[str, frozenset[str]] | None:
    try:
        answer = await admin._send_request(AskRights([each.name for each in topics]))  # noqa: SLF001
    except (KafkaError, NotImplementedError):  # a broker from before Kafka 2.3
        return None
    return rights_of(answer)


async def _groups(admin: Any) -> frozenset[str] | None:
    try:
        return frozenset(str(each[0]) for each in await admin.list_consumer_groups())
    except KafkaError:
        return None


async def _newest_ms(kafka: Kafka, topics: list[str]) -> int | None:
    if not topics:
        return None
    reader = kafka.reader()
    try:
        await reader.start()
        partitions = await assign_whole(reader, *topics)
        first, end = await reader.beginning_offsets(partitions), await reader.end_offsets(partitions)
        filled = [each for each in partitions if end[each] > first[each]]
        reader.assign(filled)
        for each in filled:
            reader.seek(each, end[each] - 1)
        records = await reader.getmany(timeout_ms=NEWEST_MS) if filled else {}
    finally:
        await reader.stop()
    return max((each.timestamp for found in records.values() for each in found), default=None)
