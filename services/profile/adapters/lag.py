"""Whether packs wait that a partition should fold before it decides: they may hold the person's own unsubscribe."""

from typing import Any

from aiokafka import TopicPartition

from schemas.topics import EVENTS_CLEAN
from services.profile.adapters.faust_partition import Partition

LIVE_MS = 2_000  # a partition whose last pack is this young follows live, even while the next is on its way


def is_behind(partition: Partition, consumer: Any, now_ms: int) -> bool:
    """True while packs wait; also where aiokafka's thread has let the partition go, before Faust hears of it."""
    try:
        lags = _lags(partition, consumer)
    except AssertionError:
        return True
    return lags and now_ms - partition.applied_ms >= LIVE_MS


def _lags(partition: Partition, consumer: Any) -> bool:
    """True while the broker holds packs behind the last one applied, or any where none was."""
    done: int = partition.checkpoint.get("offsets", {}).get(EVENTS_CLEAN.short, -1)
    seen: int = consumer.highwater(TopicPartition(EVENTS_CLEAN.name, partition.number)) or 0
    return max(partition.packs.end, seen) > max(done + 1, partition.packs.beginning)
