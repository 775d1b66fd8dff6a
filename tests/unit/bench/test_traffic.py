"""The traffic that both subjects fold: deterministic, of the contract's shape, and folded alike."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from bench.profile.feed import CHECKPOINT_KEY, folded
from bench.profile.plain import Plain
from bench.profile.traffic import PACK, SOURCES, Traffic, events, packs, person_of
from schemas.codec import decode
from schemas.topics import EVENTS_CLEAN
from services.profile.core.rules import Rules
from services.profile.pipeline import compiled
from services.runtime.kafka_records import partition_of
from services.runtime.program import read_program

END_MS = 1_795_500_000_000
TRAFFIC = Traffic(events=3_000, persons=200, visit=8, end_ms=END_MS, partitions=3)


@pytest.fixture(scope="module")
def rules() -> Rules:
    """Of the sample business."""
    return compiled(read_program(Path(__file__).parents[3] / "examples" / "academy"))


@dataclass
class Log:
    """What a consumer hands out: one lot of records after another; then it says stop."""

    lots: list[dict[Any, list[Any]]]
    stop: asyncio.Event

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[Any, list[Any]]:
        """The next lot."""
        assert timeout_ms > 0
        assert max_records > 0
        if len(self.lots) == 1:
            self.stop.set()
        return self.lots.pop(0)

    async def commit(self) -> None:
        """Nothing is kept."""


def test_one_seed_gives_one_traffic() -> None:
    """Both subjects, and every round, fold the same bytes."""
    assert list(packs(TRAFFIC)) == list(packs(TRAFFIC))


def test_packs_are_of_the_contract_and_of_one_partition() -> None:
    """Each decodes; its persons' keys lead to its partition; no event is missing."""
    count = 0
    for number, raw in packs(TRAFFIC):
        pack = decode(EVENTS_CLEAN, raw)["events"]
        assert len(pack) <= PACK
        assert {partition_of(each["person"].encode(), TRAFFIC.partitions) for each in pack} == {number}
        count += len(pack)
    assert count == TRAFFIC.events


def test_source_coordinates_count_up_without_gaps() -> None:
    """Else a subject would take an event for ingest's repeat, and skip it cheaply."""
    seen: dict[int, list[int]] = {number: [] for number in range(SOURCES)}
    for each in events(TRAFFIC):
        seen[each["at"][1]].append(each["at"][2])
    assert all(offsets == list(range(len(offsets))) for offsets in seen.values())


def test_pages_tracks_and_a_few_conversions_come() -> None:
    """Most are pages; a conversion names no consent, so that it ends without a mail."""
    made = list(events(TRAFFIC))
    shares = {kind: sum(each["kind"] == kind for each in made) / len(made) for kind in ("page", "track", "conversion")}
    assert 0.75 < shares["page"] < 0.85
    assert 0.12 < shares["track"] < 0.22
    assert 0 < shares["conversion"] < 0.02
    assert not any("consent" in each for each in made)


def test_visitors_come_back_unevenly() -> None:
    """The first hundred of a thousand make more than a third of the traffic."""
    made = [each["person"] for each in events(replace(TRAFFIC, persons=1_000))]
    head = {person_of(rank) for rank in range(100)}
    assert sum(person in head for person in made) > len(made) / 3


def test_newcomers_are_all_there() -> None:
    """A changelog for so many persons holds them all."""
    traffic = replace(TRAFFIC, newcomers=TRAFFIC.persons)
    assert {each["person"] for each in events(traffic)} == {person_of(rank) for rank in range(TRAFFIC.persons)}


async def test_the_plain_subject_folds_what_the_changelog_would_hold(rules: Rules) -> None:
    """Its states are those that the pure fold gives, and none is missing."""
    counts = dict.fromkeys(range(TRAFFIC.partitions), 0)
    lots = []
    for number, raw in packs(TRAFFIC):
        record = SimpleNamespace(offset=counts[number], timestamp=END_MS, key=None, value=raw)
        lots.append({TopicPartition(EVENTS_CLEAN.name, number): [record]})
        counts[number] += 1
    stop = asyncio.Event()
    plain = Plain(Log(lots, stop), rules, lambda: END_MS)
    await plain.run(stop)
    wanted: dict[bytes, bytes] = {}
    for values in folded(TRAFFIC, rules).values():
        wanted.update({key: value for key, value in values.items() if key != CHECKPOINT_KEY})
    assert {person.encode(): raw for person, raw in plain._states.items()} == wanted
