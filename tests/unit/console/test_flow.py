"""The pipeline's snapshot by what the broker and the archive said: rates, lags, states, endings, letters, prices."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas import groups, topics
from schemas.aside import Aside
from schemas.control import SwitchSet
from services.console.core import flow
from services.console.core.flow import Ended, Letter, Sample, Snapshot, Told, recent, snapshot
from services.console.core.held import Held
from services.console.core.parts import PARTS
from services.console.core.picture import CARRIED, Picture, tall, wide
from services.console.core.values import Act
from services.console.core.words import known, rate_words, state_tone, state_words
from services.console.pipeline import lay_by
from services.runtime.outcome import Message

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
GROUP = "kindling.composer"
SPOT = ("recommendations", 0)


def _sample(second: int, end: int, place: int | None, **changes: Any) -> Sample:
    """One partition of recommendations, and how far composer has come."""
    places = {} if place is None else {GROUP: {SPOT: place}}
    return Sample(NOW + timedelta(seconds=second), {SPOT: end}, places, **changes)


def _composer(found: Snapshot) -> flow.Stage:
    return next(stage for stage in found.stages if stage.name == "composer")


@pytest.mark.parametrize(
    ("samples", "state", "lag", "rate"),
    [
        ([], "unknown", None, None),
        ([_sample(0, 9, None)], "unknown", None, None),
        ([_sample(0, 9, 9)], "idle", 0, None),
        ([_sample(0, 9, 9), _sample(10, 9, 9)], "idle", 0, 0.0),
        ([_sample(0, 9, 8), _sample(10, 9, 8, markers=frozenset({(GROUP, SPOT)}))], "idle", 0, 0.0),
        ([_sample(0, 9, 5), _sample(10, 29, 29)], "working", 0, 2.4),
        ([_sample(0, 9, 5), _sample(10, 29, 15)], "behind", 14, 1.0),
        ([_sample(0, 9, 5), _sample(10, 20, 15)], "working", 5, 1.0),
        ([_sample(0, 9, 5), _sample(4, 29, 5)], "behind", 24, 0.0),
        ([_sample(0, 9, 5), _sample(10, 29, 5)], "still", 24, 0.0),
        ([_sample(0, 9, 5)], "behind", 4, None),
        ([_sample(0, 90, 90), _sample(10, 5, 5)], "idle", 0, 0.0),
    ],
)
def test_state_follows_from_what_waits_and_what_moves(
    samples: list[Sample], state: str, lag: int | None, rate: float | None
) -> None:
    """Who has work and takes none for ten seconds stands still; a few seconds of it are under way; marks are none."""
    found = _composer(snapshot(NOW, samples, Told()))
    assert (found.state, found.lag, found.rate) == (state, lag, rate)


def test_rate_of_a_topic_is_what_it_grew_by() -> None:
    """Over the half minute that is looked at; older samples do not count."""
    samples = [_sample(second, end, 0) for second, end in ((-40, 0), (-20, 50), (0, 90))]
    assert recent(samples, NOW) == tuple(samples[1:])
    rates = snapshot(NOW, recent(samples, NOW), Told()).rates
    assert (rates["recommendations"], rates["events.raw"]) == (2.0, 0.0)


def test_endings_rungs_and_prices_go_to_the_stage_that_made_them() -> None:
    """In the order of the flow, the most frequent first; copy and second reading are the composer's."""
    day = (
        Act("end", ("composer", "sent", "composed"), 30), Act("end", ("profile", "waiting", "cap_reached"), 2),
        Act("end", ("profile", "not_asked", "no_consent"), 7), Act("end", ("later", "sent", "x"), 1),
        Act("asked", ("job+imagine",), 30, 900), Act("asked", ("copy",), 30, 70), Act("asked", ("reader",), 30, 5),
    )  # fmt: skip
    hour = (
        Act("end", ("composer", "sent", "composed"), 3), Act("rung", ("copy", "template"), 1),
        Act("rung", ("copy", "llm"), 2), Act("rung", ("pick", "llm"), 3), Act("asked", ("copy",), 3, 7),
    )  # fmt: skip
    found = snapshot(NOW, [], Told(hour, day))
    assert found.endings == (
        Ended("profile", "not_asked", "no_consent", 0, 7), Ended("profile", "waiting", "cap_reached", 0, 2),
        Ended("composer", "sent", "composed", 3, 30), Ended("later", "sent", "x", 0, 1),
    )  # fmt: skip
    stages = {stage.name: stage for stage in found.stages}
    assert stages["composer"].rungs == (("copy", "llm", 2), ("copy", "template", 1))
    assert stages["recommender"].rungs == (("pick", "llm", 3),)
    assert [(each.cost_hour, each.cost_day) for each in stages.values()] == [(0, 0), (0, 0), (0, 900), (7, 75), (0, 0)]
    assert (stages["composer"].ended_hour, stages["profile"].ended_day) == (3, 9)


def test_letters_are_counted_by_stage_and_the_newest_are_shown() -> None:
    """Of the last hour apart; where only the newest were looked at, that is said."""
    letters = tuple(Letter(NOW - timedelta(minutes=10 * number), "ingest", "undecodable", "x") for number in range(12))
    found = snapshot(NOW, [_sample(0, 1, 1, letters=letters, cut=frozenset({"ingest"}))], Told())
    assert found.letters == letters[: flow.MOST_LETTERS]
    assert (found.stages[0].letters_hour, found.stages[0].letters_day, found.stages[0].is_cut) == (7, 12, True)
    assert not found.stages[1].is_cut


def test_what_is_set_aside_is_counted_from_its_pointers() -> None:
    """The last word of each record stands, its end takes it away; anything else belongs to the archive."""
    held, batch = Held(), list[Message]()
    pointers = [
        Aside(topic="kindling.recommendations.v1", partition=0, offset=each, due=NOW, tries=1, reason="x",
              since=NOW - timedelta(hours=each)) for each in (1, 2)
    ]  # fmt: skip
    for pointer in pointers:
        lay_by(Message(topics.ASIDE_COMPOSER, 0, 0, pointer.key.encode(), pointer, 0), batch, held)
    stage = _composer(snapshot(NOW, [], Told(held=held)))
    assert (stage.aside, stage.aside_oldest) == (2, NOW - timedelta(hours=2))
    for key in (pointers[1].key.encode(), b"unknown", None):
        lay_by(Message(topics.ASIDE_COMPOSER, 0, 0, key, None, 0), batch, held)
    lay_by(Message(topics.ASIDE_CONNECTOR, 0, 0, b"unknown", None, 0), batch, held)
    stage = _composer(snapshot(NOW, [], Told(held=held)))
    assert (stage.aside, stage.aside_oldest, batch) == (1, NOW - timedelta(hours=1), [])
    decisions = Message(topics.DECISIONS, 0, 0, b"u:1|x", None, 0)
    lay_by(decisions, batch, held)
    assert batch == [decisions]


def test_pause_holds_composer_and_connector_alone() -> None:
    """Whatever waits before them; the others get on. The page says who, since when and why."""
    held, batch = Held(), list[Message]()
    said = SwitchSet(switch="mail", is_paused=True, at=NOW, by="ana", why="a wrong price")
    lay_by(Message(topics.CONTROL, 0, 0, b"mail", said, 0), batch, held)
    found = snapshot(NOW, [_sample(0, 9, 5)], Told(held=held))
    assert {stage.name: stage.state for stage in found.stages} == {
        "ingest": "unknown", "profile": "unknown", "recommender": "unknown", "composer": "paused",
        "connector": "paused",
    }  # fmt: skip
    assert found.paused == "By ana, since 12:00 UTC on 3 November: a wrong price"
    held.switch(b"mail", "no JSON")
    assert "cannot be read" in snapshot(NOW, [], Told(held=held)).paused
    lay_by(Message(topics.CONTROL, 0, 0, b"mail", None, 0), batch, held)
    assert (snapshot(NOW, [], Told(held=held)).paused, batch) == ("", [])


def test_first_day_is_empty() -> None:
    """Until something waits, moves or has ended."""
    assert snapshot(NOW, [_sample(0, 0, 0)], Told()).is_empty
    assert not snapshot(NOW, [_sample(0, 4, 0)], Told()).is_empty
    assert not snapshot(NOW, [_sample(0, 0, 0), _sample(9, 9, 9)], Told()).is_empty
    assert not snapshot(NOW, [], Told(day=(Act("end", ("a", "b", "c"), 1),))).is_empty


def test_groups_are_those_of_the_table() -> None:
    """The page would show nothing of a group that it does not know."""
    assert [each for part in PARTS for each in part.groups] == [(each.name, each.topics) for each in groups.ALL]


def test_topics_are_those_that_the_table_gives_the_stage() -> None:
    """Each stage's group reads topics that name it as their reader."""
    for part in PARTS:
        assert all(part.name in topic.readers for _, read in part.groups for topic in read)
        assert part.aside is None or part.name in part.aside.makers


@pytest.mark.parametrize("picture", [wide(), tall()], ids=lambda picture: picture.kind)
def test_picture_has_every_stage_and_topic_inside_its_frame(picture: Picture) -> None:
    """Boxes do not touch each other, arrows join two of them, and labels stand beside their arrow."""
    assert {box.name for box in picture.boxes} == {"people", *(part.name for part in PARTS)}
    for box in picture.boxes:
        assert 0 <= box.x < box.x + box.width <= picture.width
        assert 0 <= box.y < box.y + box.height <= picture.height
    apart = [
        (a.name, b.name)
        for a in picture.boxes
        for b in picture.boxes
        if a is not b
        if a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
    ]
    assert apart == []
    named = {label.topic for arrow in picture.arrows for label in arrow.labels}
    assert named == {topic for carried in CARRIED.values() for topic in carried} - (
        {"mail"} if picture.kind == "tall" else set()
    )
    assert all(0 < label.y < picture.height for arrow in picture.arrows for label in arrow.labels)


def test_words_of_figures_and_states() -> None:
    """What nobody knows is a dash; a state of a later version is shown readably."""
    assert [rate_words(each) for each in (None, 0.0, 0.04, 9.96, 1234.5)] == [
        "\N{EN DASH}",
        "0/s",
        "0.0/s",
        "10.0/s",
        "1,234/s",
    ]
    assert (known(None), known(1234)) == ("\N{EN DASH}", "1,234")
    assert (state_words("still"), state_tone("still")) == ("stands still", "warn")
    assert (state_words("half_asleep"), state_tone("half_asleep")) == ("half asleep", "plain")
