"""What stands of the owned partitions, shown every few seconds: lag, persons, bytes, mails nobody spoke of."""

import time
from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition

from schemas.topics import EVENTS_CLEAN, PROFILE_SELF, Topic
from services.profile.adapters.faust_partition import GROUP, Partition
from services.profile.metrics import PERSONS, STATE_BYTES, WITHOUT_END
from services.runtime.kafka_lag import Lag

EVERY_S = 3.0
GRACE_MS = 120_000  # a word that comes as late is on its way


class Standing:
    """Shows what stands, now and then; asked each tick, it looks at the clock alone."""

    def __init__(self) -> None:
        self._lag = Lag(GROUP)
        self._shown_s = 0.0

    def show(self, partitions: Sequence[Partition], consumer: Any, now_ms: int) -> None:
        """Show it where the last look is some seconds ago.

        A partition that is behind may still hold the word of a mail: of that none is counted as without end.
        """
        if time.monotonic() - self._shown_s < EVERY_S:
            return
        self._shown_s = time.monotonic()
        usable = [each for each in partitions if each.is_usable]
        left = {at: count for each in usable for at, count in left_of(each, consumer).items()}
        self._lag.show(left)
        sizes = [each.store.size for each in usable]
        PERSONS.set(sum(each.keys for each in sizes))
        STATE_BYTES.set(sum(each.held_bytes for each in sizes))
        for each in usable:
            if not any(count for at, count in left.items() if at.partition == each.number):
                WITHOUT_END.inc(each.owed.lapse(now_ms - GRACE_MS))


def left_of(partition: Partition, consumer: Any) -> dict[TopicPartition, int]:
    """Records of each input that are not applied, up to the end that the last fetch told; none while it is moved."""
    try:
        return {
            TopicPartition(each.name, partition.number): _left(partition, consumer, each)
            for each in (EVENTS_CLEAN, PROFILE_SELF)
        }
    except AssertionError:  # aiokafka's thread has let the partition go before Faust heard of it
        return {}


def _left(partition: Partition, consumer: Any, topic: Topic) -> int:
    """Markers of transactions that reading has passed do not count: what was handed out last may lie before them."""
    where = TopicPartition(topic.name, partition.number)
    applied: int = partition.checkpoint.get("offsets", {}).get(topic.short, -1) + 1
    ended, position = consumer.handed_out(where) or (0, 0)
    known: int = consumer.highwater(where) or 0
    if topic is EVENTS_CLEAN:
        known, applied = max(known, partition.packs.end), max(applied, partition.packs.beginning)
    return max(0, known - (max(applied, position) if applied >= ended else applied))
