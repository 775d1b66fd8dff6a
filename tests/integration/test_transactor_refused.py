"""A producer that is refused in the middle of its transaction: whichever call hears of it, the place is another's."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from schemas.topics import DECISIONS, EVENTS_CLEAN
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import Record
from services.runtime.kafka_transaction import Transactor, owner_of_input
from tests.conftest import ReadAll

pytestmark = pytest.mark.kafka
OWNER = owner_of_input(TopicPartition(EVENTS_CLEAN.name, 2), "recommender", "somebody")
RECORDS = [Record(DECISIONS.name, b"u:ana", each, 0, ()) for each in (b"1", b"2")]
REFUSED_WITHIN_S = 20.0


class Late:
    """The client's producer, of whose calls one waits until the broker has refused it."""

    def __init__(self, producer: Any, call: str, which: int) -> None:
        self._producer, self._call, self._left = producer, call, which

    def __getattr__(self, name: str) -> Any:
        return self._late if name == self._call else getattr(self._producer, name)

    async def _late(self, *args: Any, **options: Any) -> Any:
        if self._left == 0:
            async with asyncio.timeout(REFUSED_WITHIN_S):
                while not self._producer._txn_manager.is_fatal_error():
                    await asyncio.sleep(0)
        self._left -= 1
        return await getattr(self._producer, self._call)(*args, **options)


@asynccontextmanager
async def _former(kafka: Kafka) -> AsyncIterator[Transactor]:
    """One that owned the partition until a moment ago."""
    former, owner = Transactor(OWNER), Transactor(OWNER)
    try:
        await former.fence(kafka)
        await owner.fence(kafka)
        yield former
    finally:
        await former.close()
        await owner.close()
        gc.collect()  # aiokafka says then, and not in another test, that nobody asked how its transaction ended


@pytest.mark.parametrize(
    ("call", "which"), [("send", 1), ("send_offsets_to_transaction", 0), ("commit_transaction", 0)]
)
async def test_whichever_call_hears_of_it(topics: str, read_all: ReadAll, call: str, which: int) -> None:
    """75, never 70: it is no bug of ours. Nothing of it is seen."""
    async with _former(Kafka(topics)) as former:
        former._producer = Late(former._producer, call, which)
        with pytest.raises(Ended, match="could not publish") as ended:
            await former.commit(RECORDS, 7 if call == "send_offsets_to_transaction" else None)
    assert ended.value.status is Status.FENCED
    assert not former.is_whole
    assert await read_all(DECISIONS) == []


async def test_who_was_refused_before_it_began(topics: str) -> None:
    """75 as well: the refusal came with the transaction before, which another task has called off."""
    async with _former(Kafka(topics)) as former:
        with pytest.raises(Ended):
            await former.commit(RECORDS)
        former.is_whole = True
        with pytest.raises(Ended, match="could not publish") as ended:
            await former.commit(RECORDS)
    assert ended.value.status is Status.FENCED
