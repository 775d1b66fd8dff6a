"""What each retriever asks the index for, and what its hits are worth."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.course import Course
from schemas.recommendation import ImaginedCourse
from schemas.standing import CourseRow, TopicRow
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.core.course_statistics import CourseStatistics
from services.recommender.core.hearing import Saying
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.retrieval.counted import FOLLOWED, TOGETHER
from services.recommender.core.retrieval.history import TEXT, WORDS
from services.recommender.core.retrieval.imagined import IMAGINED, NAMED
from services.recommender.core.retrieval.interests import INTERESTS
from services.recommender.core.retrieval.interests import scores as interest_scores
from services.recommender.core.retrieval.known import Known
from services.recommender.core.retrieval.meant import MEANT
from services.recommender.core.retrieval.retriever import offset_of, weight_of
from services.recommender.core.retrieval.retrievers import SEARCHING
from services.recommender.core.retrieval.said import SAID
from services.recommender.core.values import Filter, Hit, Search, Terms
from services.recommender.core.weights import RETRIEVERS

EN = Filter(("en",))
WORDS_OF = StemmedWords()
GOAL, PAGE = Saying("goal", "payroll for a bakery", 1.0), Saying("act", "Payroll in plain words", 0.6)
TOPIC = Saying("topic", "Wages", 1.0)
LEAD = Person("en", sayings=(GOAL, PAGE), topics={"wages": 2.0})
LEARNER = replace(LEAD, history=("a", "b"))
IMAGINED_COURSE = ImaginedCourse(
    title="Payroll for small bakeries", description="A practical course.", skills=("wages",), level="beginner"
)


@pytest.fixture
def known(course_of: Callable[..., Course]) -> Known:
    """Two courses taken, a third, and vectors in the plane."""
    courses = {each: course_of(each, title=f"Title {each}", topics=("wages",)) for each in "abc"}
    return Known(
        courses=courses,
        words=WORDS_OF.query,
        embedded={GOAL.text: (1.0, 0.0), PAGE.text: (0.0, 1.0), TOPIC.text: (1.0, 0.0)},
        stored={"b": (0.0, 1.0)},
        topic_means={"wages": (0.0, 2.0)},
    )


def _terms(*weighed: tuple[str, float]) -> Terms:
    pairs = sorted((WORDS_OF.query(word, "en").ids[0], weight) for word, weight in weighed)
    return Terms(tuple(each for each, _ in pairs), tuple(weight for _, weight in pairs))


def test_own_words_are_searched_by_where_they_come_from(known: Known) -> None:
    """A word said twice counts by its heavier source; stop words are none."""
    assert SAID.query(LEAD, known) == _terms(("payroll", 1.0), ("bakery", 1.0))
    assert SAID.search(LEAD, known, EN) == Search(SAID.query(LEAD, known), EN, 200)  # type: ignore[arg-type]
    assert SAID.search(replace(LEAD, sayings=()), known, EN) is None


def test_own_words_are_embedded_one_by_one_and_added(known: Known) -> None:
    """Weighed as their words are; a topic's title stands in only where nothing was said."""
    assert list(MEANT.texts(LEAD, None)) == [GOAL.text, PAGE.text]
    assert MEANT.query(LEAD, known) == pytest.approx((1 / 1.36**0.5, 0.6 / 1.36**0.5))
    assert list(MEANT.texts(replace(LEAD, sayings=(GOAL, TOPIC)), None)) == [GOAL.text]
    assert list(MEANT.texts(replace(LEAD, sayings=(TOPIC,)), None)) == [TOPIC.text]


def test_what_is_not_embedded_is_not_searched_by_halves(known: Known) -> None:
    """Without the embedder there is no vector, and no list."""
    assert MEANT.query(LEAD, replace(known, embedded={GOAL.text: (1.0, 0.0)})) is None
    assert MEANT.search(replace(LEAD, sayings=()), known, EN) is None


def test_of_an_imagined_course_title_and_skills_are_searched(known: Known) -> None:
    """Never its description; and nothing where no model imagined one."""
    text = "Payroll for small bakeries. wages"
    assert list(IMAGINED.texts(LEAD, IMAGINED_COURSE)) == [text]
    assert list(IMAGINED.texts(LEAD, None)) == []
    asked = replace(known, imagined=IMAGINED_COURSE, embedded={text: (0.0, 1.0)})
    assert IMAGINED.query(LEAD, asked) == (0.0, 1.0)
    assert NAMED.query(LEAD, asked) == _terms(("payroll", 1.0), ("small", 1.0), ("bakeries", 1.0), ("wages", 0.6))
    assert IMAGINED.query(LEAD, replace(asked, embedded={})) is None
    assert (IMAGINED.query(LEAD, known), NAMED.query(LEAD, known)) == (None, None)


def test_a_step_back_in_history_counts_half(known: Known) -> None:
    """A course that has no vector, or is no more in the catalogue, keeps its place."""
    both = replace(known, stored={"a": (1.0, 0.0), "b": (0.0, 1.0)})
    assert TEXT.query(LEARNER, both) == pytest.approx((2 / 5**0.5, 1 / 5**0.5))
    assert TEXT.query(LEARNER, known) == (0.0, 1.0)
    assert TEXT.query(replace(LEARNER, history=("x",)), known) is None
    assert WORDS.query(LEARNER, known) == _terms(("title", 1.5), ("a", 1.0), ("b", 0.5), ("wages", 1.5))
    long = replace(LEARNER, history=("c",) * 6 + ("a",))
    assert WORDS.query(long, known) == WORDS.query(replace(long, history=("c",) * 6), known)


def test_interests_of_learners_look_among_their_topics(known: Known) -> None:
    """Near the means of their courses; leads are not searched for by them."""
    assert INTERESTS.search(LEARNER, known, EN) == Search((0.0, 1.0), Filter(("en",), topics=("wages",)), 100)
    assert INTERESTS.search(replace(LEARNER, topics={"unknown": 1.0}), known, EN) is None
    assert INTERESTS.query(LEAD, known) is None


def test_interests_weigh_topics_and_come_back_to_items(course_of: Callable[..., Course]) -> None:
    """Topic weight times nearness, plus the weight of a course they came back to; strangers are left out."""
    courses = {
        each.id: each for each in (course_of("a"), course_of("b", topics=("seo",)), course_of("c", topics=("crm",)))
    }
    who = Person("en", topics={"email-marketing": 2.0}, items={"c": 0.7, "gone": 3.0})
    assert interest_scores({"a": 0.5, "b": 0.5, "unknown": 0.9}, who, courses) == {"a": 1.0, "b": 0.0, "c": 0.7}


def test_who_is_asked_depends_on_the_person(known: Known) -> None:
    """Leads by what they said; learners by what they took as well; an imagined course by itself and its words."""
    text = "Payroll for small bakeries. wages"
    advised = replace(known, imagined=IMAGINED_COURSE, embedded={**known.embedded, text: (0.0, 1.0)})
    names = [
        [each.name for each in SEARCHING if each.search(who, of, EN)]
        for who in (LEAD, LEARNER)
        for of in (known, advised)
    ]
    assert names == [
        ["said", "meant"],
        ["imagined", "named", "said", "meant"],
        ["said", "meant", "interests", "text", "words"],
        ["imagined", "named", "said", "meant", "interests", "text", "words"],
    ]
    assert [weight_of("said", LEAD, is_advised=each) for each in (False, True)] == [1.0, 0.8]
    assert weight_of("text", LEAD, is_advised=False) == 0.0


def test_the_mean_is_taken_off_a_learners_query_alone(known: Known) -> None:
    """And its part off each similarity; a mean of another generation, or of no vector, is left aside."""
    centred = replace(known, mean=(0.0, 0.5), stored={"a": (1.0, 0.0), "b": (0.0, 1.0)})
    search = TEXT.search(LEARNER, centred, EN)
    assert search is not None
    assert search.near == pytest.approx((2 / 3 / (4 / 9 + 1 / 36) ** 0.5, -1 / 6 / (4 / 9 + 1 / 36) ** 0.5))
    assert offset_of(search, (0.0, 0.5)) == pytest.approx(-0.5 / 6 / (4 / 9 + 1 / 36) ** 0.5)
    assert offset_of(search, None) == offset_of(search, (0.5,)) == 0.0
    assert offset_of(Search(Terms((1,), (1.0,)), EN, 1), (0.5, 0.5)) == 0.0


def test_what_is_not_similar_is_worth_nothing() -> None:
    """After the mean's part is taken off; engines differ beyond the fifth decimal."""
    assert TEXT.scores([Hit("a", 0.9000001), Hit("b", 0.3), Hit("c", -0.1)], 0.3) == {"a": 0.6}


def test_what_people_did_is_counted(known: Known) -> None:
    """Partners of the courses taken; what followed their topics, or where none is known the interests."""
    statistics = CourseStatistics(
        {"a": CourseRow(course_id="a", partners={"b": 9, "c": 3})},
        {"wages": TopicRow(topic="wages", total=20.0, following={"a": 1.0, "c": 4.0})},
    )
    of = Market(known.courses, EN, statistics)
    assert TOGETHER.scores(LEARNER, of) == {"c": 3.0}
    assert FOLLOWED.scores(LEARNER, of) == pytest.approx({"c": 4 * 1.7 / 40})
    assert FOLLOWED.scores(LEAD, of) == pytest.approx({"a": 1 / 40, "c": 4 / 40})
    assert TOGETHER.scores(LEAD, of) == {}


def test_every_retriever_has_its_weights_and_a_reason() -> None:
    """By its name, in one table."""
    names = {each.name for each in SEARCHING} | {"together", "topic", "popular"}
    assert names == RETRIEVERS.keys()
    assert all(each.source and max(each.learner, each.lead, each.advised) > 0 for each in RETRIEVERS.values())
