"""What must stand on the broker before the worker may start: Faust would start without a word."""

from schemas.topics import DECISIONS, EVENTS_CLEAN, PROFILE_CHANGELOG, PROFILE_SELF, RECOMMENDATION_REQUESTS
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.outcome import Misconfigured

WANTED = (EVENTS_CLEAN, PROFILE_SELF, PROFILE_CHANGELOG, RECOMMENDATION_REQUESTS, DECISIONS)


async def partition_count(kafka: Kafka) -> int:
    """The shared number of partitions P.

    Raises:
        Misconfigured: a topic is missing, has another number of partitions, or the changelog is not compacted.
        Unavailable: no broker answers.
    """
    admin = TopicsAdmin(kafka)
    await admin.start()
    try:
        counts = await admin.counts()
        cleanup = await admin.cleanup(PROFILE_CHANGELOG) if PROFILE_CHANGELOG.name in counts else ""
    finally:
        await admin.stop()
    if missing := [topic.name for topic in WANTED if topic.name not in counts]:
        raise Misconfigured(f"topics {', '.join(missing)} do not exist: run `make topics` first")
    if len({counts[topic.name] for topic in WANTED}) > 1:
        have = ", ".join(f"{topic.name} {counts[topic.name]}" for topic in WANTED)
        raise Misconfigured(f"expected one number of partitions for all of them; there are {have}: make them anew")
    if "compact" not in cleanup:
        raise Misconfigured(f"{PROFILE_CHANGELOG.name} has cleanup.policy {cleanup!r}, expected compact: set it")
    return counts[EVENTS_CLEAN.name]
