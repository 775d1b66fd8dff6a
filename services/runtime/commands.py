"""What an operator does with topics and suppressions, whichever command line it is asked by."""

from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_topics import Plan, TopicsAdmin
from services.runtime.settings import KafkaSettings, load
from services.runtime.suppression_doubts import Doubt
from services.runtime.suppressions import chosen, forget, unreadable

DEVELOPMENT_PARTITIONS = 3


async def planned(count: int, replication: int | None) -> Plan:
    """What differs from the topic table where the shared number of partitions is `count`.

    With a `replication` it is made, so that what was missing stands when this returns.

    Raises:
        Misconfigured: a topic has another number of partitions, or cannot be made; or Kafka refuses us.
        Unavailable: no broker answers.
    """
    admin = TopicsAdmin(kafka_of(load(KafkaSettings)))
    await admin.start()
    try:
        plan = await admin.plan(count)
        if replication is not None:
            await admin.apply(plan, replication)
    finally:
        await admin.stop()
    return plan


async def standing() -> tuple[Doubt, ...]:
    """The suppressions that this version cannot read. Raises as `unreadable`."""
    return await unreadable(kafka_of(load(KafkaSettings)))


async def forgotten(key: str | None, at: str | None) -> Doubt:
    """The one that was tombstoned, by its key or its place. Raises as `chosen` and `forget`."""
    kafka = kafka_of(load(KafkaSettings))
    doubt = chosen(await unreadable(kafka), key, at)
    await forget(kafka, doubt)
    return doubt
