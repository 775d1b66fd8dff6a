"""Values that earlier versions stored are read as they were meant; lines are only added to the files."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from services.profile.core.kind import kind_of
from services.profile.core.person import Person, facets, merge
from services.profile.core.timers import may_wait
from services.profile.pipeline import decode, dues, encode
from tests.profile_values import signal
from tests.unit.profile.conftest import World, WorldOf

BEFORE = Path("tests/data/profile_values_v1.jsonl").read_bytes().splitlines()
VALUES = Path("tests/data/profile_values_v2.jsonl").read_bytes().splitlines()


@pytest.mark.parametrize("raw", VALUES)
def test_stored_value_is_read_and_written_byte_for_byte(raw: bytes) -> None:
    """A worker that only reads a person changes nothing of them, whether it looked at their facets or not."""
    assert encode(decode(raw)) == raw
    person = decode(raw)
    assert len(facets(person)) == len(kind_of(Person).parts)
    assert encode(person) == raw


@pytest.mark.parametrize(("before", "raw"), [*zip(BEFORE, VALUES, strict=True)])
def test_value_of_the_version_before_is_brought_up(before: bytes, raw: bytes) -> None:
    """To the same bytes as today: what a worker of that version wrote on its changelog, this one goes on with."""
    assert encode(decode(before)) == raw


def test_stored_values_have_every_part() -> None:
    """Else the tests above would not see the part that it loses."""
    assert {part for raw in BEFORE for part in orjson.loads(raw)} == {
        "v", "n", "new", "size", "i", "sig", "who", "fact", "addr", "name", "lang", "hist", "done", "reco", "took",
        "mail", "cons", "supp", "eng", "hour", "touch", "pend", "ids", "past", "wait", "fwd", "gone",
    }  # fmt: skip
    stored = [orjson.loads(raw) for raw in VALUES]
    person = decode(VALUES[0])
    for name in PARTS:
        fields = set(getattr(person, name).__struct_fields__)
        assert {part for value in stored for part in value.get(name, {})} == fields - ADDED.get(name, set())


PARTS = (
    "attribution", "consents", "engagement", "history", "identity", "interests", "signals", "touches", "traits",
    "triggers",
)  # fmt: skip
"""Those which the version before knew."""
ADDED = {
    "touches": {"clicks", "mailboxes"},
    "identity": {"seen", "seen_days", "done", "done_days"},
    "traits": {"timezone", "country"},
}
"""Fields that came after these values were stored."""


def test_what_was_said_of_a_person_outlives_the_bringing_up() -> None:
    """Every text and number of it is in the one of today: a title may stand at the end of its signal's key alone."""
    for before, raw in zip(BEFORE, VALUES, strict=True):
        value = orjson.loads(raw)
        keys = {text for key in value.get("signals", {}).get("rows", {}) for text in key.split("|", 1)}
        assert set(_leaves(orjson.loads(before))) - {1} <= {*_leaves(value), *keys}


def test_person_of_whom_the_version_before_stored_nothing_is_new() -> None:
    """A later version of then might have left out what is 0."""
    assert encode(decode(b'{"v":1}')) == encode(decode(b"{}")) == encode(Person())


def test_who_told_of_another_time_of_a_signal_did_not_give_its_title() -> None:
    """A version that knew no speakers had folded on: nobody knows who told of it last."""
    row = ["course", "Ours", "c1", ["seo"], 5, 2, 1.0]
    for time_ms, speaker in ((5, "server"), (4, "")):
        stored = {"v": 1, "sig": {"course|c1": row}, "who": {"course|c1": [time_ms, "server"]}}
        rows = decode(orjson.dumps(stored)).signals.rows
        assert rows == {"course|c1": signal(5, "Ours", ["seo"], times=2, speaker=speaker)}


@pytest.mark.parametrize(("before", "raw"), [*zip(BEFORE, VALUES, strict=True)])
def test_record_of_the_version_before_is_absorbed(world_of: WorldOf, before: bytes, raw: bytes) -> None:
    """It was on its way while the profile was brought up: it leads to what one of today leads to."""
    found = []
    for state in (before, raw):
        world = world_of()
        record = {"kind": "absorb", "id": "l", "person": "u:ana", "from_person": "a:b", "state": orjson.loads(state)}
        assert world.raw("profile.self", orjson.dumps(record)).rejects == ()
        with world.changed() as person:
            person.size = 0  # it bounds what came, which was written in more bytes
        found.append(world.persons.raw["u:ana"])
    assert found[0] == found[1]


def _leaves(value: Any) -> list[Any]:
    match value:
        case dict():
            return [leaf for part in value.values() for leaf in _leaves(part)]
        case list():
            return [leaf for part in value for leaf in _leaves(part)]
        case _:
            return [value]


@pytest.mark.parametrize("version", [0, 3])
def test_person_of_a_later_version_is_refused(version: Any) -> None:
    """Who does not know a shape would write it to pieces: the worker ends, and says which version to start."""
    with pytest.raises(ValueError, match=r"expected a stored person of version 1 or 2; came one of"):
        decode(orjson.dumps({"v": version, "events": 3}))


def test_person_of_a_stored_value_goes_on(world: World) -> None:
    """What was stored counts, and what comes is added."""
    raw = max(BEFORE, key=len)
    richest, world.persons.raw["u:ana"] = orjson.loads(raw), raw
    world.take(world.event(path="/blog/seo/x"))
    assert world.person().events == richest["n"] + 1
    assert world.person().attribution.took == richest["took"]


def test_persons_of_two_versions_merge() -> None:
    """One is linked to the other while the profile is brought up."""
    first, second = decode(BEFORE[0]), decode(VALUES[0])
    for person in (first, second):
        merge(person, decode(BEFORE[1]), "a:b", 1e9)
    assert encode(first) == encode(second)


@pytest.mark.parametrize("values", [BEFORE, VALUES])
def test_whom_a_recovery_passes_over_waits_for_nothing(values: list[bytes]) -> None:
    """It decodes those alone whose bytes hold something that may wait."""
    passed = [raw for raw in values if not may_wait(raw)]
    assert 0 < len(passed) < len(values)
    assert [dues(decode(raw)) for raw in passed] == [None] * len(passed)
