"""One owned partition of the profile: its fence, its transactions, its values on disk, its timers.

Law: outputs, values and the position are one transaction; the local store follows it, never leads.
"""

import asyncio
import heapq
import math
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from aiokafka.errors import KafkaError

from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG
from services.profile.adapters.rocks_store import Store
from services.profile.core.person import Person, decode, encode
from services.profile.core.step import Step
from services.profile.core.timers import dues, may_wait
from services.profile.core.waiting import Waiting
from services.runtime import metrics
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import Cause, Record, to_record
from services.runtime.log_identity import Log

POSITION_KEY = b"\0applied"
CACHED_PERSONS = 20_000  # of one partition; a decoded value is about 2 KB
TRANSACTION_TIMEOUT_MS = 30_000
BATCH_BYTES = 524_288  # half of what a topic takes; of 16 KB, the default, ten values fill one
CHANGELOG = PROFILE_CHANGELOG.name


class Partition:
    """What a worker holds of one partition while it owns it."""

    def __init__(self, number: int, store: Store, group: str) -> None:
        self.number, self.store = number, store
        self.lock = asyncio.Lock()
        self.position: dict[str, Any] = {}
        self.timers: list[tuple[int, str]] = []
        self.waiting = Waiting()
        self.packs = Log(EVENTS_CLEAN.name, number, 0, 0)  # events.clean, when it was taken over
        self.applied_ms = 0
        self.passed_s = -math.inf  # when markers were looked at, on the monotonic clock
        self.is_usable = False
        self._group = group
        self._cache: OrderedDict[str, Person] = OrderedDict()
        self._producer: Any = None
        self._is_owed = False  # the position, to the changelog

    async def fence(self, kafka: Kafka) -> None:
        """Refuse every former owner from now on."""
        self._producer = kafka.producer(
            linger_ms=0, retry_backoff_ms=20,
            transactional_id=f"{self._group}-{self.number}", transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            max_batch_size=BATCH_BYTES,
        )  # fmt: skip
        await self._producer.start()

    async def close(self) -> None:
        """Throw the producer away."""
        self.is_usable = False
        if self._producer is not None:
            await asyncio.gather(self._producer.stop(), return_exceptions=True)

    def begin(self, packs: Log) -> None:
        """Take position, timers and what waits from the state; and the packs as the broker holds them."""
        raw = self.store.get(POSITION_KEY)
        self.position = orjson.loads(raw) if raw else {}
        self.packs = packs
        self.timers = list(self._timers())
        heapq.heapify(self.timers)
        self.is_usable = True

    def stand(self, position: dict[str, Any]) -> None:
        """Take another position. What is not the state's own is written with the next commit, or by `settle`."""
        self._is_owed = self._is_owed or position != self.position
        self.position = position

    async def settle(self, now_ms: int) -> None:
        """Write the position by itself, where it is not written yet."""
        if self._is_owed:
            await self.commit([(Step({}, self.position, (), (), (), {}), "")], now_ms)

    def read(self, person: str) -> Person | None:
        """The decoded value of a person, out of the cache: a step owns it, and its commit gives it back.

        So the cache holds what was committed alone, however a step ends.
        """
        if person in self._cache:
            return self._cache.pop(person)
        raw = self.store.get(person.encode())
        return None if raw is None else decode(raw)

    def due(self, now_ms: int, most: int) -> list[str]:
        """Up to so many persons whose timers have come, taken off the heap; the state decides what they mean."""
        persons: list[str] = []
        while self.timers and self.timers[0][0] <= now_ms and len(persons) < most:
            persons.append(heapq.heappop(self.timers)[1])
        return persons

    async def commit(self, steps: Sequence[tuple[Step, str]], now_ms: int, letters: Sequence[Record] = ()) -> None:
        """One transaction and what follows: 1 begin, 2 outputs, 3 values, 4 every ack, 5 commit, 6 store, 7 timers.

        `steps` are those of one instant, each with the id of its cause: a later one begins at the position of the one
        before it, and no two change the same person.

        Raises:
            Ended: fenced, or the broker refused; the producer is thrown away with the process.
        """
        began = time.perf_counter()
        decoded = {person: value for step, _ in steps for person, value in step.values.items()}
        position = steps[-1][0].position
        values = {person.encode(): encode(value) for person, value in decoded.items()}
        values[POSITION_KEY] = orjson.dumps(position)
        outputs = [
            to_record(send, Cause(cause_id, "/kindling/profile", None, now_ms), number)
            for step, cause_id in steps
            for number, send in enumerate(step.sends)
        ]
        try:
            last = await self._transaction([*outputs, *letters], values)
        except KafkaError as error:
            self.is_usable = False
            raise Ended(Status.FENCED, f"partition {self.number}: could not publish: {error!r}") from error
        self.store.write(values, last)  # 6
        self.position, self._is_owed = position, False
        for person, value in decoded.items():
            self._keep(person, value)
            self.waiting.put(person, value)
        for timer in (each for step, _ in steps for each in step.timers):  # 7
            heapq.heappush(self.timers, timer)
        metrics.TRANSACTION_SECONDS.labels("profile").observe(time.perf_counter() - began)

    async def _transaction(self, outputs: Sequence[Record], values: dict[bytes, bytes]) -> int:
        """The changelog offset of the transaction's last value."""
        producer = self._producer
        if producer is None or not self.is_usable:
            raise Ended(Status.FENCED, f"partition {self.number} is no longer ours")
        await producer.begin_transaction()  # 1
        acks = [
            await producer.send(
                each.topic, each.value, key=each.key, partition=each.partition, headers=list(each.headers)
            )
            for each in outputs
        ]  # 2
        batches = [await self._send_batch(producer, batch) for batch in _batches(producer, values)]  # 3
        await asyncio.gather(*acks)  # 4: aiokafka commits what is left of a transaction after a refused batch
        bases: list[int] = [(await batch).offset + count - 1 for batch, count in batches]
        await producer.commit_transaction()  # 5
        return max(bases)

    async def _send_batch(self, producer: Any, batch: Any) -> tuple[Any, int]:
        count = batch.record_count()
        return await producer.send_batch(batch, CHANGELOG, partition=self.number), count

    def _timers(self) -> Iterator[tuple[int, str]]:
        for key, raw in self.store.items():
            if key != POSITION_KEY and may_wait(raw):
                person, value = key.decode(), decode(raw)
                self.waiting.put(person, value)
                if (due := dues(value)) is not None:
                    yield due, person

    def _keep(self, person: str, value: Person) -> None:
        self._cache[person] = value
        if len(self._cache) > CACHED_PERSONS:
            self._cache.popitem(last=False)


def _batches(producer: Any, values: dict[bytes, bytes]) -> list[Any]:
    """The values as closed record batches: about half the cost of a send for each."""
    batch = producer.create_batch()
    batches = [batch]
    for key, value in values.items():
        if batch.append(key=key, value=value, timestamp=None) is None:
            batch.close()
            batch = producer.create_batch()
            batches.append(batch)
            if batch.append(key=key, value=value, timestamp=None) is None:
                raise Ended(Status.BUG, f"a value of {len(value)} bytes does not fit an empty batch")
    batch.close()
    return batches
