"""The academy as data: it validates, it is rich enough to choose from, and it says nothing it may not say."""

import re
from collections import Counter
from typing import Any

import pytest

from schemas.course import Course
from schemas.program import Program

FEWEST_COURSES = 80
FEWEST_OF_A_TOPIC = 3
DESCRIPTION_WORDS = range(90, 161)
TAKEAWAYS = range(3, 5)
TAKEAWAY_WORDS = range(8, 46)
# The gate asks a source of every figure and every superlative, so what it quotes is free of both.
_FIGURE = re.compile(r"\d|%")
_SUPERLATIVE = re.compile(
    r"\b(best|most|fastest|greatest|ultimate|perfect|unique|mejor|mejores|máximo|único|perfect[oa]"
    r"|besten?|perfekte?[nrs]?|einzigartig\w*|meilleure?s?|parfaite?s?|uniques?)\b",
    re.IGNORECASE,
)
_COMMON = {
    "en": re.compile(r"\b(the|and|that|with|before)\b", re.IGNORECASE),
    "es": re.compile(r"\b(el|la|los|las|que|una?|con|antes)\b", re.IGNORECASE),
    "de": re.compile(r"\b(der|die|das|und|ein|eine|nicht|sie)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(le|les|une?|des|et|vous|que|pour)\b", re.IGNORECASE),
}


def quoted(course: Course) -> tuple[str, ...]:
    """Everything of a course that a mail may quote."""
    return (course.title, course.description, *course.skills, *course.takeaways)


def test_brand_writes_from_reserved_domains_only(program: Program) -> None:
    """No host or address of the brand can belong to anybody."""
    brand = program.brand
    hosts = [*brand.link_domains, brand.list_id, brand.website, brand.public_url, brand.sender.address, brand.reply_to]
    assert [host for host in hosts if not host.endswith(".example")] == []


def test_links_of_the_brand_are_among_its_link_domains(program: Program) -> None:
    """Website and unsubscribe link pass the rule that links obey."""
    brand = program.brand
    assert {brand.website.removeprefix("https://"), brand.public_url.removeprefix("https://")} <= {*brand.link_domains}


def test_mails_may_go_at_any_hour_within_the_caps(program: Program) -> None:
    """The demo works at any hour; one mail a day and three a week."""
    assert program.brand.quiet_hours is None
    assert {(cap.window_hours, cap.most) for cap in program.brand.caps} == {(24, 1), (168, 3)}


def test_playbooks_open_on_conversions_that_have_a_rule(program: Program) -> None:
    """Each entry is one event of signals.yaml and belongs to one playbook."""
    entries = [entry for playbook in program.playbooks for entry in playbook.entry]
    assert [count for count in Counter(entries).values() if count > 1] == []
    assert {*entries} <= {rule.event for rule in program.signals.rules}


def test_rules_have_names_of_their_own(program: Program) -> None:
    """A rule's name goes into metrics, so no two share one."""
    names = [rule.name for rule in program.signals.rules]
    assert sorted({*names}) == sorted(names)


def test_topics_have_title_in_every_language_and_keywords(program: Program) -> None:
    """Every topic can be named to every lead and found in a title."""
    for slug, topic in program.signals.topics.items():
        assert topic.title.keys() == {*program.brand.languages}, slug
        assert len(topic.keywords) >= 5, slug
        assert topic.neighbours, slug


def test_catalogue_is_rich_enough_to_choose_from(courses: tuple[Course, ...]) -> None:
    """Enough courses, each with an id of its own, on all three levels of both main languages."""
    assert len(courses) >= FEWEST_COURSES
    assert len({course.id for course in courses}) == len(courses)
    assert len({course.title for course in courses}) == len(courses)
    kinds = {(course.language, course.level) for course in courses if course.language in {"en", "es"}}
    assert len(kinds) == 6


@pytest.mark.parametrize("language", ["de", "fr"])
def test_a_further_language_has_courses_to_choose_from(courses: tuple[Course, ...], language: str) -> None:
    """A few, so that who reads in it is shown more than one candidate."""
    assert sum(course.language == language for course in courses) >= FEWEST_OF_A_TOPIC


def test_topics_of_courses_are_those_of_signals(program: Program, courses: tuple[Course, ...]) -> None:
    """No course hides under a topic that no event can raise, and no topic is nearly empty."""
    count = Counter(topic for course in courses for topic in course.topics)
    assert count.keys() == program.signals.topics.keys()
    assert [topic for topic, number in count.items() if number < FEWEST_OF_A_TOPIC] == []


def test_spanish_courses_cover_the_topics(program: Program, courses: tuple[Course, ...]) -> None:
    """A Spanish-speaking lead finds something in every topic."""
    spanish = {topic for course in courses if course.language == "es" for topic in course.topics}
    assert spanish == {*program.signals.topics}


def test_courses_are_written_in_the_language_they_state(program: Program, courses: tuple[Course, ...]) -> None:
    """Descriptions use the common words of their language far more than those of the other."""
    for course in courses:
        assert course.language in program.brand.languages, course.id
        counts = {name: len(common.findall(course.description)) for name, common in _COMMON.items()}
        assert max(counts, key=lambda name: counts[name]) == course.language, course.id


def test_descriptions_have_real_length(courses: tuple[Course, ...]) -> None:
    """Long enough to tell courses apart, short enough to be read."""
    lengths = {course.id: len(course.description.split()) for course in courses}
    assert {name: words for name, words in lengths.items() if words not in DESCRIPTION_WORDS} == {}


def test_descriptions_do_not_share_sentences(courses: tuple[Course, ...]) -> None:
    """No two courses are described from one mould."""
    sentences = Counter(part for course in courses for part in re.split(r"(?<=[.?!:]) ", course.description))
    assert [part for part, count in sentences.items() if count > 1] == []


def test_courses_name_their_skills(courses: tuple[Course, ...]) -> None:
    """Three to eight skills each, no skill twice."""
    assert [course.id for course in courses if not 3 <= len({*course.skills}) == len(course.skills) <= 8] == []


def test_takeaways_are_sentences_without_figures(courses: tuple[Course, ...]) -> None:
    """Three or four whole sentences a course, none of which needs a source."""
    for course in courses:
        assert len(course.takeaways) in TAKEAWAYS, course.id
        for takeaway in course.takeaways:
            assert takeaway.endswith("."), takeaway
            assert len(takeaway.split()) in TAKEAWAY_WORDS, takeaway
            assert not _FIGURE.search(takeaway), takeaway


def test_takeaways_are_said_once(courses: tuple[Course, ...]) -> None:
    """No advice stands in two courses."""
    said = Counter(takeaway for course in courses for takeaway in course.takeaways)
    assert [takeaway for takeaway, count in said.items() if count > 1] == []


def test_nothing_a_mail_may_quote_is_a_superlative_or_banned(program: Program, courses: tuple[Course, ...]) -> None:
    """The catalogue passes the rules its quotations will meet."""
    for course in courses:
        for text in quoted(course):
            assert not _SUPERLATIVE.search(text), text
            assert [claim for claim in program.brand.banned_claims if claim.casefold() in text.casefold()] == [], text


def test_courses_live_at_the_address_of_their_id(program: Program, courses: tuple[Course, ...]) -> None:
    """Every course's link is the brand's and is known by its id."""
    assert [course.url for course in courses] == [f"{program.brand.website}/courses/{course.id}" for course in courses]


@pytest.mark.parametrize("field", ["duration_minutes", "lessons", "price_minor"])
def test_some_courses_leave_out_what_is_optional(courses: tuple[Course, ...], field: str) -> None:
    """Most courses state it and some do not, so that mails must do without."""
    stated = sum(getattr(course, field) is not None for course in courses)
    assert len(courses) * 0.8 < stated < len(courses)


def test_a_price_comes_with_its_currency(courses: tuple[Course, ...]) -> None:
    """Neither stands alone."""
    assert [course.id for course in courses if (course.price_minor is None) != (course.currency is None)] == []


def test_half_of_the_leads_enter_through_each_door(leads: list[dict[str, Any]]) -> None:
    """Enough leads, each with a name of its own; half of them enter through each door."""
    names = [lead["name"] for lead in leads]
    assert len({*names}) == len(names) >= 14
    doors = Counter(lead["through"] for lead in leads)
    assert doors.keys() == {"collector", "kafka"}
    assert abs(doors["collector"] - doors["kafka"]) <= 1
