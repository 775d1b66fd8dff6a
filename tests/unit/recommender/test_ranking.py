"""The order of leads' and of learners' courses."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.course import Course, Level
from schemas.recommendation import ImaginedCourse, Job
from schemas.standing import CourseRow
from services.recommender.core.course_statistics import NEUTRAL, CourseStatistics
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.ranking.candidates import level_of
from services.recommender.core.ranking.leads import Added, added, best, ranks_of
from services.recommender.core.ranking.learners import listed, near_scores
from services.recommender.core.ranking.popular import popular_scores
from services.recommender.core.ranking.scaling import nearness, of_best
from services.recommender.core.retrieval.retriever import Lists
from services.recommender.core.retrieval.retrievers import languages_to_try
from services.recommender.core.retrieval.series import Series
from services.recommender.core.values import Filter, Hit, Understanding

EN = Filter(("en",))
LEAD = Person("en", topics={"email-marketing": 2.0})
ADVANCED = Understanding(
    Job(text="Learn", stage="problem", confidence=0.1),
    ImaginedCourse(title="A course", description="", level="advanced"),
    {"imagine": "composed"},
    "intermediate",
)
MANY = tuple(f"c{number:02}" for number in range(12))


@pytest.fixture
def market(course_of: Callable[..., Course]) -> Callable[..., Market]:
    """A market of these courses; `changes` by id."""

    def build(
        ids: tuple[str, ...] = MANY, statistics: CourseStatistics = NEUTRAL, **changes: Mapping[str, object]
    ) -> Market:
        return Market({each: course_of(each, **changes.get(each, {})) for each in ids}, EN, statistics)

    return build


def test_each_list_is_a_share_of_what_it_could_give(market: Callable[..., Market]) -> None:
    """Nearness between the least and the most, words as a share of the best; interests of what the others found."""
    lists = {"said": {"c00": 4.0, "c01": 1.0}, "meant": {"c00": 0.8, "c02": 0.9, "c03": 0.7}}
    parts = _added(LEAD, lists, market(c03={"topics": ("seo",)}), is_advised=False)
    assert parts.most == pytest.approx(1.0 + 1.0 + 0.7)
    assert parts.lists["said"] == {"c00": 1.0, "c01": 0.25}
    assert parts.lists["meant"] == pytest.approx({"c00": 0.5, "c02": 1.0, "c03": 0.0})
    assert parts.lists["interests"] == pytest.approx({"c00": 0.7, "c01": 0.7, "c02": 0.7, "c03": 0.0})


def test_a_list_that_found_nothing_counts_for_nothing(market: Callable[..., Market]) -> None:
    """Neither does one that is not asked of leads, and interests of one who has none."""
    parts = _added(Person("en"), {"said": {"c00": 1.0}, "text": {"c00": 1.0}}, market(), is_advised=True)
    assert (parts.lists, parts.most) == ({"said": {"c00": 0.8}}, 0.8)
    nothing = _added(Person("en"), {}, market(), is_advised=False)
    assert (dict(nothing.lists), nothing.most) == ({}, 0)


def test_a_course_they_may_not_get_is_no_interest(market: Callable[..., Market]) -> None:
    """However often they came back to it: who has nothing else to go by is shown what is popular."""
    who = Person("en", items={"c00": 3.0, "c01": 1.0})
    of = market(c00={"status": "withdrawn"})
    assert dict(_added(who, {}, of, is_advised=False).lists) == {"interests": {"c01": 0.7}}
    assert dict(_added(Person("en", items={"c00": 3.0}), {}, of, is_advised=False).lists) == {}


def test_what_others_did_next_counts_as_far_as_they_are_many(market: Callable[..., Market]) -> None:
    """On a first day they are too few to be believed."""
    few, many = (
        CourseStatistics({"x": CourseRow(course_id="x", popularity=count, at_ms=1)}) for count in (1.0, 1_980.0)
    )
    weights = [
        _added(Person("en"), {"topic": {"c00": 3.0}}, market(statistics=each), is_advised=False).most
        for each in (NEUTRAL, few, many)
    ]
    assert weights == pytest.approx([0.0, 2.0 / 21, 2.0 * 0.99])


def _added(who: Person, lists: Lists, of: Market, *, is_advised: bool) -> Added:
    return added(who, lists, of.fit(None, who.language), of, is_advised=is_advised)


def _best(who: Person, level: Level | None, of: Market, parts: Added) -> tuple[Hit, ...]:
    return best(parts, of.fit(level, who.language), of)


def test_only_what_fits_is_shown(market: Callable[..., Market]) -> None:
    """Better three that fit than ten; of ten courses or fewer all that were found are."""
    scores = {each: 1.0 if number < 3 else 0.3 for number, each in enumerate(MANY)}
    shown = _best(LEAD, None, market(), Added({"said": scores}, 1.0))
    assert [each.course_id for each in shown] == ["c00", "c01", "c02"]
    few = {each: scores[each] for each in MANY[:10]}
    assert len(_best(LEAD, None, market(), Added({"said": few}, 1.0))) == 10
    assert _best(LEAD, None, market(), Added({"said": dict.fromkeys(MANY, 0.3)}, 1.0)) == ()


def test_level_and_language_are_part_of_fitness(market: Callable[..., Market]) -> None:
    """What is too advanced by two steps is under the floor sooner; a withdrawn course is nowhere."""
    of = market(c00={"level": "advanced"}, c01={"status": "withdrawn"})
    parts = Added({"said": dict.fromkeys(MANY[:3], 0.5) | dict.fromkeys(MANY[3:], 0.1)}, 1.0)
    assert [each.course_id for each in _best(LEAD, "beginner", of, parts)] == ["c02"]
    assert [each.course_id for each in _best(LEAD, None, of, parts)] == ["c00", "c02"]


def test_favour_decides_among_what_fits_and_lets_nothing_in(market: Callable[..., Market]) -> None:
    """However popular."""
    rows = {each: CourseRow(course_id=each, popularity=900.0, at_ms=1, events=900) for each in ("c01", "c11")}
    parts = Added({"said": dict.fromkeys(MANY[:2], 0.9) | dict.fromkeys(MANY[2:], 0.3)}, 1.0)
    shown = _best(LEAD, None, market(statistics=CourseStatistics(rows)), parts)
    assert [each.course_id for each in shown] == ["c01", "c00"]


@given(st.dictionaries(st.sampled_from(MANY), st.floats(0, 1), min_size=1), st.sampled_from(MANY), st.floats(0, 1))
def test_more_of_a_list_never_lowers_a_leads_course(scores: dict[str, float], course_id: str, more: float) -> None:
    """Among the same courses."""
    courses = {
        each: Course.model_validate(
            {"id": each, "title": each * 2, "url": "https://a.example", "topics": ("x",), "level": "beginner",
             "language": "en", "updated_at": "2026-11-03T09:00:00Z"}
        )
        for each in MANY
    }  # fmt: skip

    def place(of: dict[str, float]) -> int:
        shown = [
            each.course_id for each in _best(Person("en"), None, Market(courses, EN, NEUTRAL), Added({"said": of}, 1.0))
        ]
        return shown.index(course_id) if course_id in shown else len(MANY)

    base = {**scores, course_id: scores.get(course_id, 0.0)}
    assert place(base | {course_id: base[course_id] + more}) <= place(base)


def test_lists_are_told_by_rank() -> None:
    """Equals have one rank."""
    assert ranks_of({"said": {"b": 1.0, "a": 1.0, "c": 2.0, "d": 0.5}}) == {"said": {"c": 1, "a": 2, "b": 2, "d": 4}}


def test_shares_of_nothing_are_none() -> None:
    """Nor of what scores nothing."""
    assert of_best({}) == of_best({"a": 0.0}) == {}
    assert nearness({}) == {}


def test_similarity_is_squared_and_weighed_by_popularity() -> None:
    """The best is 1 times its factor."""
    statistics = CourseStatistics({"b": CourseRow(course_id="b", popularity=1.0)})
    scored = near_scores({"a": 0.8, "b": 0.4}, statistics)
    assert scored == pytest.approx({"a": statistics.factor("a"), "b": 0.25 * statistics.factor("b")})


def test_a_learners_interests_are_near_and_of_their_topics(market: Callable[..., Market]) -> None:
    """Ranked with the items they came back to; what is off for learners is no list."""
    who = Person("en", ("x",), topics={"email-marketing": 1.0}, items={"c05": 9.0})
    of = market()
    ranked = listed(who, {"interests": {"c00": 0.5, "c01": 1.0}, "popular": {}, "said": {}}, of.fit(None, "en"), of)
    assert ranked.ranks == {"interests": {"c05": 1, "c01": 2, "c00": 3}}


def test_popular_courses_of_their_topics_come_first(market: Callable[..., Market]) -> None:
    """Nothing is popular yet: the topic decides."""
    of = market(("a", "b"), a={"topics": ("seo",)})
    scores = popular_scores(of.courses.values(), {"email-marketing": 1.0}, of)
    assert scores["b"] > scores["a"] > 0


def test_the_catalogue_has_the_last_word(course_of: Callable[..., Course]) -> None:
    """Withdrawn, of another language, excluded, or a later part: not to be recommended."""
    courses = [
        course_of("a"), course_of("b", status="withdrawn"), course_of("c", language="es"), course_of("d"),
        course_of("e", after=("d",)),
    ]  # fmt: skip
    by_id = {each.id: each for each in courses}
    of = Market(by_id, Filter(("en",), frozenset({"d"})), NEUTRAL)
    assert [each for each in (*by_id, "gone") if of.admits(each)] == ["a"]
    assert [each for each in (*by_id, "gone") if of.fit(None, "en")(each)] == ["a"]
    assert Market(by_id, EN, NEUTRAL, Series(), frozenset({"d"})).admits("e")


def test_level_and_language_damp(course_of: Callable[..., Course]) -> None:
    """Each step of level costs, and so does another language; an unknown level suits all."""
    of = Market({"a": course_of("a", level="advanced")}, EN, NEUTRAL)
    levels: tuple[Level | None, ...] = ("advanced", "intermediate", "beginner", None)
    assert [of.fit(each, "en")("a") for each in levels] == [1.0, 0.9, 0.7, 1.0]
    assert of.fit("advanced", "es")("a") == 0.8


def test_leads_are_shown_the_business_own_language_too() -> None:
    """Learners, and the arm that gets what is popular, only where theirs has too little: then once more."""

    def tried(who: Person, *, is_usual: bool = False) -> list[tuple[str, ...]]:
        return list(languages_to_try(who, "en", is_usual=is_usual))

    assert tried(Person("es")) == [("es", "en")]
    assert tried(Person("es"), is_usual=True) == tried(Person("es", ("x",))) == [("es",), ("es", "en")]
    assert tried(Person("en")) == tried(Person("en", ("x",))) == [("en",)]


def test_a_level_is_a_models_or_the_history_s() -> None:
    """Of a lead who did more than once something none is known, so that all suit."""
    advised = replace(ADVANCED, rungs={"imagine": "llm"})
    for who in (Person("en"), Person("en", ("x",)), Person("en", is_beginning=True)):
        assert level_of(who, advised, is_advised=True) == "advanced"
    assert level_of(Person("en"), advised, is_advised=False) is None
    assert level_of(Person("en", is_beginning=True), advised, is_advised=False) == "intermediate"
    assert level_of(Person("en", ("x",)), ADVANCED, is_advised=False) == "intermediate"
