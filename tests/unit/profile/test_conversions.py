"""What became of each conversion adds up, and what waits is known by age."""

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY

from services.profile import metrics, pipeline
from services.profile.adapters.waiting_gauge import show_waiting
from services.profile.core.reasons import Became, Count
from services.profile.core.waiting import AGES, Waiting, by_age, oldest_s
from tests.unit.profile.conftest import PLAYBOOKS, World, WorldOf

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 1_795_500_000_000


def _words(world: World) -> dict[str, int]:
    return {each.word: world.counts[each] for each in Became if each in world.counts}


def _gauge(age: str) -> float | None:
    return REGISTRY.get_sample_value("kindling_profile_waiting_triggers", {"age": age})


def test_a_conversion_that_is_folded_has_one_of_four_words(world: World) -> None:
    """Opened, joined, ended at once, or entered by no playbook; only the first is counted as opened."""
    world.take(
        world.guide(), world.guide(), world.guide(time_ms=world.now - 2 * DAY), world.guide(name="Webinar Registered")
    )
    assert _words(world) == {"opened": 1, "joined": 1, "ended": 1, "no_playbook": 1}
    assert world.counts[Count.OPENED] == 1


def test_of_several_playbooks_the_first_word_stands(world_of: WorldOf) -> None:
    """What opens one and joins another is opened: each conversion counts once."""
    guide, trial, _ = PLAYBOOKS
    world = world_of(guide, {**trial, "entry": ["Trial Started", "Guide Downloaded"]})
    world.take(world.guide(name="Trial Started"), world.guide(), world.guide())
    assert _words(world) == {"opened": 2, "joined": 1}


def _many(number: int) -> dict[str, Any]:
    return {**PLAYBOOKS[0], "name": f"p{number:02}", "purpose": f"p{number:02}", "entry": [f"Entry {number:02}"]}


def test_eight_triggers_wait_at_most(world_of: WorldOf) -> None:
    """A ninth purpose ends where its conversion came: what a link carries has room for eight, and so has a state."""
    world = world_of(*map(_many, range(9)))
    world.take(*(world.guide(name=f"Entry {number:02}") for number in range(9)))
    assert _words(world) == {"opened": 8, "ended": 1}
    assert [(each.reason, each.trigger.purpose) for each in world.sent] == [("cap_reached", "p08")]
    assert sorted(world.person("u:ana").triggers.by_purpose) == [f"p{number:02}" for number in range(8)]


def test_link_leaves_the_eight_triggers_that_were_opened_first(world_of: WorldOf) -> None:
    """Whichever person held them; the others end, and none is lost without a record."""
    world = world_of(*map(_many, range(12)))
    world.take(*(world.guide(name=f"Entry {number:02}", person="a:b") for number in range(8)))
    world.now += 1
    world.take(*(world.guide(name=f"Entry {number:02}") for number in range(4, 12)))
    world.take(world.event("linked", person="a:b", link="u:ana"))
    world.loop()
    waits = world.person("u:ana").triggers.by_purpose
    assert {purpose: each.opened_ms for purpose, each in waits.items()} == {
        f"p{number:02}": world.now - 1 for number in range(8)
    }
    ended = [(each.reason, each.trigger.purpose) for each in world.sent]
    assert sorted(ended) == [
        *(("cap_reached", f"p{number:02}") for number in range(8, 12)),
        *(("purpose_taken", f"p{number:02}") for number in range(4, 8)),
    ]


def test_what_is_not_folded_is_named_too(world: World) -> None:
    """A repeat by id or coordinates, a machine's, a broken one, one that is sent on; other events have no word."""
    first = world.guide()
    world.take(first, {**first, "at": ["events.raw", 9, 9, 0]}, first, world.guide(bot=True), world.guide(time_ms=-1))
    link = world.event("linked", person="a:b", link="u:ana")
    world.take(link, world.guide(person="a:b"), world.event(time_ms=-1), world.event(bot=True))
    assert _words(world) == {"opened": 1, "repeat": 2, "bot": 1, "rejected": 1, "rekeyed": 1}
    world.loop()
    assert _words(world) == {"opened": 1, "joined": 1, "repeat": 2, "bot": 1, "rejected": 1, "rekeyed": 1}


def test_a_broken_record_of_our_own_is_a_conversion_lost(world: World) -> None:
    """It is in the dead letters, and in the sum; a broken state is none."""
    for record in (
        {"kind": "rekey", "id": "1", "person": "u:1", "from_person": "a:1", "event": world.guide(time_ms=-1)},
        {"kind": "absorb", "id": "1", "person": "x", "from_person": "a:1", "state": {}},
    ):
        world.raw("profile.self", orjson.dumps(record))
    assert _words(world) == {"rejected": 1}


BAD: dict[str, Any] = {"at": None}  # what no reader takes


def test_a_bad_event_costs_itself_and_not_its_neighbours(world: World) -> None:
    """A pack has up to 199 others: they are folded in their order, and the dead letter holds the pack's bytes."""
    first, last = world.event(path="/blog/seo/x"), world.guide()
    bad = [world.guide(**BAD), world.event(**BAD), "no event"]
    step = world.take(first, *bad, last)
    assert world.person().events == 2
    assert _words(world) == {"opened": 1, "rejected": 1}
    assert world.counts["undecodable"] == 3
    assert {each.input.raw for each in step.rejects} == {orjson.dumps({"v": 1, "events": [first, *bad, last]})}
    assert step.rejects[0].detail.startswith("event 1: ")
    assert world.checkpoint["sources"]["events.raw/0"][0] == last["at"][2]


def test_an_event_that_is_nested_without_end_is_a_bad_one(world: World) -> None:
    """Deeper than a JSON library writes; its neighbour is folded."""
    pack = orjson.dumps({"v": 1, "events": [world.guide(), {"kind": "conversion", "deep": "HERE"}]})
    step = world.raw("events.clean", pack.replace(b'"HERE"', b"[" * 400 + b"]" * 400))
    assert len(step.rejects) == 1
    assert _words(world) == {"opened": 1, "rejected": 1}


def test_a_pack_that_is_longer_than_packs_are_is_taken_apart(world: World) -> None:
    """Nothing of it is worth losing."""
    world.take(*(world.event() for _ in range(201)))
    assert (world.person().events, world.counts.get("rejected")) == (201, None)


def test_what_no_record_can_hold_is_our_bug(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A further kind of item that the pipeline forgot is not passed over."""
    odd: Any = SimpleNamespace(person="u:ana")
    monkeypatch.setattr(pipeline, "held", lambda *_: [odd])
    with pytest.raises(AssertionError):
        world.take(world.event())


def test_of_what_cannot_be_read_conversions_are_counted_by_the_kind_they_name(world: World) -> None:
    """Of another format and of a record of our own; of what is no JSON, or holds none, nobody knows."""
    pack = {"v": 2, "events": [world.guide(), world.event(), 7]}
    rekey = {"kind": "rekey", "id": "1", "person": "u:1", "from_person": "a:1", "event": world.guide(**BAD)}
    for topic, record, rejected in (
        ("events.clean", orjson.dumps(pack), 1), ("profile.self", orjson.dumps(rekey), 2),
        ("events.clean", b"\x00\x00\x00\x00\x07" + orjson.dumps(pack), 3), ("events.clean", b"[", 3),
        ("events.clean", None, 3), ("events.clean", b'{"v":1,"events":[]}', 3), ("profile.self", b"[]", 3),
        ("events.clean", b'{"v":1,"events":"none"}', 3),
    ):  # fmt: skip
        assert len(world.raw(topic, record).rejects) == 1
        assert _words(world) == {"rejected": rejected}
    assert world.persons.raw == {}


def test_a_conversion_of_an_erased_person_ended_or_entered_none(world: World) -> None:
    """It has its word as any other; nothing of it is folded."""
    world.take(world.event("privacy", name="erase", trusted=True, privacy="erase"))
    world.take(world.guide(), world.guide(name="Webinar Registered"), world.event())
    assert _words(world) == {"ended": 1, "no_playbook": 1}
    assert world.counts["after_erasure"] == 3


def test_conversions_have_a_metric_of_their_own() -> None:
    """Each word is there before the first of it came."""
    name = "kindling_profile_conversions_total"
    assert all(REGISTRY.get_sample_value(name, {"became": each.word}) is not None for each in Became)
    before = REGISTRY.get_sample_value(name, {"became": "joined"}) or 0
    metrics.count({Became.JOINED: 2, Count.FOLDED: 1})
    assert REGISTRY.get_sample_value(name, {"became": "joined"}) == before + 2
    assert REGISTRY.get_sample_value("kindling_profile_outcomes_total", {"reason": "conversion_joined"}) is None


def _aged(*ages: int) -> list[int]:
    return [NOW - age for age in ages]


def test_what_waits_is_counted_by_age() -> None:
    """Every bucket is told; a person's new value replaces the former, and who waits for nothing takes no room."""
    one, two = Waiting(), Waiting()
    one.put("u:ana", _aged(0, 2 * HOUR))
    two.put("u:bo", _aged(2 * HOUR, 9 * DAY))
    two.put("u:eve", ())
    assert by_age([one, two], NOW) == {"0-1h": 1, "1h-6h": 2, "6h-1d": 0, "1d-7d": 0, "7d-": 1}
    assert 9 * 86_400 <= oldest_s([one, two], NOW) < 9 * 86_400 + 60
    one.put("u:ana", _aged(2 * HOUR, 2 * HOUR))
    one.put("u:ana", _aged(2 * HOUR))
    two.put("u:bo", ())
    assert by_age([one, two], NOW) == {"0-1h": 0, "1h-6h": 1, "6h-1d": 0, "1d-7d": 0, "7d-": 0}
    one.put("u:ana", ())
    assert (one, two) == (Waiting(), Waiting())
    assert oldest_s([one, two], NOW) == 0


def test_the_gauges_are_there_from_the_start() -> None:
    """At 0 while nothing is owned; then they tell of what is held at that moment."""
    held: list[Waiting] = []
    show_waiting(lambda: held)
    assert [_gauge(age) for age in AGES] == [0] * len(AGES)
    assert REGISTRY.get_sample_value("kindling_profile_oldest_waiting_trigger_seconds") == 0
    held.append(Waiting())
    held[0].put("u:ana", (0,))
    assert _gauge("7d-") == 1
    assert (REGISTRY.get_sample_value("kindling_profile_oldest_waiting_trigger_seconds") or 0) > 1e9
    held.clear()
    assert _gauge("7d-") == 0
