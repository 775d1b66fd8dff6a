"""What a model is told and asked: the rendered prompts, word for word."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.course import Course
from schemas.llm import Ask
from schemas.recommendation import RecommendationRequest
from services.recommender.adapters.prompt_files import FOLDER, read_prompts
from services.recommender.core.asking.prompt_data import citable, told_about
from services.recommender.core.asking.questions import job_question, pick_question
from services.recommender.core.asking.rules import job_by_rules
from services.recommender.core.person import Person, person_of
from services.recommender.core.values import Policy

GOLDEN = Path(__file__).parent / "golden"
MOST_TOKENS = 700  # about four characters each
PROMPTS = read_prompts()
SIGNAL = {"kind": "read", "title": "A page", "last_at": "2026-11-03T09:00:00Z", "count": 1}
FACT = {"source": "form", "is_verified": False, "said_at": "2026-11-03T09:00:00Z"}


def _rendered(ask: Ask) -> str:
    schema = json.dumps(ask.schema, ensure_ascii=False, indent=1)
    user = json.dumps(json.loads(ask.user), ensure_ascii=False, indent=1)
    return f"# {ask.stage} {ask.prompt_id}\n\n{ask.system}\n\n# user\n{user}\n\n# schema\n{schema}\n"


@pytest.fixture
def asks(who_of: Callable[..., Person], course_of: Callable[..., Course], policy: Policy) -> dict[str, Ask]:
    """Both questions of one person."""
    who = who_of()
    courses = [course_of("email-basics"), course_of("crm-basics", topics=("crm",))]
    job = job_by_rules(who)
    return {
        "job_imagine": job_question(who, PROMPTS.job_imagine, policy.topics),
        "pick": pick_question(who, PROMPTS.pick, policy.topics, job, courses),
    }


@pytest.mark.parametrize("name", ["job_imagine", "pick"])
def test_prompts_are_the_committed_ones(asks: dict[str, Ask], name: str) -> None:
    """A prompt changes only together with its golden file (and its version)."""
    assert _rendered(asks[name]) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_questions_that_records_hold_are_kept() -> None:
    """A record of an earlier version stays true, word for word."""
    for name in ("job_imagine.v1", "pick.v1", "pick.v2"):
        asked_then = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
        assert (FOLDER / f"{name}.md").read_text(encoding="utf-8").strip() in asked_then
    assert (PROMPTS.job_imagine.id, PROMPTS.pick.id) == ("job_imagine.v2", "pick.v3")


def test_what_was_done_is_told_in_its_order_and_what_was_taken_by_title(
    request_of: Callable[..., RecommendationRequest], course_of: Callable[..., Course], policy: Policy
) -> None:
    """The latest last, with whole days; titles of at most three courses, none of what the catalogue lacks."""
    request = request_of()
    at = request.created_at
    signals = [
        {"id": f"s{place}", "kind": "read", "title": f"Guide {place}", "count": 1, "weight": 9.0 - place,
         "last_at": at - timedelta(days=days, hours=1), "speaker": "server"}
        for place, days in enumerate((0, 40, 3), 1)
    ]  # fmt: skip
    history = [{"course_id": each, "taken_at": at} for each in ("gone", "a", "b", "c", "d")]
    courses = {each: course_of(each, title=f"Course {each}") for each in "abcd"}
    who = person_of(request_of(signals=signals, history=history), policy.topics, courses)
    told = json.loads(job_question(who, PROMPTS.job_imagine, policy.topics).user)
    assert [(each["id"], each["days_ago"]) for each in told["signals"]] == [("s2", 40), ("s3", 3), ("s1", 0)]
    assert told["taken"] == ["Course a", "Course b", "Course c"]
    assert told["offered"] == [policy.topics[each].title["en"] for each in sorted(policy.topics)]


def test_a_candidate_is_told_with_language_topics_length_and_whether_it_was_looked_at(
    who_of: Callable[..., Person], course_of: Callable[..., Course], policy: Policy
) -> None:
    """Without a length where the catalogue says none; beside the stage that the lead is at."""
    who = replace(who_of(), items={"email-basics": 1.0})
    courses = [course_of("email-basics", duration_minutes=90), course_of("crm-basics", topics=("crm",), language="es")]
    courses[1] = courses[1].model_copy(update={"duration_minutes": None})
    told = json.loads(pick_question(who, PROMPTS.pick, policy.topics, job_by_rules(who), courses).user)
    assert told["stage"] == job_by_rules(who).stage
    first, second = told["candidates"]
    assert (first["minutes"], first["looked_at"], "language" in first) == (90, True, False)
    assert ("minutes" in second, "looked_at" in second, second["language"]) == (False, False, "es")
    assert second["topic"] == policy.topics["crm"].title["en"]


def test_constant_part_is_the_same_for_everybody(
    asks: dict[str, Ask], who_of: Callable[..., Person], policy: Policy
) -> None:
    """Providers cache it: nothing of a person is in it."""
    other = job_question(who_of(language="es", facts=[]), PROMPTS.job_imagine, policy.topics)
    assert asks["job_imagine"].system == other.system


def test_no_question_holds_address_name_or_person(who_of: Callable[..., Person], policy: Policy) -> None:
    """Neither of the recipient, nor of a form that collected them as facts or put them into a title."""
    facts = [FACT | {"name": name, "value": "Ana"} for name in ("first_name", "name", "email")]
    facts.append(FACT | {"name": "goal", "value": "mail ana@example.com the list"})
    signals = [SIGNAL | {"id": "s1", "title": "Hello ana@example.com", "weight": 1}]
    user = job_question(who_of(facts=facts, signals=signals), PROMPTS.job_imagine, policy.topics).user
    for secret in ("ana@example.com", "Ana", "u:1001", "9f86d081"):
        assert secret not in user


def test_question_stays_short_with_a_full_profile(who_of: Callable[..., Person], policy: Policy) -> None:
    """A small local model must cope: about 700 tokens in all."""
    signals = [SIGNAL | {"id": f"s{n}", "title": "word " * 40, "weight": 1} for n in range(1, 21)]
    facts = [FACT | {"name": name, "value": "word " * 40} for name in ("role", "company", "industry", "goal")]
    ask = job_question(who_of(signals=signals, facts=facts), PROMPTS.job_imagine, policy.topics)
    assert len(ask.system + ask.user) / 4 < MOST_TOKENS


def test_only_what_was_told_may_be_cited(who_of: Callable[..., Person]) -> None:
    """Signals that speak against, or were left out, are no evidence."""
    signals = [SIGNAL | {"id": f"s{n}", "weight": 1 if n != 2 else -1} for n in range(1, 12)]
    facts = [FACT | {"name": "role", "value": "x"}, FACT | {"name": "name", "value": "Ana"}]
    ids = citable(who_of(signals=signals, facts=facts))
    assert ids == ("conversion", "s1", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "fact:role")


def test_unknown_topics_are_told_by_their_slug(who_of: Callable[..., Person]) -> None:
    """A topic the program no longer has still says something."""
    assert told_about(who_of(), {})["interests"] == ["email-marketing"]
