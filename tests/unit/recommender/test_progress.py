"""How far an index is behind is told while it is."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from prometheus_client import REGISTRY

from services.recommender.adapters.index.progress import EVERY_S, Clocks, Progress
from services.recommender.core.retrieval.documents import words_only


@dataclass
class Time:
    """Seconds by the clock and of CPU, moved by hand."""

    now_s: float = 0.0
    cpu_s: float = 0.0


@dataclass
class Told:
    """A progress, its clocks, and what it told last."""

    progress: Progress
    time: Time
    said: list[Mapping[str, int | float | str]]


@pytest.fixture
def told() -> Told:
    """A progress whose time stands still."""
    time, said = Time(), list[Mapping[str, int | float | str]]()
    return Told(Progress(said.append, Clocks(lambda: time.now_s, lambda: time.cpu_s)), time, said)


def _metric(name: str) -> float | None:
    return REGISTRY.get_sample_value(f"kindling_recommender_index_{name}_courses")


def test_a_line_every_ten_seconds_says_how_it_gets_on(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    """Courses done and left, CPU of each, seconds for the rest; a last one when nothing is left."""
    with caplog.at_level(logging.INFO):
        told.progress.due(100, {})
        told.progress.embedding()
        for _ in range(4):
            told.time.now_s += EVERY_S / 2
            told.time.cpu_s += EVERY_S / 4
            told.progress.written(20, {})
            told.progress.embedding()
            told.progress.embedded(20)
        told.progress.whole({})
    lines = [(each.message, each.__dict__) for each in caplog.records]
    assert [(name, of["done"], of["left"], of["cpu_ms_a_course"], of["left_s"]) for name, of in lines] == [
        ("index fills", 40, 60, 125.0, 15.0),
        ("index fills", 80, 20, 125.0, 5.0),
        ("index whole", 80, 0, 125.0, 0.0),
    ]


def test_what_is_done_at_once_has_no_line(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    """One course that changed is no news."""
    with caplog.at_level(logging.INFO):
        told.progress.due(1, {})
        told.progress.embedding()
        told.progress.written(1, {})
        told.progress.embedded(1)
        told.progress.whole({"a": "1"})
    assert caplog.records == []


def test_what_is_behind_is_told_and_measured(told: Told) -> None:
    """Courses still to do, and those that words alone find; nothing once there are none."""
    held = {"a": "1", "b": words_only("2"), "c": words_only("3")}
    told.progress.due(3, held)
    assert told.said[-1] == {"behind": 3, "without_vector": 2}
    told.progress.written(1, held)
    assert told.said[-1] == {"behind": 2, "without_vector": 2}
    assert [_metric(each) for each in ("behind", "without_vector")] == [2.0, 2.0]
    assert REGISTRY.get_sample_value("kindling_recommender_index_courses") == 3.0
    told.progress.whole({"a": "1", "b": "2", "c": "3"})
    assert told.said[-1] == {}
    assert [_metric(each) for each in ("behind", "without_vector")] == [0.0, 0.0]


def test_why_it_does_not_get_on_is_told_until_it_does(told: Told) -> None:
    """With how many courses are behind; the time it stood still is not counted in its pace."""
    told.progress.due(10, {})
    told.progress.embedding()
    told.progress.stuck("the store is away")
    assert told.said[-1] == {"behind": 10, "reason": "the store is away"}
    told.time.now_s += 3_600
    told.progress.due(10, {})
    told.progress.embedding()
    told.time.now_s += 1
    told.progress.embedded(5)
    told.progress.written(5, {})
    assert told.said[-1] == {"behind": 5, "without_vector": 0, "cpu_ms_a_course": 0.0, "left_s": 1.0}


def test_a_course_for_which_no_vector_came_stays_told(told: Told) -> None:
    """The index is as whole as it can be, and says what is missing."""
    told.progress.due(1, {})
    told.progress.whole({"odd": words_only("1")})
    assert told.said[-1] == {"behind": 0, "without_vector": 1}
