"""A partition without a broker: packs applied, due triggers fired, one transaction each; and what a refusal leaves."""

import copy
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka.structs import RecordMetadata, TopicPartition

from schemas.changelog_keys import CHECKPOINT_KEY, key_of_kind
from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG
from services.profile.adapters.fake_store import FakeStore
from services.profile.adapters.faust_partition import Partition, owner_of
from services.profile.adapters.faust_transitions import apply, fire_due
from services.profile.adapters.person_cache import PersonCache
from services.profile.core.person import Person
from services.profile.core.transition import Transition
from services.profile.core.waiting import by_age
from services.profile.pipeline import decode, encode
from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_transaction import Transactor
from tests.profile_values import waiting
from tests.properties.profile_world import NOW, RULES, numbered, pack
from tests.unit.profile.worker_world import NO_PACKS, World, world_of

DUE = NOW - 1_000


def _packs(offset: int, *persons: str, kind: str = "page") -> list[Any]:
    """One pack as Faust hands it out, with an event of each person."""
    events = [
        {
            "kind": kind,
            "name": "x",
            "time_ms": NOW,
            "trusted": False,
            **numbered([{}], person)[0],
            "at": ["t", 0, at, 0],
        }
        for at, person in enumerate(persons, 10 * offset)
    ]
    record = {"topic": EVENTS_CLEAN.name, "partition": 0, "offset": offset, "timestamp": NOW / 1000, "headers": []}
    message = SimpleNamespace(**record, key=None, value=pack(events).raw, checksum=None)
    return [SimpleNamespace(message=message)]


def _written(person: Person, *timers: tuple[int, str]) -> Transition:
    waits = {"u:ana": tuple(each.opened_ms for each in person.triggers.by_purpose.values())}
    return Transition({"u:ana": encode(person)}, {}, (), (), timers, {}, waits=waits)


def _commit(person: Person, *timers: tuple[int, str]) -> list[tuple[Transition, str]]:
    return [(_written(person, *timers), "cause")]


def _state(world: World) -> Any:
    """All that a refusal must leave as it was."""
    partition = world.partition
    kept = (partition.checkpoint, partition.timers, partition.waiting, world.store.values, world.store.offset)
    return copy.deepcopy((*kept, world.broker.records, world.broker.values))


async def test_packs_are_applied_then_their_timers_fire_once() -> None:
    """Apply, commit, fire: a trigger that is due ends in a transaction of its own, and is not fired again."""
    world = await world_of({b"u:ana": encode(waiting(0, due_ms=DUE))})
    partition = world.partition
    step = await apply(partition, _packs(3, "u:ana", "u:bo"), RULES, NOW)
    assert step.counts["folded"] == 2
    assert partition.checkpoint["offsets"] == {EVENTS_CLEAN.short: 3}
    assert partition.applied_ms == NOW
    assert world.store.values == world.changelog
    assert world.store.offset == 2
    counts = await fire_due(partition, RULES, NOW, 200)
    assert counts is not None
    assert sum(counts.values()) >= 1
    assert await fire_due(partition, RULES, NOW, 200) is None
    ana = decode(world.store.values[b"u:ana"])
    assert (ana.events, ana.triggers.by_purpose) == (1, {})
    assert world.store.values == world.changelog
    assert [each.topic for each in world.broker.records] == ["kindling.decisions.v1"]


async def test_whoever_is_due_is_one_transaction() -> None:
    """200 due triggers were 200 transactions, and the partition was locked for a second; nobody is fired twice."""
    persons = [f"u:{number:03}" for number in range(201)]
    world = await world_of({each.encode(): encode(waiting(0, due_ms=DUE)) for each in persons})
    partition = world.partition
    partition.timers.append((DUE, persons[0]))  # as a later state of the same person leaves it
    await fire_due(partition, RULES, NOW, 200)
    assert len(world.broker.values[f"{PROFILE_CHANGELOG.name}/0"]) == 200 - 1 + 1  # a person twice; the checkpoint
    assert len({dict(each.headers)["ce_id"] for each in world.broker.records}) == len(world.broker.records) == 199
    assert partition.checkpoint["spent"]["decisions"] == 0


async def test_who_is_due_together_shares_the_day_s_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step begins at the checkpoint of the one before it: else 200 could spend what is left for one."""
    persons = [f"u:{number}" for number in range(4)]
    partition = (await world_of({each.encode(): encode(waiting(0, due_ms=DUE)) for each in persons})).partition
    partition.checkpoint = {"spent": 7}

    def spend(person: str, value: Person, checkpoint: dict[str, int], *_: object) -> Transition | None:
        return (
            None
            if person == "u:2"
            else Transition({person: encode(value)}, {"spent": checkpoint["spent"] + 1}, (), (), (), {"a": 1})
        )

    monkeypatch.setattr("services.profile.adapters.faust_transitions.fire", spend)
    assert await fire_due(partition, RULES, NOW, 200) == {"a": 3}
    assert partition.checkpoint == {"spent": 10}


class Batch:
    """Takes any row."""

    rows = 0

    def append(self, **_: object) -> object:
        """Take one."""
        self.rows += 1
        return self

    def close(self) -> None:
        """Nothing more comes."""

    def record_count(self) -> int:
        """How many it took."""
        return self.rows


class Journal(FakeStore):
    """A producer and a store that write down who was called, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def write(self, values: Any, offset: int) -> None:
        """The store's turn."""
        self.said.append("store")
        super().write(values, offset)

    def producer(self, **options: Any) -> Any:
        """The one Kafka client that a partition has."""
        self.said.append(f"producer {options['transactional_id']}")
        return self

    def create_batch(self) -> Any:
        """One that takes all."""
        return Batch()

    async def send(self, topic: str, *_: object, **__: object) -> Any:
        """Acked when it is awaited."""
        self.said.append(f"send {topic}")
        return self._ack("output")

    async def send_batch(self, *_: object, **__: object) -> Any:
        """Acked when it is awaited."""
        self.said.append("send values")
        return self._ack("values")

    async def _ack(self, what: str) -> RecordMetadata:
        self.said.append(f"acked {what}")
        return RecordMetadata(PROFILE_CHANGELOG.name, 0, TopicPartition(PROFILE_CHANGELOG.name, 0), 40, None, 0, 0)

    async def start(self) -> None:
        """The fence."""

    async def begin_transaction(self) -> None:
        """1."""
        self.said.append("begin")

    async def commit_transaction(self) -> None:
        """5."""
        self.said.append("commit")


async def test_a_commit_is_seven_steps_in_order() -> None:
    """1 begin, 2 outputs, 3 values, 4 every ack, 5 commit, 6 store, 7 timers: the store follows, it never leads."""
    journal = Journal()
    partition = Partition(0, journal, Transactor(owner_of(0)), PersonCache(1_000))
    await partition.fence(cast("Kafka", journal))
    journal.write({b"u:ana": encode(waiting(0, due_ms=DUE))}, 1)
    partition.begin(NO_PACKS)
    before = list(partition.timers)
    journal.said.clear()
    await fire_due(partition, RULES, NOW, 200)
    assert journal.said == [
        "begin", "send kindling.decisions.v1", "send values", "acked output", "acked values", "commit", "store",
    ]  # fmt: skip
    assert (journal.offset, before, partition.timers) == (41, [(DUE, "u:ana")], [])


async def test_the_id_by_which_a_former_version_is_fenced_stays() -> None:
    """A rolling upgrade: the new worker must refuse the old one."""
    assert owner_of(7).transactional_id == "profile-7"


async def test_a_refused_transaction_leaves_everything_as_it_was() -> None:
    """75: what was read is dropped, and store, cache, timers, checkpoint and waits are those of the last commit."""
    world = await world_of({b"u:ana": encode(waiting(0, due_ms=DUE))})
    partition = world.partition
    await apply(partition, _packs(3, "u:ana", "u:bo"), RULES, NOW)
    before = _state(world)
    world.broker.is_away = True
    with pytest.raises(Ended, match="could not publish") as ended:
        await apply(partition, _packs(4, "u:ana"), RULES, NOW)
    assert ended.value.status is Status.FENCED
    assert _state(world) == before
    ana = partition.read("u:ana")
    assert ana is not None
    assert encode(ana) == world.store.values[b"u:ana"]
    assert not partition.is_usable
    with pytest.raises(Ended, match="partition 0 is no longer ours"):
        await partition.commit(_commit(ana), NOW)


async def test_a_step_that_throws_leaves_its_persons_as_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it changed by half is its own: who reads them next has them as they were. Others stay in memory too."""
    world = await world_of()
    partition = world.partition
    await apply(partition, _packs(3, "u:ana", "u:bo"), RULES, NOW)
    before, changed = _state(world), list[Person]()

    def half(inputs: Any, checkpoint: Any, read: Any, *_: Any) -> Transition:
        assert inputs
        assert checkpoint
        changed.append(read.person("u:ana"))
        changed[0].events = 99
        raise ZeroDivisionError

    monkeypatch.setattr("services.profile.adapters.faust_transitions.advance", half)
    with pytest.raises(ZeroDivisionError):
        await apply(partition, _packs(4, "u:ana"), RULES, NOW)
    assert _state(world) == before
    again, bo = partition.read("u:ana"), partition.read("u:bo")
    assert again is not None
    assert again is not changed[0]
    assert again.events == 1
    assert bo is not None


async def test_what_was_committed_is_read_out_of_memory() -> None:
    """The store is not asked for whom the cache holds, as they were written last; for others it is."""
    world = await world_of({b"u:bo": encode(Person(events=7))})
    partition, ana = world.partition, Person(events=1)
    for events in (1, 2):
        ana.events = events
        await partition.commit(_commit(ana), 0)
    del world.store.values[b"u:ana"]
    for person, events in (("u:ana", 2), ("u:bo", 7)):
        read = partition.read(person)
        assert read is not None
        assert read.events == events
    assert partition.read("u:eve") is None


async def test_what_a_step_took_is_nobody_s_until_it_is_committed() -> None:
    """Whoever reads a person owns them: a second one has their own, and nothing is half changed."""
    partition = (await world_of({b"u:ana": encode(Person(events=1))})).partition
    dropped, person = partition.read("u:ana"), partition.read("u:ana")
    assert dropped is not None
    assert person is not None
    dropped.events = 2
    assert person.events == 1


async def test_what_waits_is_known_at_takeover_and_follows_each_commit() -> None:
    """The one walk over the values that finds the timers finds the waiting triggers too; a step adds and takes away."""
    ana, bo = encode(waiting(0, due_ms=5)), encode(Person(events=1))
    partition = (await world_of({b"u:ana": ana, b"u:bo": bo, CHECKPOINT_KEY: b"{}"})).partition
    assert partition.timers == [(5, "u:ana")]
    assert by_age([partition.waiting], 0)["0-1h"] == 1
    for person, number in ((Person(events=1), 0), (waiting(0, due_ms=5), 1)):
        await partition.commit(_commit(person), 0)
        assert by_age([partition.waiting], 0)["0-1h"] == number


async def test_a_value_of_another_kind_is_kept_and_no_person() -> None:
    """A takeover passes it, however it reads; it lies in the store beside the persons."""
    letter = key_of_kind(1, "u:ana/2026-11-24")
    held = {letter: b'"pend": no JSON at all', b"u:ana": encode(waiting(0, due_ms=5)), CHECKPOINT_KEY: b"{}"}
    world = await world_of(held)
    assert world.partition.timers == [(5, "u:ana")]
    await world.partition.commit(_commit(Person()), 0)
    assert world.store.values[letter] == held[letter]


@pytest.mark.parametrize("kind", [0, 32, ord("u")])
def test_a_kind_is_neither_the_partition_s_own_nor_a_person_s_letter(kind: int) -> None:
    """Else a mailbox would be read as a person, or as the checkpoint."""
    with pytest.raises(ValueError, match=f"expected a kind from 1 to 31; came {kind}"):
        key_of_kind(kind, "x")
