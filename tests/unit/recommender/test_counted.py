"""The lanes that count what people did."""

from schemas.standing import CourseRow, TopicRow
from services.recommender.core.course_statistics import NEUTRAL, CourseStatistics
from services.recommender.core.retrieval.cooccurrence import history_topics, together_scores, topic_scores


def test_an_older_course_speaks_less_for_its_partners() -> None:
    """Counts are divided by how many courses ago it was; what she has is left out."""
    rows = (CourseRow(course_id="a", partners={"b": 4, "x": 3}), CourseRow(course_id="b", partners={"a": 4, "x": 2}))
    statistics = CourseStatistics({each.course_id: each for each in rows})
    assert together_scores(["a", "b"], {"a", "b"}, statistics) == {"x": 3 / 1 + 2 / 2}


def test_only_the_last_thirty_courses_speak() -> None:
    """The thirty-first is not asked."""
    statistics = CourseStatistics({"old": CourseRow(course_id="old", partners={"x": 9})})
    history = [f"c{number}" for number in range(30)]
    assert together_scores([*history, "old"], (), statistics) == {}
    assert together_scores([*history[1:], "old"], (), statistics) == {"x": 9 / 30}


def test_topics_of_four_courses_count_ever_less() -> None:
    """Σ .7^r of those that have the topic; a fifth course says nothing."""
    weights = history_topics([("seo",), ("seo", "crm"), (), ("crm",), ("late",)])
    assert weights == {"seo": 1 + 0.7, "crm": 0.7 + 0.7**3}


def test_what_followed_a_topic_is_a_share_of_all_that_did() -> None:
    """Weight · following / (total + 20), summed over topics."""
    topics = {
        "seo": TopicRow(topic="seo", total=20.0, following={"a": 8.0, "b": 4.0}),
        "crm": TopicRow(topic="crm", total=0.0, following={"a": 2.0}),
    }
    scores = topic_scores({"seo": 1.0, "crm": 0.5, "new": 1.0}, {"b"}, CourseStatistics({}, topics))
    assert scores == {"a": 8 / 40 + 0.5 * 2 / 20}
    assert topic_scores({"seo": 1.0}, (), NEUTRAL) == {}
