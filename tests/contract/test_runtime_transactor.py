"""What a partition's transactions promise: one suite for the fake and for Kafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from deploy.local.kafka import Broker
from schemas.topics import DECISIONS, EVENTS_CLEAN, PROFILE_CHANGELOG
from services.runtime.errors import Ended, Status
from services.runtime.fake_transactor import FakeBroker, FakeTransactor
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import Record
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.kafka_transaction import LARGE_BATCH_BYTES, Owner, Transactions, Transactor, owner_of_input
from tests.conftest import PARTITIONS, ReadAll

TABLE = Owner("profile-1", TopicPartition(PROFILE_CHANGELOG.name, 1), "profile", None, 30_000, LARGE_BATCH_BYTES)
INPUT = owner_of_input(TopicPartition(EVENTS_CLEAN.name, 2), "recommender", "somebody")
Rows = list[tuple[int, bytes, bytes | None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """Whom to take the place of, and what a reader of committed records sees."""

    own: Callable[[Owner], Awaitable[Transactions]]
    new: Callable[[Owner], Transactions]
    values: Callable[[], Awaitable[Rows]]
    outputs: Callable[[], Awaitable[list[bytes | None]]]
    offset: Callable[[], Awaitable[int | None]]


def _fake() -> Scene:
    broker = FakeBroker()

    async def own(owner: Owner) -> Transactions:
        made = FakeTransactor(owner, broker)
        await made.fence()
        return made

    async def values() -> Rows:
        return broker.values.get(f"{PROFILE_CHANGELOG.name}/1", [])

    async def outputs() -> list[bytes | None]:
        return [each.value for each in broker.records]

    async def offset() -> int | None:
        return broker.offsets.get(f"{EVENTS_CLEAN.name}/2")

    return Scene(own, lambda owner: FakeTransactor(owner, broker), values, outputs, offset)


@pytest.fixture(params=["fake", pytest.param("kafka", marks=pytest.mark.kafka)])
def real(request: pytest.FixtureRequest) -> tuple[Broker, ReadAll] | None:
    """A broker without topics and what reads one, or None for the fake."""
    if request.param == "fake":
        return None
    return request.getfixturevalue("broker"), request.getfixturevalue("read_all")


@pytest.fixture
async def scene(real: tuple[Broker, ReadAll] | None) -> AsyncIterator[Scene]:
    """A broker with empty topics, and a way to own a partition."""
    if real is None:
        yield _fake()
        return
    broker, read_all = real
    kafka, owners = Kafka(broker.address), list[Transactor]()
    admin = TopicsAdmin(kafka)
    await admin.start()
    await admin.apply(await admin.plan(PARTITIONS), 1)
    await admin.stop()

    async def own(owner: Owner) -> Transactions:
        owners.append(Transactor(owner))
        await owners[-1].fence(kafka)
        return owners[-1]

    async def values() -> Rows:
        return [(each.offset, each.key, each.value) for each in await read_all(PROFILE_CHANGELOG)]

    async def outputs() -> list[bytes | None]:
        return [each.value for each in await read_all(DECISIONS)]

    async def offset() -> int | None:
        member: Any = kafka.member("somebody")
        await member.start()
        found: int | None = await member.committed(INPUT.partition)
        await member.stop()
        return found

    yield Scene(own, Transactor, values, outputs, offset)
    for each in owners:
        await each.close()


def _outputs(*values: bytes) -> list[Record]:
    return [Record(DECISIONS.name, b"u:ana", each, 0, (("ce_id", b"1"),)) for each in values]


async def test_records_and_values_are_one_transaction(scene: Scene) -> None:
    """In their order; the answer is where the last value lies, and a transaction's marker takes an offset."""
    owner = await scene.own(TABLE)
    assert await owner.commit(_outputs(b"1", b"2"), values={b"a": b"A", b"b": None}) == 1
    assert await owner.commit([], values={b"a": b"A2"}) == 3
    assert await scene.values() == [(0, b"a", b"A"), (1, b"b", None), (3, b"a", b"A2")]
    assert await scene.outputs() == [b"1", b"2"]
    assert owner.is_whole


async def test_many_values_are_several_batches(scene: Scene) -> None:
    """Of which the last value of the last one is told."""
    owner = await scene.own(TABLE)
    values: dict[bytes, bytes | None] = {b"%d" % number: bytes(60_000) for number in range(20)}
    assert await owner.commit([], values=values) == 19
    assert [key for _, key, _ in await scene.values()] == list(values)


async def test_records_and_an_offset_are_one_transaction(scene: Scene) -> None:
    """As the other services have it: no value, no answer."""
    owner = await scene.own(INPUT)
    assert await owner.commit(_outputs(b"1"), 7) is None
    assert await owner.commit([], 9) is None
    assert (await scene.outputs(), await scene.offset()) == ([b"1"], 9)


async def test_a_former_owner_is_refused(scene: Scene) -> None:
    """75: the place is another's. Nothing of theirs is seen, and they are not whole."""
    former = await scene.own(TABLE)
    owner = await scene.own(TABLE)
    assert await owner.commit([], values={b"a": b"A"}) == 0
    with pytest.raises(Ended, match="could not publish") as ended:
        await former.commit(_outputs(b"late"), values={b"a": b"stale"})
    assert ended.value.status is Status.FENCED
    assert not former.is_whole
    assert [value for _, _, value in await scene.values()] == [b"A"]
    assert await scene.outputs() == []


async def test_who_never_fenced_commits_nothing(scene: Scene) -> None:
    """70: a bug of ours."""
    with pytest.raises(Ended, match="before it was fenced") as ended:
        await scene.new(TABLE).commit(_outputs(b"1"))
    assert ended.value.status is Status.BUG


async def test_after_a_transaction_that_was_called_off_there_is_none(scene: Scene) -> None:
    """70; the next owner aborts it, and nobody sees anything of it."""
    owner = await scene.own(TABLE)
    commit = asyncio.create_task(owner.commit(_outputs(b"1"), values={b"a": b"A"}))
    await asyncio.sleep(0)
    commit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await commit
    assert not owner.is_whole
    with pytest.raises(Ended, match="called off") as ended:
        await owner.commit(_outputs(b"2"))
    assert ended.value.status is Status.BUG
    following = await scene.own(TABLE)
    assert await following.commit(_outputs(b"3"), values={b"a": b"B"}) is not None
    assert [value for _, _, value in await scene.values()] == [b"B"]
    assert await scene.outputs() == [b"3"]


async def test_a_value_that_no_batch_takes_begins_nothing(scene: Scene) -> None:
    """70: values are held to 64 KB. The owner is whole, as nothing was begun."""
    owner = await scene.own(TABLE)
    with pytest.raises(Ended, match="a value of 600000 bytes does not fit") as ended:
        await owner.commit(_outputs(b"1"), values={b"a": b"A", b"b": bytes(600_000)})
    assert ended.value.status is Status.BUG
    assert owner.is_whole
    assert await scene.outputs() == []
