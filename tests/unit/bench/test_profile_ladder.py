"""The ladder folds what the worker would, a part at a time, and every round does the same."""

from pathlib import Path

import pytest

from bench.profile import figures
from bench.profile.ladder import Folding, Rungs, Size, climbed, lots_of, opened
from bench.profile.traffic import Traffic, packs
from bench.profile.workload import planned
from services.profile.core.rules import Rules
from services.profile.pipeline import Read, compiled, encode
from services.runtime.program import read_program

END_MS = 1_795_500_000_000
TRAFFIC = Traffic(events=3_000, persons=200, visit=8, end_ms=END_MS, partitions=3, exponent=0.0)


@pytest.fixture(scope="module")
def rules() -> Rules:
    """Of the sample business."""
    return compiled(read_program(Path(__file__).parents[3] / "examples" / "academy"))


def test_lots_hold_every_pack_in_its_place() -> None:
    """At most so many packs at once, of one partition, at offsets that count up without gaps."""
    made = list(packs(TRAFFIC))
    lots = lots_of(made, 2, {})
    inputs = [each for lot in lots for each in lot.inputs()]
    for number in range(TRAFFIC.partitions):
        of_one = [each for each in inputs if each.partition == number]
        assert [each.raw for each in of_one] == [raw for where, raw in made if where == number]
        assert [each.offset for each in of_one] == list(range(len(of_one)))
    assert {len(lot.raws) for lot in lots} <= {1, 2}


def test_lots_of_a_further_lap_go_on_where_the_last_ended() -> None:
    """Else the fold would skip them as records it has had."""
    made, passed = list(packs(TRAFFIC)), dict[int, int]()
    lots_of(made, 2, passed)
    again = lots_of(made, 2, passed)
    assert min(lot.offset for lot in again) == min(sum(1 for where, _ in made if where == at) for at in range(3))


def test_packs_that_come_again_change_nobody(rules: Rules) -> None:
    """So the rung of the packs holds their reading and nothing of a fold."""
    lots, folding = lots_of(packs(TRAFFIC), 2, {}), Folding(rules, END_MS)
    first = [folding.fold(lot, Read(dict[str, None]().get)) for lot in lots]
    again = [folding.fold(lot, Read(dict[str, None]().get), 1_000) for lot in lots]
    assert all(step.values for step in first)
    assert not any(step.values for step in again)


def test_each_round_does_the_same_and_takes_time(rules: Rules) -> None:
    """Three events a person are a lap; persons of all rounds have the same bytes."""
    one, two = climbed(Size(persons=600, packs=2, rounds=2), rules, END_MS)
    assert (one.events, one.values, one.value_bytes) == (two.events, two.values, two.value_bytes)
    assert 1_400 < one.events <= 1_800
    assert 0 < one.values < one.events
    assert all(getattr(one, rung) > 0 for rung in ("pack_s", "decode_s", "fold_s", "encode_s", "all_s"))


def test_what_is_encoded_alone_is_what_the_fold_encoded(rules: Rules) -> None:
    """Else the rung would be of other bytes; those facets are decoded that every act changes."""
    step = Folding(rules, END_MS).fold(lots_of(packs(TRAFFIC), 2, {})[0], Read(dict[str, None]().get))
    for raw in step.values.values():
        person = opened(raw)
        assert {"interests", "signals", "identity", "engagement", "triggers"}.isdisjoint(person.rest)
        assert encode(person) == raw
    assert step.values


def test_rungs_are_medians_of_an_event_and_of_a_person() -> None:
    """The fold is what is left of the whole without packs, decoding and encoding."""
    rounds = [Rungs(1_000, 250, 2_000.0, 0.004, 0.008, 0.006, 0.038 + extra) for extra in (0.0, 0.002, 0.010)]
    found = {each.metric: each.value for each in figures.ladder(rounds, 1.5)}
    assert found["pack_per_event"] == 4.0
    assert found["decode_per_event"] == 8.0
    assert found["fold_per_event"] == 22.0
    assert found["encode_per_event"] == 6.0
    assert found["all_per_event"] == 40.0
    assert (found["encode_per_person"], found["decode_per_person"]) == (24.0, 32.0)
    assert found["all_spread"] == 0.25
    assert (found["value"], found["events_a_value"], found["load_average"]) == (2_000, 4, 1.5)


def test_the_ladder_is_asked_for_by_its_word() -> None:
    """Without it there is none; quick, it is a tenth."""
    assert planned([]).ladder_persons == 0
    assert planned(["--ladder"]).ladder_persons == 6_000
    assert planned(["--ladder", "--quick"]).ladder_persons == 600
