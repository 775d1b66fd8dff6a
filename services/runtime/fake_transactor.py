"""A verified transactor without a broker, for tests: what is committed is kept, and the last to fence owns."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import Record
from services.runtime.kafka_transaction import Owner

Value: TypeAlias = tuple[int, bytes, bytes | None]
"""Offset, key and value."""


@dataclass(slots=True)
class FakeBroker:
    """What was committed by all: records in order, values and offsets by the place they belong to. `is_away`: refuses.

    `ends`: where each table ends, behind the marker of its last transaction.
    """

    records: list[Record] = field(default_factory=list)
    values: dict[str, list[Value]] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    owners: dict[str, object] = field(default_factory=dict)
    is_away: bool = False


class FakeTransactor:
    """Shares its broker with the others of a test. A commit takes a turn of the loop, in which it may be called off."""

    def __init__(self, owner: Owner, broker: FakeBroker) -> None:
        self.broker, self.is_whole = broker, True
        self._owner, self._place = owner, f"{owner.partition.topic}/{owner.partition.partition}"
        self._is_fencing = False

    async def fence(self, kafka: Kafka | None = None) -> None:  # noqa: ARG002 the port's
        """Own the partition."""
        self.broker.owners[self._owner.transactional_id] = self
        self._is_fencing = True

    async def commit(
        self,
        records: Sequence[Record],
        following: int | None = None,
        values: Mapping[bytes, bytes | None] | None = None,
    ) -> int | None:
        """Keep all of it, or nothing; gives the last value's offset.

        Raises:
            Ended: fenced or refused; or our bug.
        """
        if not self._is_fencing:
            raise Ended(Status.BUG, f"{self._place}: published before it was fenced")
        if not self.is_whole:
            raise Ended(Status.BUG, f"{self._place}: published through a producer that was called off")
        for value in (values or {}).values():
            if value is not None and len(value) > self._owner.batch_bytes:
                raise Ended(
                    Status.BUG, f"a value of {len(value)} bytes does not fit a batch of {self._owner.batch_bytes}"
                )
        self.is_whole = False
        await asyncio.sleep(0)  # here it may be called off
        if self.broker.is_away or self.broker.owners[self._owner.transactional_id] is not self:
            raise Ended(Status.FENCED, f"{self._place}: could not publish: it is another's")
        self.broker.records += records
        if following is not None:
            self.broker.offsets[self._place] = following
        self.is_whole = True
        return self._write(values or {})

    async def close(self) -> None:
        """Nothing to disconnect."""

    def _write(self, values: Mapping[bytes, bytes | None]) -> int | None:
        if not values:
            return None
        first = self.broker.ends.get(self._place, 0)
        rows = [(first + number, key, value) for number, (key, value) in enumerate(values.items())]
        self.broker.values.setdefault(self._place, []).extend(rows)
        self.broker.ends[self._place] = first + len(rows) + 1  # a marker takes an offset too
        return rows[-1][0]
