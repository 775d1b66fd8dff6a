"""One owned partition of the profile: its fence, its transactions, its values on disk, its timers.

Law: outputs, values and the checkpoint are one transaction; the local store follows it, never leads.
"""

import asyncio
import heapq
import math
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from aiokafka.structs import TopicPartition

from schemas.changelog_keys import CHECKPOINT_KEY, home_key, is_person
from schemas.groups import PROFILE
from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG
from services.profile.adapters.decided_spans import tell_decided
from services.profile.adapters.person_cache import PersonCache
from services.profile.core import mailbox
from services.profile.core.mailbox import Mailbox
from services.profile.core.person import Person, decode
from services.profile.core.timers import dues, may_owe, may_wait
from services.profile.core.transition import Transition
from services.profile.core.waiting import Waiting
from services.profile.ports import Store
from services.runtime import spans
from services.runtime.clock import now_ms
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import Cause, Record, to_record
from services.runtime.kafka_transaction import LARGE_BATCH_BYTES, Owner, Transactions
from services.runtime.log_identity import Log

GROUP = PROFILE.name
TRANSACTION_TIMEOUT_MS = 30_000  # as long as a rebalance


def owner_of(number: int) -> Owner:
    """As whom a partition's owner writes: the id is the one by which a former version is fenced, so it stays."""
    changelog = TopicPartition(PROFILE_CHANGELOG.name, number)
    return Owner(f"{GROUP}-{number}", changelog, GROUP, None, TRANSACTION_TIMEOUT_MS, LARGE_BATCH_BYTES)


class Partition:
    """What a worker holds of one partition while it owns it."""

    def __init__(self, number: int, store: Store, transactor: Transactions, cache: PersonCache) -> None:
        self.number, self.store = number, store
        self.lock = asyncio.Lock()
        self.checkpoint: dict[str, Any] = {}
        self.timers: list[tuple[int, str]] = []
        self.waiting, self.owed = Waiting(), Waiting()
        self.packs = Log(EVENTS_CLEAN.name, number, 0, 0)  # events.clean, when it was taken over
        self.applied_ms = 0  # when its last pack was written
        self.passed_s = -math.inf  # when markers were looked at, on the monotonic clock
        self.is_usable = False
        self._transactor, self.cache = transactor, cache
        self._is_owed = False  # the checkpoint, to the changelog

    async def fence(self, kafka: Kafka) -> None:
        """Refuse every former owner from now on."""
        await self._transactor.fence(kafka)

    async def close(self) -> None:
        """Throw the producer away."""
        self.is_usable = False
        await self._transactor.close()

    def begin(self, packs: Log) -> None:
        """Take checkpoint, timers and what waits from the state; and the packs as the broker holds them."""
        raw = self.store.get(CHECKPOINT_KEY)
        self.checkpoint = orjson.loads(raw) if raw else {}
        self.packs = packs
        self.timers = list(self._timers())
        heapq.heapify(self.timers)
        self.owed.lapse(now_ms())  # what ended before is not counted again
        self.is_usable = True

    def stand(self, checkpoint: dict[str, Any]) -> None:
        """Take another checkpoint. What is not the state's own is written with the next commit, or by `settle`."""
        self._is_owed = self._is_owed or checkpoint != self.checkpoint
        self.checkpoint = checkpoint

    async def settle(self, now_ms: int) -> None:
        """Write the checkpoint by itself, where it is not written yet."""
        if self._is_owed:
            await self.commit([(Transition({}, self.checkpoint, (), (), (), {}), "")], now_ms)

    def read(self, person: str) -> Person | None:
        """A person as committed, decoded for the step, which owns what it reads."""
        raw = self.cache.get(person) or self.store.get(person.encode())
        return None if raw is None else decode(raw)

    def home(self, key: str) -> Mailbox | None:
        """A mailbox as committed, likewise."""
        raw = self.store.get(home_key(key))
        return None if raw is None else mailbox.decode(raw)

    def due(self, now_ms: int, most: int) -> list[str]:
        """Up to so many persons whose timers have come, taken off the heap; the state decides what they mean."""
        persons: list[str] = []
        while self.timers and self.timers[0][0] <= now_ms and len(persons) < most:
            persons.append(heapq.heappop(self.timers)[1])
        return persons

    async def commit(
        self, steps: Sequence[tuple[Transition, str]], now_ms: int, letters: Sequence[Record] = ()
    ) -> None:
        """One transaction (1 begin, 2 outputs, 3 values, 4 every ack, 5 commit) and what follows: 6 store, 7 timers.

        `steps` are those of one instant, each with the id of its cause: a later one begins at the checkpoint of the one
        before it, and no two change the same person.

        Raises:
            Ended: fenced, or the broker refused, or no longer ours; the producer is thrown away with the process.
        """
        if not self.is_usable:
            raise Ended(Status.FENCED, f"partition {self.number} is no longer ours")
        written = {person: (raw, step) for step, _ in steps for person, raw in step.values.items()}
        checkpoint = steps[-1][0].checkpoint
        values: dict[bytes, bytes | None] = {person.encode(): raw for person, (raw, _) in written.items()}
        values |= {home_key(each): raw for step, _ in steps for each, raw in step.homes.items()}
        values[CHECKPOINT_KEY] = orjson.dumps(checkpoint)
        outputs = [
            to_record(send, Cause(cause_id, "/kindling/profile", None, now_ms), number)
            for step, cause_id in steps
            for number, send in enumerate(step.sends)
        ]
        self.store.write(values, await self._publish([*outputs, *letters], values))  # 1 to 5, 6
        self.checkpoint, self._is_owed = checkpoint, False
        if spans.is_on():
            tell_decided(steps, [each.headers for each in outputs], now_ms)
        for person, (raw, step) in written.items():
            self.cache.keep(person, raw)
            self.waiting.put(person, step.waits.get(person, ()))
            self.owed.put(person, step.owed.get(person, ()))
        for timer in (each for step, _ in steps for each in step.timers):  # 7
            heapq.heappush(self.timers, timer)

    async def _publish(self, records: Sequence[Record], values: dict[bytes, bytes | None]) -> int:
        """The changelog offset of the transaction's last value; after one that was not ended there is no other."""
        try:
            last = await self._transactor.commit(records, values=values)
        finally:
            self.is_usable = self.is_usable and self._transactor.is_whole
        if last is None:
            raise Ended(Status.BUG, f"partition {self.number}: a transaction of {len(values)} values wrote none")
        return last

    def _timers(self) -> Iterator[tuple[int, str]]:
        for key, raw in self.store.items():
            if is_person(key) and (may_wait(raw) or may_owe(raw)):
                person, value = key.decode(), decode(raw)
                self.owed.put(person, value.touches.owed())
                self.waiting.put(person, [each.opened_ms for each in value.triggers.by_purpose.values()])
                if (due := dues(value)) is not None:
                    yield due, person
