"""A fold with a state of its own, exactly once: the state is the compacted output topic, the offset is beside it.

The topics have one partition each. Its owner fences, reads its own rows to their end, and goes on at the committed
offset; each transaction holds the rows that its signals touched and the offset behind them.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from aiokafka.structs import TopicPartition

from schemas.errors import DecodeError
from schemas.topics import Topic
from services.runtime import metrics
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_ends import Unfit
from services.runtime.kafka_loop import run_owning
from services.runtime.kafka_owned import Share
from services.runtime.kafka_policy import SESSION_S, LoopPolicy
from services.runtime.kafka_records import RawRecord, Record, cause_of, to_dead_letter, to_message, to_record
from services.runtime.kafka_told import tell_time_lag
from services.runtime.kafka_transaction import LARGE_BATCH_BYTES, Transactor, owner_of_input
from services.runtime.kafka_view import TopicMissing, View
from services.runtime.outcome import Message, Send, Unavailable
from services.runtime.process import Process

log = logging.getLogger(__name__)

BREATH = 20  # signals or rows between two looks at what else the process has to do


class Folding(Protocol):
    """The state of a fold; made anew for each owner, and used by one task."""

    def restore(self, rows: Iterable[Any]) -> None:
        """Hold the state of these rows: the latest of each key."""
        ...

    def fold(self, event: Any) -> Collection[str]:
        """Fold one event; the keys of the rows it touched."""
        ...

    def rows(self, keys: Collection[str]) -> Iterable[Any]:
        """The rows to write of these keys, as they are now."""
        ...


@dataclass(frozen=True, slots=True)
class FoldPolicy:
    """What one fold reads and writes. `letters`: the stage whose dead letters take what nobody can read."""

    stage: str
    group: str
    source: Topic
    output: Topic
    letters: str
    most: int = 500  # signals of one transaction
    linger_s: float = 1.0  # how long a few signals wait for more: a row is written once for all of them
    session_s: float = SESSION_S
    accepts_gap: bool = False


async def run_fold(policy: FoldPolicy, kafka: Kafka, new: Callable[[], Folding], process: Process) -> None:
    """Fold every record of the source until the process stops; whoever owns the one partition does.

    Raises:
        Ended: fenced or unable to publish (75), our bug (70), or an output topic that holds something else (78).
    """
    metrics.begin_fold(policy.stage, policy.source, Unfit.UNDECODABLE)
    own = LoopPolicy(
        policy.stage, policy.group, (policy.source,), in_flight=4 * policy.most, part=policy.stage,
        session_s=policy.session_s, accepts_gap=policy.accepts_gap,
    )  # fmt: skip
    await run_owning(own, kafka, lambda each, share: FoldPartition(each, policy, kafka, new, share), process)


class FoldPartition:
    """The owned partition: signals in order, the state, and its transactions."""

    def __init__(self, partition: TopicPartition, policy: FoldPolicy, kafka: Kafka, new: Callable[[], Folding],
                 share: Share) -> None:  # fmt: skip
        self.committed = 0
        self.position = 0
        self.is_open = False
        self._passed = 0
        self._policy, self._kafka, self._new = policy, kafka, new
        self._tasks, self._room = share.tasks, share.room
        self._records: deque[RawRecord] = deque()
        self._news = asyncio.Event()
        self._lock = asyncio.Lock()
        self._transactor = Transactor(owner_of_input(partition, policy.stage, policy.group, LARGE_BATCH_BYTES))
        self._folding: Folding | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def in_flight(self) -> int:
        """Records taken and not yet committed."""
        return len(self._records)

    @property
    def is_whole(self) -> bool:
        """True unless a transaction was called off."""
        return self._transactor.is_whole

    @property
    def aside_since(self) -> None:
        """Nothing of a fold is set aside."""

    async def fence(self, kafka: Kafka) -> None:
        """Refuse the former owner from now on: what it committed is all there is to read."""
        await self._transactor.fence(kafka)

    async def read(self) -> None:
        """Read the rows that a former owner left, and hold their state.

        Raises:
            Unavailable: Kafka is away.
        """
        rows: dict[bytes | None, Any] = {}
        view = View(self._kafka, (self._policy.output,), lambda each: _keep(rows, each), undecodable=_refuse)
        try:
            await view.read_once()
        except TopicMissing as error:
            raise Unavailable(str(error)) from error
        finally:
            await view.stop()
        self._folding = self._new()
        self._folding.restore(rows.values())
        log.info("restored", extra={"stage": self._policy.stage, "rows": len(rows), "offset": self.committed})

    def open(self, committed: int) -> None:
        """Begin, or go on, at the committed offset; the state was read before."""
        if not self._records:
            self.position = committed
        self.committed = committed
        self.is_open = True
        self._news.set()
        if self._task is None and self._folding is not None:
            self._task = self._tasks.start(f"fold {self._policy.stage}", self._work(self._folding))

    def take(self, record: RawRecord) -> None:
        """Keep the record until its turn; what was taken before is left aside."""
        if self.is_open and record.offset >= self.position:
            self.position = record.offset + 1
            self._records.append(record)
            self._room.take()
            self._news.set()

    def pass_to(self, position: int) -> None:
        """Commit this position in time, though no signal stands before it: a transaction's marker does."""
        if position > max(self.committed, self._passed):
            self._passed = position
            self._news.set()

    async def settle(self, within_s: float) -> None:
        """Finish the transaction that runs; what waits belongs to whoever owns the partition next."""
        try:
            async with asyncio.timeout(within_s), self._lock:
                self.is_open = False
        except TimeoutError:
            self.is_open = False

    async def drain(self, within_s: float) -> None:
        """The same: nothing is at work but a transaction."""
        await self.settle(within_s)

    async def close(self) -> None:
        """Stop; the state goes with it."""
        self.is_open = False
        await self._tasks.stop(self._task)
        self._room.give(len(self._records))
        self._records.clear()
        await self._transactor.close()

    async def _work(self, folding: Folding) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if self.in_flight < self._policy.most:
                await asyncio.sleep(self._policy.linger_s)
            async with self._lock:
                while self.is_open and (self._records or self._passed > self.committed):
                    await (self._transaction(folding) if self._records else self._pass())

    async def _pass(self) -> None:
        await self._transactor.commit([], self._passed)
        self.committed = self._passed

    async def _transaction(self, folding: Folding) -> None:
        """1 fold the signals, 2 the rows they touched, 3 one transaction with the offset, 4 forget the signals."""
        batch = list(islice(self._records, self._policy.most))
        touched: set[str] = set()
        outputs: list[Record] = []
        for number, record in enumerate(batch):  # 1
            try:
                touched.update(folding.fold(to_message(record).event))
            except DecodeError as error:
                outputs.append(to_dead_letter(self._policy.letters, record, Unfit.UNDECODABLE, str(error)))
            if number % BREATH == 0:
                await asyncio.sleep(0)
        letters = len(outputs)
        cause = cause_of(batch[-1], self._policy.stage)
        for number, row in enumerate(folding.rows(touched)):  # 2
            outputs.append(to_record(Send(self._policy.output, row), cause, number))
            if number % BREATH == 0:
                await asyncio.sleep(0)
        following = batch[-1].offset + 1
        await self._transactor.commit(outputs, following)  # 3
        self.committed = following
        for _ in batch:  # 4
            self._records.popleft()
        self._room.give(len(batch))
        self._tell(batch, letters, len(outputs) - letters)

    def _tell(self, batch: Sequence[RawRecord], letters: int, rows: int) -> None:
        policy, signals = self._policy, len(batch)
        metrics.DEAD_LETTERS.labels(policy.letters, Unfit.UNDECODABLE).inc(letters)
        tell_time_lag(policy.stage, policy.source.name, min(each.timestamp for each in batch))
        metrics.RECORDS.labels(policy.stage, policy.source.name, "emit", "").inc(signals - letters)
        metrics.RECORDS.labels(policy.stage, policy.source.name, "reject", Unfit.UNDECODABLE).inc(letters)
        metrics.FOLD_ROWS.labels(policy.stage).inc(rows)
        words = {"topic": policy.source.name, "offset": self.committed - 1, "signals": signals, "rows": rows}
        log.info("folded", extra={**words, "rejected": letters})


def _keep(rows: dict[bytes | None, Any], message: Message) -> None:
    rows.pop(message.key, None)
    if message.event is not None:
        rows[message.key] = message.event


def _refuse(record: RawRecord, error: DecodeError) -> None:
    """A state with a hole would be folded on for ever."""
    raise Ended(
        Status.MISCONFIGURED,
        f"{record.topic} at {record.partition}/{record.offset} is no row of ours: {error}. Write a tombstone for its "
        "key, or empty the topic and set the group back to the first signal",
    )
