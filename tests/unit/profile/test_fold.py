"""What events do to a person's state."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from msgspec import Raw

from services.profile.adapters.faust_gap import refuse_strangers
from services.profile.core.person import Person
from services.profile.pipeline import Input, decode, encode
from services.runtime.errors import Ended, Status
from tests.profile_values import signal
from tests.unit.profile.conftest import World

DAY = 86_400_000


def test_a_page_adds_to_its_topic(world: World) -> None:
    """The topic in the path gets the rule's weight; the page is a telling signal."""
    world.take(world.event(path="/blog/seo/maps", title="Maps"))
    person = world.person()
    assert list(person.interests.by_key) == ["topic:seo"]
    read = signal(world.now, topics=["seo"], weight=0.5, speaker="known_browser")
    assert person.signals.rows == {"read|Maps": read}


def test_a_repeated_message_changes_nothing(world: World) -> None:
    """A client that sends an event twice is counted once, whatever the coordinates."""
    event = world.event(path="/blog/seo/maps")
    world.take(event)
    once = world.persons.raw["u:ana"]
    world.take({**event, "at": ["events.raw", 0, 99, 0]})
    assert world.persons.raw["u:ana"] == once
    assert world.counts["repeat_id"] == 1


def test_a_record_packed_twice_is_skipped_by_its_coordinates(world: World) -> None:
    """What a crash of ingest packs again lies at or below its source's last coordinates."""
    first, second = world.event(at=["events.raw", 0, 7, 0]), world.event(at=["events.raw", 0, 7, 1])
    world.take(first, second)
    world.take({**first, "id": "other"}, {**second, "id": "else"}, world.event(at=["events.raw", 1, 0, 0]))
    assert (world.person().events, world.counts["repeat_coordinates"]) == (3, 2)
    now = world.now
    assert world.checkpoint["sources"] == {"events.raw/0": [7, 1, now], "events.raw/1": [0, 0, now]}


@pytest.mark.parametrize(
    ("stamped", "later_ms", "is_other"),
    [({"events.raw"}, 60_001, True), ({"events.raw"}, 60_000, False), (set(), 86_400_000, False)],
)
def test_a_younger_record_at_an_applied_place_is_of_another_log(
    world: World, stamped: set[str], later_ms: int, *, is_other: bool
) -> None:
    """A topic made anew begins at 0 again: not skipped without a word, where its times are the broker's."""
    world.rules = replace(world.rules, stamped=frozenset(stamped))
    world.take(world.event(at=["events.raw", 0, 7, 0], received_ms=world.now))
    step = world.take(world.event(at=["events.raw", 0, 0, 0], received_ms=world.now + later_ms))
    assert step.strangers == (("events.raw/0",) if is_other else ())
    assert world.counts["repeat_coordinates"] == 1
    if is_other:
        with pytest.raises(Ended, match=r"events\.raw/0.*KINDLING_PROFILE_MADE_ANEW=events\.raw to") as ended:
            refuse_strangers(step, is_accepted=True)
        assert ended.value.status is Status.GAP
    else:
        refuse_strangers(step, is_accepted=False)


def test_of_a_source_made_anew_places_are_neither_judged_nor_kept(world: World) -> None:
    """Packs of its old log may wait before those of the new one, which may be dated by nobody or a moment ago."""
    world.rules = replace(world.rules, made_anew=frozenset({"events.raw"}))
    old, new = world.event(at=["events.raw", 0, 5000, 0]), world.event(at=["events.raw", 0, 0, 0])
    step = world.take(old, new, new, world.event(at=["conversions.raw", 0, 3, 0]))
    assert (world.person().events, world.counts["repeat_id"], step.strangers) == (3, 1, ())
    assert world.checkpoint["sources"] == {"conversions.raw/0": [3, 0, world.now]}
    world.rules = replace(world.rules, made_anew=frozenset())
    world.take(world.event(at=["events.raw", 0, 1, 0]))
    assert world.checkpoint["sources"]["events.raw/0"] == [1, 0, world.now]


def test_a_record_below_its_offset_is_skipped_whole(world: World) -> None:
    """The checkpoint is part of the state: a redelivered pack leads to nothing."""
    world.take(world.event())
    world.checkpoint["offsets"]["events.clean"] = 5
    step = world.step(*[])
    assert (step.values, step.sends) == ({}, ())
    before = world.person().events
    world.checkpoint["offsets"]["events.clean"] = 9
    step = world.step(Input("events.clean", 0, 9, world.now, None, b"anything"))
    assert (step.values, step.rejects, step.counts) == ({}, (), {"repeat_record": 1})
    assert before == 1


def test_a_record_below_its_offset_that_is_younger_than_all_applied_is_of_another_log(world: World) -> None:
    """A topic made anew under a running worker begins at 0 again: 76, where it was skipped as a repeat.

    Nothing that was applied is younger than the youngest applied, whoever dated it.
    """
    old = [Input("events.clean", 0, offset, world.now - age, None, b"") for offset, age in ((7, 0), (8, 90_000))]
    world.keep(world.step(*old))
    assert world.checkpoint["last"] == {"events.clean": [8, world.now - 90_000, world.now]}
    assert world.step(*old).strangers == ()
    new = Input("events.clean", 0, 0, world.now + 1, None, orjson.dumps({"v": 1, "events": [world.event()]}))
    step = world.step(new)
    assert (step.strangers, step.values, step.checkpoint) == (("events.clean/0",), {}, world.checkpoint)
    with pytest.raises(Ended, match=r"events\.clean/0.*ACCEPT_GAP") as ended:
        refuse_strangers(step, is_accepted=False)
    assert ended.value.status is Status.GAP
    world.rules = replace(world.rules, accepts_gap=True)
    step = world.step(new, new)
    assert (decode(step.values["u:ana"]).events, step.counts["repeat_record"]) == (1, 1)
    assert step.checkpoint["last"] == {"events.clean": [0, world.now + 1, world.now + 1]}


def test_a_bot_leaves_no_trace(world: World) -> None:
    """What a machine does says nothing of a person."""
    world.take(world.event(bot=True, path="/blog/seo/maps"))
    assert world.persons.raw == {}


def test_an_unknown_page_speaks_by_title_and_path(world: World) -> None:
    """Keywords betray the topic; a page without any says nothing."""
    world.take(world.event(path="/x/sitemap-basics"), world.event(title="About us", path="/about"))
    assert list(world.person().interests.by_key) == ["topic:seo"]
    assert world.person().signals.rows["page|/x/sitemap-basics"].weight == 0.2


def test_a_rule_without_topics_takes_them_from_the_words(world: World) -> None:
    """A course page is an item, and its title tells the topic."""
    world.take(world.event(path="/courses/c1/", title="Newsletter basics"))
    assert sorted(world.person().interests.by_key) == ["item:c1", "topic:email"]


def test_the_first_rule_that_matches_counts(world: World) -> None:
    """`where` must hold for every property, numbers and truths as JSON writes them."""
    paid = {"plan": "pro", "seats": 3, "trial": True}
    world.take(
        world.event("track", name="Paid", properties=paid),
        world.event("track", name="Paid", properties={"plan": "free", "seats": [1]}),
        world.event("track", name="Paid", properties={"plan": None}),
        world.event(name="Paid", path="/newsletter", properties={"plan": "none"}),
        world.event(name="Pricing", path="/local-search"),
        world.event("track", name="Unheard"),
    )
    kinds = {key.partition("|")[0] for key in world.person().signals.rows}
    assert kinds == {"paid", "free", "page", "pricing"}


def test_a_rule_of_no_weight_hides_what_it_matches(world: World) -> None:
    """Careers and legal pages say nothing of what to learn."""
    world.take(world.event(path="/legal"), world.event(path="/legal/newsletter"), world.event(path="/files-a/b"))
    assert list(world.person().interests.by_key) == ["topic:crm"]


def test_what_is_not_interesting_lowers_an_interest(world: World) -> None:
    """A negative signal takes from the interest and is never cited."""
    world.take(world.event("track", name="Not Interested", properties={"topic": ["seo", 7, "unheard"]}))
    person = world.person()
    assert next(iter(person.interests.by_key["topic:seo"].values())) < 0
    assert person.signals.rows == {}


def test_courses_taken_and_completed_make_the_history(world: World) -> None:
    """The first time counts; a completed course is a taken one."""
    world.take(
        world.event("conversion", name="Course Enrolled", properties={"course_id": "c1"}, time_ms=world.now - 5),
        world.event("track", name="Course Enrolled", properties={"course_id": "c1"}),
        world.event("track", name="Course Completed", properties={"course_id": "c2"}),
        world.event("track", name="Course Completed"),
    )
    history = world.person().history
    assert (history.taken, history.completed) == ({"c1": world.now - 5, "c2": world.now}, {"c2": world.now})


def test_a_signal_seen_again_is_counted_and_takes_the_latest_title(world: World) -> None:
    """One row per subject; a late event does not change its title."""
    page = {"path": "/courses/c1"}
    world.take(world.event(**page, title="New"), world.event(**page, title="Old", time_ms=world.now - 9))
    seen = signal(world.now, "New", times=2, speaker="known_browser")
    assert world.person().signals.rows == {"course|c1": seen}


def test_the_least_telling_signals_are_forgotten(world: World) -> None:
    """Twenty stay, give or take the slack before they are sorted."""
    for number in range(40):
        world.take(world.event(path=f"/courses/c{number}", time_ms=world.now - number * DAY // 2))
    rows = world.person().signals.rows
    assert len(rows) <= 30
    assert "course|c0" in rows


def test_the_lightest_interests_are_forgotten(world: World) -> None:
    """At the cap the heaviest stay."""
    world.take(world.event(path="/courses/dear"), world.event(path="/courses/dear"))
    for number in range(170):
        world.take(world.event(path=f"/courses/c{number}"))
    interests = world.person().interests.by_key
    assert len(interests) <= 160
    assert "item:dear" in interests


def test_interests_older_than_two_years_are_dropped(world: World) -> None:
    """Age is taken from the newest event seen, in whichever order they come."""
    old = world.event(path="/blog/seo/x", time_ms=world.now - 800 * DAY)
    heard = world.event("feedback", name="delivered", trusted=True, time_ms=world.now - 800 * DAY,
                        feedback={"word": "delivered", "message_id": "m"})  # fmt: skip
    both = [world.event(path="/blog/crm/x", time_ms=world.now - 800 * DAY), world.event(path="/blog/crm/x")]
    world.take(old, heard, *both)
    assert list(world.person().interests.by_key) == ["topic:crm"]
    assert len(world.person().interests.by_key["topic:crm"]) == 1
    assert world.person().engagement.by_word == {}
    world.take({**old, "id": "again", "at": ["x", 0, 0, 0]}, {**heard, "id": "more", "at": ["x", 0, 1, 0]})
    assert list(world.person().interests.by_key) == ["topic:crm"]
    assert world.person().engagement.by_word == {}


def test_a_clock_that_runs_ahead_is_held_back(world: World) -> None:
    """An event of next year counts as five minutes ahead at most."""
    world.take(world.event(time_ms=world.now + 400 * DAY))
    assert world.person().newest_ms == world.now + 300_000


def test_an_enormous_profile_keeps_its_limit(world: World) -> None:
    """Whatever strangers send, a state stays within 64 KB, and the newest survives."""
    for number in range(400):
        world.take(world.event(path="/courses/" + "ü" * 96 + f"{number:03}", title="漢" * 160,
                               time_ms=world.now - (400 - number) * DAY))  # fmt: skip
    assert len(world.persons.raw["u:ana"]) <= 64 * 1024
    assert any("399" in key for key in world.person().interests.by_key)
    assert world.counts["shrunk"] > 0


def test_a_state_that_was_not_fitted_is_our_bug() -> None:
    """Encoding refuses what the changelog may not hold."""
    with pytest.raises(ValueError, match="65536"):
        encode(Person(rest={"x": Raw(b'"' + b"a" * 70_000 + b'"')}))


@pytest.mark.parametrize(
    "broken",
    [
        {"time_ms": -1}, {"received_ms": 10**15}, {"person": "u:" + "x" * 300}, {"at": ["events.raw", 0, -1, 0]},
        {"kind": "linked", "link": "x"}, {"kind": "linked"}, {"kind": "feedback"}, {"kind": "privacy"},
        {"kind": "privacy", "privacy": "erase"}, {"kind": "privacy", "privacy": "opt_out"},
        {"privacy": "erase", "trusted": True},
    ],
)  # fmt: skip
def test_an_event_that_breaks_a_rule_is_rejected_alone(world: World, broken: dict[str, Any]) -> None:
    """The record goes to the dead letters with its bytes; its other events are folded."""
    step = world.take(world.event(**broken), world.event())
    assert [each.reason for each in step.rejects] == ["broken_event"]
    assert world.person().events == 1


def test_an_event_of_nobody_is_rejected_alone(world: World) -> None:
    """Known, by an address, or anonymous: of another kind of person the topic holds nothing."""
    step = world.take(world.event(person="x:ana"), world.event())
    assert [each.reason for each in step.rejects] == ["undecodable"]
    assert world.persons.raw.keys() == {"u:ana"}


@pytest.mark.parametrize("topic", ["events.clean", "profile.self", "decisions"])
@pytest.mark.parametrize("raw", [None, b"", b"{", b'{"v":1,"events":[]}', b"\x00\x01\x02\x03\x04{}"])
def test_bytes_that_say_nothing_are_rejected(world: World, topic: str, raw: bytes | None) -> None:
    """The offset passes, the record is kept for people to look at."""
    step = world.raw(topic, raw)
    assert len(step.rejects) == 1
    assert step.checkpoint["offsets"] == {topic: 0}


@pytest.mark.parametrize(
    "record",
    [
        {"kind": "absorb", "id": "1", "person": "x", "from_person": "a:1", "state": {}},
        {"kind": "absorb", "id": "1", "person": "u:" + "x" * 300, "from_person": "a:1", "state": {}},
        {"kind": "absorb", "id": "1", "person": "u:1", "from_person": "a:" + "x" * 300, "state": {}},
        {"kind": "absorb", "id": "1", "person": "u:1", "from_person": "x", "state": {}},
    ],
)
def test_a_state_for_nobody_is_rejected(world: World, record: dict[str, Any]) -> None:
    """Only a person can absorb, and only a person."""
    assert world.raw("profile.self", orjson.dumps(record)).rejects[0].reason == "broken_event"


def test_a_late_event_that_breaks_a_rule_is_rejected(world: World) -> None:
    """The same rules hold for what comes by the second way."""
    record = {"kind": "rekey", "id": "1", "person": "u:1", "from_person": "a:1", "event": world.event(time_ms=-1)}
    assert world.raw("profile.self", orjson.dumps(record)).rejects[0].reason == "broken_event"


def test_hours_of_the_week_are_counted(world: World) -> None:
    """For send times, in UTC: Monday's first hour is 0."""
    monday = 1_795_392_000_000  # 23 November 2026, 00:00
    world.take(world.event(time_ms=monday), world.event(time_ms=monday + 1))
    assert world.person().engagement.hours == {"0": 2}
