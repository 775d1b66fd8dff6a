"""Two mails of one course are two mails: measured over the leads of the academy's story, without any model."""

import statistics
import uuid
from collections import Counter
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from bench.lexicons import shipped_lexicons
from schemas.course import Course
from schemas.recommendation import Recommendation
from services.composer.adapters.prompt_file import read_prompt
from services.composer.adapters.words_file import read_locales
from services.composer.core.brief import brief_of
from services.composer.core.gate.known import known_of
from services.composer.core.letter import letter_of
from services.composer.core.offer import offer_of
from services.composer.core.proving import proven_copy
from services.composer.core.template import slots_of
from services.composer.core.values import Brief, Copy, Letter
from services.runtime.fake_seal import FakeSeal
from services.runtime.program import read_catalogue, read_program

ROOT = Path(__file__).parents[3]
ACADEMY = ROOT / "examples" / "academy"
EXAMPLE = orjson.loads((ROOT / "schemas" / "examples" / "recommendations" / "course.json").read_bytes())
PROGRAM, PROMPT = read_program(ACADEMY), read_prompt("copy.v2")
LOCALES = read_locales(PROGRAM)
COURSES, DECISIONS = 2, 4  # of each language, and of each lead about each course
MOST_SHARED = 0.35


@cache
def _leads() -> tuple[dict[str, Any], ...]:
    """What each lead's last conversion says of them."""
    story = yaml.safe_load((ACADEMY / "story.yaml").read_text(encoding="utf-8"))["leads"]
    told = ((lead, [step for step in lead["steps"] if step["do"] == "conversion"]) for lead in story)
    return tuple(_lead(lead, steps[-1]) for lead, steps in told if steps)


def _lead(lead: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    traits = {name: value for each in lead["steps"] for name, value in each.get("traits", {}).items()}
    return {**traits, "id": lead["name"], "event": step["event"], "title": step["properties"].get("title")}


def _recommended(lead: dict[str, Any], course: Course, number: int) -> Recommendation:
    given = orjson.loads(orjson.dumps(EXAMPLE))
    request = given["request"]
    request["decision_id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{lead['id']}/{course.id}/{number}"))
    request["language"] = course.language
    request["recipient"]["name"] = lead.get("firstName")
    request["trigger"] |= {"title": lead["title"], "event_name": lead["event"]}
    request["snapshot"]["signals"][0]["topics"] = list(course.topics[:1])
    request["snapshot"]["facts"] = [
        {"name": name, "value": lead[name], "source": "form", "is_verified": True, "said_at": request["created_at"]}
        for name in ("company", "goal")
        if lead.get(name)
    ]
    given |= {"course": course.model_dump(mode="json"), "rungs": {"job": "rules"}}
    return Recommendation.model_validate(given)


def _composed(lead: dict[str, Any], course: Course, number: int) -> tuple[Brief, Copy, Letter]:
    given = _recommended(lead, course, number)
    brief = brief_of(offer_of(given, PROGRAM, PROMPT, shipped_lexicons(), LOCALES), PROGRAM)
    copy, _ = proven_copy(brief, known_of(brief, PROMPT))
    return brief, copy, letter_of(copy, brief, given, PROGRAM.brand, FakeSeal())


def _lines(brief: Brief, copy: Copy, letter: Letter) -> tuple[str, ...]:
    """Every line and sentence of the mail but the course's own text and the brand's address."""
    own = {*brief.sentences, *brief.takeaways}
    sentences = tuple(each.text for each in copy.sentences if each.text not in own)
    around = (letter.greeting, letter.lesson_title, letter.card_label, letter.skills, letter.button, letter.closing)
    return (copy.subject, copy.preheader, *sentences, *around, letter.explanation, letter.unsubscribe_label)


def _shares(language: str) -> list[float]:
    """Of each pair of leads, about each course and decision, the part of the shorter mail that both have."""
    courses = [each for each in read_catalogue(ACADEMY / "catalogue.jsonl") if each.language == language][:COURSES]
    shares = []
    for course in courses:
        for number in range(DECISIONS):
            mails = [frozenset(_lines(*_composed(lead, course, number))) for lead in _leads()]
            shares += [len(one & other) / min(len(one), len(other)) for one, other in combinations(mails, 2)]
    return shares


@pytest.mark.parametrize("language", PROGRAM.brand.languages)
def test_two_mails_of_one_course_share_few_sentences(language: str) -> None:
    """On average far below the limit, and nineteen pairs of twenty within it."""
    shares = sorted(_shares(language))
    mean, most = statistics.mean(shares), shares[int(len(shares) * 0.95)]
    print(f"{language}: {len(shares)} pairs share {mean:.1%} of their sentences, 95 % of them at most {most:.1%}")  # noqa: T201 a figure of the docs
    assert mean <= MOST_SHARED * 2 / 3
    assert most <= MOST_SHARED


@pytest.mark.parametrize("language", PROGRAM.brand.languages)
def test_no_line_stands_twice_in_a_mail(language: str) -> None:
    """Nor does one stand among the course's own."""
    courses = [each for each in read_catalogue(ACADEMY / "catalogue.jsonl") if each.language == language]
    for number, course in enumerate(courses):
        brief, copy, letter = _composed(_leads()[number % len(_leads())], course, number)
        lines = Counter((*_lines(brief, copy, letter), *brief.sentences, *brief.takeaways))
        assert [line for line, times in lines.items() if times > 1] == []


@pytest.mark.parametrize("number", range(DECISIONS))
def test_subject_and_first_line_say_something_of_the_lead(number: int) -> None:
    """The subject names what they did, where they work or what they are after, or is one of their act's."""
    course = next(read_catalogue(ACADEMY / "catalogue.jsonl"))
    for lead in _leads():
        brief, copy, _ = _composed(lead, course, number)
        own = [each for each in (brief.conversion, brief.company, brief.goal) if each]
        slots = {**slots_of(brief), "title": course.title}
        of_act = [each.format(**slots) for each in (*brief.act.subjects, *brief.act.thanks)]
        first = copy.sentences[0].text
        assert copy.subject in of_act or any(each in copy.subject for each in own)
        assert first in of_act or any(each in first for each in own)
