"""The two questions to a model: its constant part from the prompt file, its data as JSON, the schema of its answer."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.company import Company
from schemas.course import Course
from schemas.llm import Ask
from schemas.program import Topic
from schemas.recommendation import Job
from services.recommender.core.asking.prompt_data import citable, told_about, told_company, told_offered
from services.recommender.core.asking.rules import job_by_rules
from services.recommender.core.hearing import titles_of
from services.recommender.core.person import Person
from services.recommender.core.sanitised import for_model
from services.recommender.core.values import LEVELS, Prompt
from services.rules.cited import cited_of
from services.rules.layer import refusing
from services.rules.safety import Safety

STAGE_JOB, STAGE_PICK = "job+imagine", "pick"
JOB_TOKENS = 420
PICK_TOKENS = 280
STAGES = ("problem", "exploring", "comparing", "ready")
DESCRIPTION_CHARACTERS = 128
# Longest texts, in characters. The schema says them too, so that a small model ends its sentences.
MOST = {"job": 200, "title": 90, "description": 320, "skill": 40, "reason": 200}
FEWEST = {"job": 8, "title": 4, "description": 16, "skill": 2, "reason": 8}
MOST_SKILLS = 5
MOST_CITES = 4
MOST_PICKS = 3
FITS = ("yes", "partly", "no")


def job_question(person: Person, prompt: Prompt, topics: Mapping[str, Topic], company: Company | None = None) -> Ask:
    """One question for the job and the course imagined for it: of both stages at once; with what a site said."""
    told = told_about(person, topics) | told_offered(topics) | told_company(company)
    properties = {
        "cites": _cites(citable(person)),
        "job": _text("job"),
        "stage": {"type": "string", "enum": list(STAGES)},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "title": _text("title"),
        "description": _text("description"),
        "skills": {"type": "array", "items": _text("skill"), "maxItems": MOST_SKILLS},
        "level": {"type": "string", "enum": list(LEVELS)},
    }
    return Ask(STAGE_JOB, prompt.id, prompt.text, _data(told), _closed(properties), JOB_TOKENS)


def pick_question(
    person: Person, prompt: Prompt, topics: Mapping[str, Topic], job: Job, courses: Sequence[Course]
) -> Ask:
    """Which of these courses, and how well each fits; the answer's schema admits no other id."""
    told = told_about(person, topics) | {
        "job": for_model(job.text, MOST["job"]),
        "stage": job.stage,
        "candidates": [_candidate(each, person, topics) for each in courses],
    }
    pick = _closed({
        "course_id": {"type": "string", "enum": [each.id for each in courses]},
        "fits": {"type": "string", "enum": list(FITS)},
    })  # fmt: skip
    properties = {
        "picks": {"type": "array", "items": pick, "minItems": 1, "maxItems": MOST_PICKS},
        "cites": _cites(citable(person)),
        "reason": _text("reason"),
    }
    return Ask(STAGE_PICK, prompt.id, prompt.text, _data(told), _closed(properties), PICK_TOKENS)


def safe_job(job: Job, person: Person, courses: Sequence[Course], safety: Safety) -> Job:
    """The job as a prompt may hold it: one that safety refuses may be what somebody wrote to be passed on.

    In the courses' own words it may speak of anything; else the rules' job stands for it.
    """
    cited = cited_of(text for each in courses for text in (each.title, each.description))
    return job if refusing(job.text, person.language, safety, cited) is None else job_by_rules(person)


def _candidate(course: Course, person: Person, topics: Mapping[str, Topic]) -> dict[str, Any]:
    """A course as a model is told it: its language where it is not the lead's, its minutes where they are known."""
    told: dict[str, Any] = {
        "id": course.id,
        "title": for_model(course.title, MOST["title"]),
        "about": for_model(course.description, DESCRIPTION_CHARACTERS),
        "topic": next(iter(titles_of(course.topics, "en", topics)), ""),
        "level": course.level,
        "language": course.language if course.language != person.language else "",
        "minutes": course.duration_minutes,
        "looked_at": course.id in person.items,
    }
    return {name: value for name, value in told.items() if value}


def _data(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _text(name: str) -> dict[str, Any]:
    return {"type": "string", "minLength": FEWEST[name], "maxLength": MOST[name]}


def _cites(ids: Sequence[str]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", "enum": list(ids)}, "minItems": 1, "maxItems": MOST_CITES}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
