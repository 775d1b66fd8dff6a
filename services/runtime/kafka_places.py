"""Where a group goes on in its partitions, and what a member knows of its offsets: what it read, what it committed.

Where a partition begins is not yet an offset of the group: none was committed, or another one, which was no more there.
"""

from typing import Any

from aiokafka import TopicPartition

from services.runtime.kafka_policy import LoopPolicy
from services.runtime.log_identity import Log, start_of, told_back


class Places:
    """The places of one loop's partitions."""

    def __init__(self, policy: LoopPolicy, consumer: Any) -> None:
        self._policy, self._consumer = policy, consumer
        self._begun: dict[TopicPartition, tuple[int | None, int]] = {}  # what was committed, where it was begun
        self._left: dict[TopicPartition, int] = {}

    async def begin(self, each: TopicPartition) -> int:
        """Where the group goes on; an offset behind the one this process knew alarms."""
        committed, before = await self._consumer.committed(each), self._left.get(each, 0)
        if (committed or 0) < before:
            told_back(self._policy.stage, f"{each.topic}/{each.partition}", before, committed or 0)
        start = await self.start_of(each, committed)
        self._begun[each] = committed, start
        return start

    def begin_anew(self, each: TopicPartition, start: int) -> None:
        """The log is another one: no offset of the old one can be gone back from."""
        self._left.pop(each, None)
        self._begun[each] = None, start

    def leave(self, each: TopicPartition, at: int) -> None:
        """Remember the group's offset while the partition may be another's; `at` is where this process has come to."""
        self._left[each] = self._known(each, at) or 0

    async def is_unmoved(self, each: TopicPartition, at: int) -> bool:
        """True where nobody has committed since this process came to that offset."""
        return bool(await self._consumer.committed(each) == self._known(each, at))

    async def start_of(self, each: TopicPartition, offset: int | None) -> int:
        """Where to read on; a gap, or another log than the offset's, ends the process unless it is accepted."""
        begin = (await self._consumer.beginning_offsets([each]))[each]
        end = (await self._consumer.end_offsets([each]))[each]
        log_there = Log(each.topic, each.partition, begin, end)
        return start_of(log_there, offset, accepts_gap=self._policy.accepts_gap)

    def _known(self, each: TopicPartition, at: int) -> int | None:
        """The group's offset as far as this process knows it; None where nobody has committed one."""
        committed, start = self._begun[each]
        return committed if at == start else at
