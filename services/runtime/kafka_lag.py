"""How far a stage is behind: records of its partitions that it has not handled, and when it last got on."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.topics import BY_NAME
from services.runtime import metrics
from services.runtime.clock import now
from services.runtime.kafka_owned import Owned

EVERY_S = 3.0  # one question for all partitions; a scrape is rarer
WITHIN_S = 2.0

Left: TypeAlias = Mapping[TopicPartition, int]
"""Records of each owned partition that are not handled: of which nothing is committed."""


class Lag:
    """What one stage shows of the partitions it owns; what it shows of others goes when it owns them no more."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._shown: set[tuple[str, str]] = set()

    def show(self, left: Left) -> None:
        """Take what is left of each owned partition. With nothing left anywhere the stage is where it should be."""
        told = {(_short(each.topic), str(each.partition)): max(0, count) for each, count in left.items()}
        for gone in self._shown - told.keys():
            metrics.LAG_RECORDS.remove(self._stage, *gone)
        for where, count in told.items():
            metrics.LAG_RECORDS.labels(self._stage, *where).set(count)
        self._shown = set(told)
        if not any(told.values()):
            metrics.got_on(self._stage)

    async def follow(self, ask: Callable[[], Awaitable[Left]]) -> None:
        """Ask every few seconds. While nobody answers what was shown stands: who is away is said elsewhere."""
        while True:
            with contextlib.suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(WITHIN_S):
                    self.show(await ask())
            await asyncio.sleep(EVERY_S)


def asking(stage: str, consumer: Any, partitions: Mapping[TopicPartition, Owned]) -> Callable[[], Awaitable[Left]]:
    """What tells what is left of a loop's partitions, as they are when it is asked; it shows what they set aside."""

    async def ask() -> Left:
        owned = dict(partitions)
        since = min((each.aside_since for each in owned.values() if each.aside_since is not None), default=None)
        metrics.ASIDE_OLDEST.labels(stage).set(0.0 if since is None else max(0.0, (now() - since).total_seconds()))
        return await left_of(consumer, owned)

    return ask


async def left_of(consumer: Any, owned: Mapping[TopicPartition, Owned]) -> Left:
    """What is left of each partition: what was not taken up to its end, and what was taken and is not committed.

    The markers of transactions are no records: where reading has passed them, they do not count. The end is that of
    what is committed: an open transaction of somebody else is nothing to handle yet.

    Raises:
        KafkaError: nobody says where they end.
    """
    if not owned:
        return {}
    ends = await consumer.end_offsets(list(owned))
    left: dict[TopicPartition, int] = {}
    for each, partition in owned.items():
        position = await consumer.position(each) if partition.is_open else partition.committed
        left[each] = max(0, ends[each] - position) + partition.in_flight
    return left


def _short(topic: str) -> str:
    return BY_NAME[topic].short
