"""What everybody's behaviour says, signal by signal."""

from typing import Any

import pytest

from schemas.codec import decode
from schemas.errors import DecodeError
from schemas.standing import CourseRow, FollowingRow, Outcome, PartnersRow, Taken, TopicRow, Word, row_key
from schemas.topics import CATALOG_STANDING, COURSES_SIGNALS
from services.recommender.core.course_statistics import StatisticsView
from services.recommender.core.statistics_fold import State, TopicTally, fold, restore, rows

DAY = 86_400_000
NOW = 1_795_500_000_000
DECISION = "00000000-0000-0000-0000-000000000001"
TOPICS = {"a": ("seo",), "b": ("seo", "crm"), "c": ("crm",)}


def _taken(course: str, *earlier: str, at: int = NOW, later: tuple[str, ...] = ()) -> Taken:
    return Taken(course_id=course, earlier=earlier, later=later, occurred_ms=at)


def _outcome(word: Word, was: Word | None = None, at: int = NOW) -> Outcome:
    return Outcome(course_id="a", word=word, was=was, occurred_ms=at)


def _folded(*signals: Taken | Outcome) -> State:
    state = State()
    for each in signals:
        fold(state, each, TOPICS)
    return state


def test_popularity_halves_in_thirty_days() -> None:
    """The old one counts half when the new one comes, and the time is the new one's."""
    course = _folded(_taken("a"), _taken("a", at=NOW + 30 * DAY)).courses["a"]
    assert (course.events, course.popularity, course.at_ms) == (2, 1.5, NOW + 30 * DAY)


def test_a_late_event_counts_what_is_left_of_it() -> None:
    """Either order gives the same popularity."""
    course = _folded(_taken("a", at=NOW + 30 * DAY), _taken("a")).courses["a"]
    assert (course.events, course.popularity, course.at_ms) == (2, 1.5, NOW + 30 * DAY)


def test_partners_are_counted_both_ways() -> None:
    """Raw counts; a course is no partner of itself; who was taken later counts where the event came late."""
    state = _folded(_taken("a", "b", "a"), _taken("a", "b"), _taken("c", "a", later=("b",)))
    assert state.courses["a"].partners == {"b": 2, "c": 1}
    assert state.courses["b"].partners == {"a": 2, "c": 1}
    assert state.courses["c"].partners == {"a": 1, "b": 1}
    assert state.courses["b"].events == 0


def test_topics_of_the_last_four_courses_lead_to_the_next() -> None:
    """Weights .7^r, newest first, summed over the courses with the topic; the fifth and what came later say nothing."""
    state = _folded(_taken("x", "a", "b", "none", "c", "a", later=("c",)))
    assert state.topics["seo"] == TopicTally(1.7, {"x": 1.7})
    assert state.topics["crm"] == TopicTally(0.7 + 0.343, {"x": 0.7 + 0.343})


def test_touched_keys_are_told() -> None:
    """The course, its partners, and the topics that led to it; an outcome touches its course."""
    state = State()
    assert fold(state, _taken("x", "a", later=("c",)), TOPICS) == {"course:x", "course:a", "course:c", "topic:seo"}
    assert fold(state, _outcome("clicked"), TOPICS) == {"course:a"}


@pytest.mark.parametrize(
    ("word", "good", "bad"), [("nothing", 0, 1), ("refused", 0, 1), ("clicked", 1, 0), ("converted", 1, 0)]
)
def test_a_mail_is_one_trial(word: Word, good: float, bad: float) -> None:
    """It led to something, or it did not."""
    course = _folded(_outcome(word)).courses["a"]
    assert (course.good, course.bad, course.outcome_ms) == (good, bad, NOW)


def test_a_stronger_word_takes_the_weaker_back() -> None:
    """As if the weaker had never been told, though mails came in between; never below nought."""
    between = _outcome("clicked", at=NOW + 40 * DAY)
    told = _folded(_outcome("nothing"), between, _outcome("clicked", "nothing")).courses["a"]
    once = _folded(_outcome("clicked"), between).courses["a"]
    assert told.good == pytest.approx(once.good, abs=1e-12)
    assert told.bad == pytest.approx(0, abs=1e-12)
    assert told.bad >= 0


def test_outcomes_halve_in_ninety_days() -> None:
    """In either order."""
    old, new = _outcome("nothing"), _outcome("nothing", at=NOW + 90 * DAY)
    assert _folded(old, new).courses["a"].bad == 1.5
    assert _folded(new, old).courses["a"].bad == 1.5


def test_the_best_300_partners_are_published_and_none_is_lost() -> None:
    """The rest is in rows of its own, by which the state can be restored."""
    state = _folded(*[_taken(f"p{number}", "a") for number in range(320)], _taken("p7", "a"), _taken("p319", "a"))
    found = {row_key(each): each for each in rows(state, {"course:a"})}
    assert list(found) == ["course:a", "partners:a"]
    course, rest = found["course:a"], found["partners:a"]
    assert isinstance(course, CourseRow)
    assert isinstance(rest, PartnersRow)
    assert (len(course.partners), course.partners["p7"], course.partners["p319"]) == (300, 2, 2)
    assert rest.partners.keys() == {f"p{number}" for number in range(320)} - course.partners.keys()
    assert restore(rows(state, state.keys)) == state


def test_what_is_too_long_for_a_record_goes_in_parts() -> None:
    """Each under a key of its own."""
    state = State(topics={"seo": TopicTally(1.0, {f"c{number}": 0.1 * number for number in range(12_100)})})
    found = list(rows(state, state.keys))
    assert [row_key(each) for each in found] == ["topic:seo", "following:seo", "following:seo:1", "following:seo:2"]
    head = found[0]
    assert isinstance(head, TopicRow)
    assert head.following.keys() == {f"c{number}" for number in range(10_100, 12_100)}
    assert [len(each.following) for each in found[1:] if isinstance(each, FollowingRow)] == [5_000, 5_000, 100]
    assert restore(found) == state


def test_rows_come_in_the_order_of_their_keys() -> None:
    """So that a refold writes what the fold wrote."""
    state = _folded(_taken("x", "b", "a"))
    keys: Any = [row_key(each) for each in rows(state, state.keys)]
    assert keys == ["course:a", "course:b", "course:x", "topic:crm", "topic:seo"]


LATER = b'{"kind":"of_a_later_version","course_id":"a","count":3}'


def test_signal_nobody_knows_touches_nothing() -> None:
    """By its kind, or by what became of a mail: whoever knows it counts it."""
    state = State()
    assert fold(state, decode(COURSES_SIGNALS, LATER), {}) == set()
    assert fold(state, Outcome(course_id="a", word="enchanted", occurred_ms=DAY), {}) == set()
    assert state == State()
    with pytest.raises(DecodeError):
        decode(COURSES_SIGNALS, b'{"kind":"taken","count":3}')


def test_word_that_takes_back_what_nobody_knows_takes_nothing_back() -> None:
    """The mail is one trial of its own."""
    state = State()
    fold(state, Outcome(course_id="a", word="converted", was="enchanted", occurred_ms=DAY), {})
    assert (state.courses["a"].good, state.courses["a"].bad) == (1.0, 0.0)


def test_row_nobody_knows_is_left_on_its_topic() -> None:
    """Neither the fold's state nor what decisions read has anything of it."""
    row, view = decode(CATALOG_STANDING, LATER), StatisticsView()
    assert restore([row]) == State()
    view.put(row)
    assert view.courses == 0
