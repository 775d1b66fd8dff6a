"""Ready means able: every few seconds a process asks whether the broker answers and whether its partitions are owned.

While the broker does not answer, the process is not ready, and the time does not count for whether it is alive.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError

from schemas.topics import Topic
from services.runtime.kafka_clients import Kafka, refuse_wrong_access
from services.runtime.outcome import Misconfigured
from services.runtime.process import Process

BEAT_S = 2.0
WITHIN_S = 2.0  # of one beat: a broker that is slower is away
BROKER = "broker"  # of the process, as its health names it
REFUSALS = 15  # in a row, half a minute: then it is the operator's matter
STABLE = "Stable"  # of a group, in the protocol's own word

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group of the process, and what it reads: each partition is to be owned by some member.

    `loop`: the part of the process that is its member, as its health names it.
    """

    name: str
    topics: tuple[Topic, ...]
    loop: str | None = None

    @property
    def part(self) -> str:
        """What health calls it."""
        return f"group {self.name}"

    @property
    def parts(self) -> tuple[str, ...]:
        """Every part of the process that is ready for its sake."""
        return (self.part,) if self.loop is None else (self.part, self.loop)


class Pulse:
    """Asks again and again, and tells health and watch what it heard."""

    def __init__(self, kafka: Kafka, process: Process, groups: tuple[Group, ...]) -> None:
        self._kafka, self._process, self._groups = kafka, process, groups
        self._admin: Any = None
        self._refusals = 0

    async def beat_for_ever(self) -> None:
        """One beat after another, until called off."""
        try:
            while True:
                heard = await self._heard()
                self._tell(heard)  # first: who asks why a broker is away may wait 5 s for each that hangs
                if heard is None:
                    await self._refused()
                await asyncio.sleep(BEAT_S)
        finally:
            await self._close()

    async def _heard(self) -> Mapping[str, bool] | None:
        """Which groups own all they are to own; None where the broker does not answer."""
        try:
            async with asyncio.timeout(WITHIN_S):
                if self._admin is None:
                    self._admin = self._kafka.admin()
                    await self._admin.start()
                counts = await self._counts()
                owned = {each.part: await self._is_owned(each, counts) for each in self._groups}
        except (KafkaError, OSError, TimeoutError, Misconfigured) as error:
            log.warning("kafka_away", extra={"reason": repr(error)})
            await self._close()
            return None
        self._refusals = 0
        return owned

    async def _refused(self) -> None:
        """End where Kafka has refused us for a while: a broker that is just starting may, until it knows its users.

        Raises:
            Misconfigured: as `refuse_wrong_access`.
        """
        try:
            await refuse_wrong_access(self._kafka)
        except Misconfigured:
            self._refusals += 1
            if self._refusals >= REFUSALS:
                raise
        else:
            self._refusals = 0

    def _tell(self, owned: Mapping[str, bool] | None) -> None:
        is_away = owned is None
        self._process.watch.set_away(BROKER, is_away)
        self._process.health.set_ready(BROKER, not is_away)
        for part, is_ready in (owned or {}).items():
            self._process.health.set_ready(part, is_ready)

    async def _counts(self) -> dict[str, int]:
        wanted = sorted({topic.name for group in self._groups for topic in group.topics})
        described = await self._admin.describe_topics(wanted)
        return {each["topic"]: len(each["partitions"]) for each in described}

    async def _is_owned(self, group: Group, counts: Mapping[str, int]) -> bool:
        (answer,) = await self._admin.describe_consumer_groups([group.name])
        (described,) = answer.to_object()["groups"]
        if described["state"] != STABLE:
            return False
        owned: set[tuple[str, int]] = set()
        for member in described["members"]:
            if member["member_assignment"]:
                assignment = ConsumerProtocolMemberAssignment.decode(member["member_assignment"])
                owned |= {(topic, number) for topic, numbers in assignment.assignment for number in numbers}
        if not all(counts.get(topic.name) for topic in group.topics):
            return False  # metadata has an error for one of them: nobody knows what is to be owned
        return owned >= {(topic.name, number) for topic in group.topics for number in range(counts[topic.name])}

    async def _close(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            await asyncio.gather(admin.close(), return_exceptions=True)
