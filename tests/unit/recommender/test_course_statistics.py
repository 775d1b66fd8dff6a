"""What everybody's behaviour says of a course."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.standing import CourseRow, FollowingRow, PartnersRow, Taken, TopicRow
from services.recommender.core.course_statistics import NEUTRAL, CourseStatistics, StatisticsView
from services.recommender.core.statistics_fold import State, fold

DAY_MS = 86_400_000
NOW_MS = 1_795_500_000_000


def _row(course_id: str, popularity: float, at_ms: int = NOW_MS, events: int = 0) -> CourseRow:
    return CourseRow(course_id=course_id, popularity=popularity, at_ms=at_ms, events=events)


def _statistics(*rows: CourseRow) -> CourseStatistics:
    return CourseStatistics({each.course_id: each for each in rows})


def test_where_nothing_is_known_the_factor_is_one() -> None:
    """Neutral statistics change no score, and nobody took anything together."""
    assert NEUTRAL.factor("a") == 1.0
    assert (NEUTRAL.share("a"), NEUTRAL.popularity("a", NOW_MS)) == (0.0, 0.0)
    assert (NEUTRAL.together("a"), NEUTRAL.after("seo"), NEUTRAL.outcomes("a", NOW_MS)) == ({}, (0.0, {}), (0.0, 0.0))


def test_popularity_counts_by_its_root() -> None:
    """A quarter as popular is about half the factor, with a floor for the unknown; all to the power of their trust."""
    statistics = _statistics(_row("a", 4.0, events=3), _row("b", 1.0, events=2))
    assert statistics.trust == pytest.approx(5 / 25)
    assert statistics.factor("a") == pytest.approx(1.05 ** (0.5 * 0.2))
    assert statistics.factor("b") == pytest.approx(0.3 ** (0.5 * 0.2))
    assert statistics.factor("c") == pytest.approx(0.05 ** (0.5 * 0.2))


def test_favour_is_a_mild_word_for_what_is_popular() -> None:
    """From .72 to 1.04 where much was taken; where nothing is popular it says nothing."""
    statistics = _statistics(_row("a", 4_000.0), _row("b", 1_000.0))
    trust = 5_000 / 5_020
    assert statistics.favour("a") == pytest.approx(1.2 ** (0.2 * trust))
    assert statistics.favour("b") == pytest.approx(0.45 ** (0.2 * trust))
    assert statistics.favour("c") == pytest.approx(0.2 ** (0.2 * trust))
    assert NEUTRAL.favour("a") == 1.0


def test_one_enrolment_moves_next_to_nothing() -> None:
    """Of two that fit alike the one that a single person took is ahead by less than two in a hundred."""
    statistics = _statistics(_row("a", 1.0, events=1))
    assert 1 < statistics.favour("a") / statistics.favour("b") < 1.02


@example([("a", 5e-324, 0), ("b", 1.0, 400)])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 50), st.integers(0, 400)), max_size=12))
def test_trust_is_by_what_is_there_now(rows: list[tuple[str, float, int]]) -> None:
    """However often rows were replaced or dropped: G / (G + 20), each popularity brought to the newest instant seen."""
    view = StatisticsView()
    for course_id, popularity, day in rows:
        view.put(_row(course_id, popularity, NOW_MS + day * DAY_MS))
    newest = max((day for _, popularity, day in rows if popularity > 0), default=0)
    last = {course_id: (popularity, day) for course_id, popularity, day in rows}
    events = sum(popularity * 0.5 ** ((newest - day) / 30) for popularity, day in last.values())
    assert view.statistics.trust == pytest.approx(events / (events + 20), abs=1e-6)
    for each in "abc":
        view.drop_course(each)
    assert view.statistics.trust == pytest.approx(0.0, abs=1e-6)


def test_popularity_of_another_day_is_brought_to_one_instant() -> None:
    """Four, thirty days before, are two; and all fall alike as time goes on."""
    statistics = _statistics(_row("a", 4.0, NOW_MS - 30 * DAY_MS), _row("b", 4.0))
    assert statistics.share("a") == pytest.approx(0.5)
    assert statistics.popularity("a", NOW_MS) == pytest.approx(2.0)
    assert statistics.popularity("b", NOW_MS + 60 * DAY_MS) == pytest.approx(1.0)


def test_rows_replace_rows() -> None:
    """The greatest is found anew when it falls or goes, and what only the fold needs is left aside."""
    view = StatisticsView()
    for row in (_row("a", 8.0), _row("b", 2.0), _row("c", 4.0), _row("a", 1.0)):
        view.put(row)
    assert view.statistics.share("c") == pytest.approx(1.0)
    view.drop_course("c")
    assert view.statistics.share("b") == pytest.approx(1.0)
    assert view.statistics.share("c") == 0.0
    view.put(PartnersRow(course_id="b", partners={"a": 1}))
    view.put(FollowingRow(topic="seo", following={"a": 1.0}))
    assert view.statistics.together("b") == {}
    view.drop_course("a")
    view.drop_course("never-there")
    view.put(_row("b", 0.0))
    assert view.statistics.factor("b") == 1.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, 0.0, 1.0, 2.0, 8.0])), max_size=20))
def test_what_is_remembered_is_what_would_be_reckoned(steps: list[tuple[str, float | None]]) -> None:
    """Whatever came, fell or went between two reads, as if all had been read at once."""
    view, held = StatisticsView(), dict[str, CourseRow]()
    for course_id, popularity in steps:
        if popularity is None:
            view.drop_course(course_id)
            held.pop(course_id, None)
        else:
            held[course_id] = _row(course_id, popularity)
            view.put(held[course_id])
        anew = _statistics(*held.values())
        for each in "abc":
            assert view.statistics.factor(each) == pytest.approx(anew.factor(each))
            assert view.statistics.favour(each) == pytest.approx(anew.favour(each))
            assert view.statistics.chance(each, 0.3) == pytest.approx(anew.chance(each, 0.3))


def test_topics_and_partners_are_as_published() -> None:
    """Rows of topics come and go by their name."""
    view = StatisticsView()
    view.put(TopicRow(topic="seo", total=3.0, following={"a": 2.0, "b": 1.0}))
    view.put(CourseRow(course_id="a", partners={"b": 2}))
    assert view.statistics.after("seo") == (3.0, {"a": 2.0, "b": 1.0})
    assert view.statistics.together("a") == {"b": 2}
    view.drop_topic("seo")
    assert view.statistics.after("seo") == (0.0, {})


def test_a_topic_is_read_by_its_leaders() -> None:
    """The three hundred most taken next, ties by id; the total is of all."""
    following = {f"c{number:03}": 1.0 for number in range(400)} | {"most": 9.0}
    view = StatisticsView()
    view.put(TopicRow(topic="seo", total=409.0, following=following))
    total, read = view.statistics.after("seo")
    assert (total, len(read), read["most"]) == (409.0, 300, 9.0)
    assert set(read) == {"most", *(f"c{number:03}" for number in range(299))}


def test_outcomes_fade() -> None:
    """After ninety days half of them is left; a time before them takes nothing away."""
    statistics = _statistics(CourseRow(course_id="a", good=2.0, bad=6.0, outcome_ms=NOW_MS))
    assert statistics.outcomes("a", NOW_MS + 90 * DAY_MS) == (1.0, 3.0)
    assert statistics.outcomes("a", NOW_MS - DAY_MS) == (2.0, 6.0)


def test_the_folds_own_state_is_read_as_it_is() -> None:
    """Nothing is copied: what is folded is there once it is noted."""
    state = State()
    statistics = CourseStatistics(state.courses, state.topics)
    fold(state, Taken(course_id="a", occurred_ms=NOW_MS), {"a": ["seo"]})
    fold(state, Taken(course_id="b", earlier=("a",), occurred_ms=NOW_MS), {"a": ["seo"]})
    statistics.note(("a", "b"))
    assert (statistics.together("a"), statistics.after("seo")) == ({"b": 1}, (1.0, {"b": 1.0}))
    assert statistics.share("a") == statistics.share("b") == 1.0


def test_a_row_of_no_known_kind_is_our_own_mistake() -> None:
    """It is no state to go on with."""
    stranger: Any = "row"
    with pytest.raises(AssertionError):
        StatisticsView().put(stranger)


def test_chance_falls_with_what_was_taken_before() -> None:
    """Of two as popular now the rarer one is ahead; nobody's course is given the share of one taken now and then."""
    statistics = _statistics(_row("a", 4.0, events=4), _row("b", 1.0, events=99), _row("c", 1.0, events=1))
    trust = statistics.trust
    assert trust == pytest.approx(6 / 26)
    assert statistics.chance("a", 0.3) == pytest.approx((1.03**0.7 / 5**0.3) ** trust)
    assert statistics.chance("b", 0.3) == pytest.approx((0.28**0.7 / 100**0.3) ** trust)
    assert statistics.chance("c", 0.3) > statistics.chance("b", 0.3)
    assert statistics.chance("new", 0.3) == pytest.approx(0.07 ** (0.7 * trust))
    assert NEUTRAL.chance("a", 0.3) == 1.0
