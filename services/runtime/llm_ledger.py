"""The reply ledger: a reply that was paid for is on its topic, acked, before it is used, so that a redo pays nothing.

It goes by the partition of the request: who takes that partition over reads its replies to the end first.
"""

import asyncio
import itertools
import logging
from typing import Protocol

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.codec import decode
from schemas.errors import DecodeError
from schemas.ledger import KeptReply
from schemas.topics import Topic
from services.runtime.kafka_clients import POLL_MS, Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_trouble import Trouble
from services.runtime.outcome import Misconfigured, Send
from services.runtime.retry import Backoff

log = logging.getLogger(__name__)

MOST_KEPT = 20_000  # of one partition, the newest: about 40 MB; what is forgotten costs at most one more call
AWAY = Backoff(first_s=0.2, longest_s=5.0)


class Replies(Protocol):
    """Where replies are kept."""

    service: str

    async def start(self) -> int:
        """Connect; how many partitions there are."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...

    async def read(self, partition: int) -> tuple[KeptReply, ...]:
        """Every reply of the partition, oldest first; those are known from now on."""
        ...

    def lose(self, partition: int) -> None:
        """Forget a partition."""
        ...

    async def kept(self, partition: int, key: str) -> KeptReply | None:
        """The reply to this question, if it was paid for."""
        ...

    async def keep(self, partition: int, reply: KeptReply) -> KeptReply:
        """Keep it; the reply that counts, which is the first with its key. Raises `Unavailable`."""
        ...


class InMemory:
    """Replies of this process alone: for evaluations and tests, where nothing is redone by another."""

    def __init__(self, service: str = "") -> None:
        self.service = service
        self.replies: dict[int, dict[str, KeptReply]] = {}

    async def start(self) -> int:
        """One partition."""
        return 1

    async def stop(self) -> None:
        """Nothing to stop."""

    async def read(self, partition: int) -> tuple[KeptReply, ...]:
        """What was kept."""
        return tuple(self.replies.setdefault(partition, {}).values())

    def lose(self, partition: int) -> None:
        """Memory is all there is: nothing is forgotten."""

    async def kept(self, partition: int, key: str) -> KeptReply | None:
        """The reply, if there is one."""
        return self.replies.get(partition, {}).get(key)

    async def keep(self, partition: int, reply: KeptReply) -> KeptReply:
        """The first wins."""
        return self.replies.setdefault(partition, {}).setdefault(reply.key, reply)


class Ledger:
    """Replies on Kafka, those of owned partitions in memory too."""

    def __init__(self, kafka: Kafka, topic: Topic, service: str) -> None:
        self.service = service
        self._kafka, self._topic = kafka, topic
        self._publisher: Publisher | None = None
        self._known: dict[int, dict[str, KeptReply]] = {}
        self._unacked: set[tuple[int, str]] = set()

    async def start(self) -> int:
        """Connect; how many partitions there are.

        Raises:
            Unavailable: no broker answers.
            Misconfigured: the topic does not exist.
        """
        publisher = Publisher(self._kafka, self.service)
        try:
            await publisher.start()
            count = await publisher.partitions(self._topic)
        except BaseException:  # nobody else knows its producer
            await publisher.stop()
            raise
        self._publisher = publisher
        if not count:
            raise Misconfigured(f"topic {self._topic.name} does not exist: run `make topics` first")
        return count

    async def stop(self) -> None:
        """Disconnect."""
        if self._publisher is not None:
            await self._publisher.stop()

    async def read(self, partition: int) -> tuple[KeptReply, ...]:
        """Every reply of the partition; a broker that is away is asked again until this is called off.

        Raises:
            Ended: it does not let us read, and that has lasted.
        """
        trouble = Trouble(f"read {self._topic.short}/{partition}")
        for tries in itertools.count():
            try:
                replies = await self._read(TopicPartition(self._topic.name, partition))
                break
            except KafkaError as error:
                trouble.meet(error)
                await asyncio.sleep(AWAY.wait_s(tries))
        known: dict[str, KeptReply] = {}
        for each in replies:
            known.setdefault(each.key, each)
        self._known[partition] = dict(list(known.items())[-MOST_KEPT:])
        log.info("replies_read", extra={"partition": partition, "replies": len(replies)})
        return tuple(replies)

    def lose(self, partition: int) -> None:
        """Forget a partition."""
        self._known.pop(partition, None)
        self._unacked = {each for each in self._unacked if each[0] != partition}

    async def kept(self, partition: int, key: str) -> KeptReply | None:
        """The reply to this question; one whose ack never came is sent again before it is used.

        Raises:
            Unavailable: it still could not be sent.
        """
        reply = self._known.get(partition, {}).get(key)
        if reply is not None and (partition, key) in self._unacked:
            await self._send(partition, reply)
        return reply

    async def keep(self, partition: int, reply: KeptReply) -> KeptReply:
        """Send it and wait for the ack, as long as Kafka is away; the first with its key is the one that counts.

        Raises:
            Unavailable: the broker refused it; it stays in memory, and the next attempt sends it again.
        """
        known = self._known.setdefault(partition, {})
        first = known.setdefault(reply.key, reply)
        if first is reply:
            while len(known) > MOST_KEPT:
                del known[next(iter(known))]
            self._unacked.add((partition, reply.key))
            await self._send(partition, reply)
        return first

    async def _send(self, partition: int, reply: KeptReply) -> None:
        if self._publisher is None:
            raise Misconfigured("the reply ledger was asked to keep a reply before it was started")
        await self._publisher.send([Send(self._topic, reply, partition)], cause_id=f"{self.service}/{reply.key}")
        self._unacked.discard((partition, reply.key))

    async def _read(self, where: TopicPartition) -> list[KeptReply]:
        consumer = self._kafka.reader()
        replies: list[KeptReply] = []
        try:
            await consumer.start()
            consumer.assign([where])
            await consumer.seek_to_beginning(where)
            end = (await consumer.end_offsets([where]))[where]
            while await consumer.position(where) < end:
                for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                    for record in records:
                        replies += self._decoded(record.value, record.offset)
        finally:
            await asyncio.gather(consumer.stop(), return_exceptions=True)
        return replies

    def _decoded(self, value: bytes | None, offset: int) -> list[KeptReply]:
        try:
            return [decode(self._topic, value)]
        except DecodeError as error:  # the question is asked anew: dearer, never wrong
            log.warning("undecodable", extra={"topic": self._topic.name, "offset": offset, "reason": str(error)})
            return []
