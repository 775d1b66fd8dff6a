"""catalog.standing as every recommender holds it."""

from typing import Any

from schemas.standing import CourseRow, FollowingRow, PartnersRow, TopicRow, row_key
from schemas.topics import CATALOG_STANDING
from services.recommender.adapters.catalogue.statistics_table import StatisticsTable
from services.runtime.outcome import Message


def _message(event: Any, key: str | None = None) -> Message:
    name = row_key(event) if key is None else key
    return Message(CATALOG_STANDING, 0, 0, name.encode(), event, 0)


def test_the_latest_row_of_each_course_and_topic_is_held() -> None:
    """Rows that only the fold needs are left out; the keys do not meet."""
    table = StatisticsTable()
    for row in (
        CourseRow(course_id="seo", events=1),
        CourseRow(course_id="seo", events=2),
        PartnersRow(course_id="seo", partners={"b": 1}),
        TopicRow(topic="seo", total=1.0, following={"a": 1.0}),
        FollowingRow(topic="seo", following={"b": 1.0}),
    ):
        table.apply(_message(row))
    assert table.current.events("seo") == 2
    assert table.current.together("seo") == {}
    assert table.current.after("seo") == (1.0, {"a": 1.0})


def test_a_tombstone_takes_the_row_away() -> None:
    """Of its kind alone; one of a row that is not held is no matter."""
    table = StatisticsTable()
    table.apply(_message(CourseRow(course_id="seo", events=1)))
    table.apply(_message(TopicRow(topic="seo", total=1.0)))
    table.apply(_message(None, "partners:seo"))
    table.apply(_message(None, "topic:seo"))
    assert (table.current.events("seo"), table.current.after("seo")[0]) == (1, 0.0)
    table.apply(_message(None, "course:seo"))
    assert table.current.events("seo") == 0
