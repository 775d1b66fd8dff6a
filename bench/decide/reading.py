"""What a run is given, read from its files: the catalogue, its topics, requests, answers and enrolments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, TypeAdapter

from bench.decide.lines import Problem, Unfit, read_lines
from bench.judged.catalogues import Catalogue
from bench.requests import NOW, ShortRequest, request_of
from bench.scripted import STAGES, Scripted
from schemas.course import Course, Slug
from schemas.program import Topic
from schemas.recommendation import RecommendationRequest
from schemas.standing import CourseSignal, Taken, Unread
from schemas.values import Value
from services.recommender.adapters.catalogue.rows import rows
from services.recommender.core.asking.questions import STAGE_PICK
from services.recommender.core.company.extracting import STAGE as STAGE_COMPANY
from services.recommender.core.course_statistics import CourseStatistics, StatisticsView
from services.recommender.core.import_rows import BadRow
from services.recommender.core.statistics_fold import State, fold
from services.recommender.core.statistics_fold import rows as statistics_rows
from services.runtime.outcome import Misconfigured
from services.runtime.program import read_yaml

DAY_MS = 86_400_000
ANSWERED = (*STAGES, STAGE_COMPANY)
REQUEST = (
    "a request as recommendation.requests has it, or the short form (id, language, conversion, acts, facts, history)"
)
ANSWER = '{"lead": id, "stage": stage, "answer": {…}}, or "prefers": [id, …] for the pick'
ENROLMENT = 'an event as courses.signals has it, or {"course": id, "times": n, "days_ago": d}'
SIGNAL: TypeAdapter[CourseSignal] = TypeAdapter(CourseSignal)

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and the id that answers and output name it by."""

    id: str
    request: RecommendationRequest


@dataclass(slots=True)
class Given:
    """Everything a run works with, and the lines that were left out."""

    catalogue: Catalogue
    requests: Sequence[Asked]
    answers: Mapping[str, Scripted]
    statistics: CourseStatistics
    problems: list[Problem] = field(default_factory=list)


class AnswerLine(Value):
    """What a model says to one question about one lead."""

    lead: str
    stage: str
    answer: dict[str, Any] | None = None
    prefers: tuple[Slug, ...] | None = None


class Enrolled(Value):
    """So many people took this course, each alone, so many days before the bench's own now."""

    course: Slug
    times: int = Field(default=1, ge=1, le=100_000)
    days_ago: float = Field(default=0.0, ge=0)


class _Topics(Value):
    """`topics` of a program's `signals.yaml`, whose other parts are not read; or by the catalogue's file name."""

    topics: dict[Slug, Topic] | dict[str, dict[Slug, Topic]]
    version: Any = None
    half_life_days: Any = None
    fallback_weight: Any = None
    rules: Any = None


def read_catalogue(path: Path, topics: Path | None, language: str, problems: list[Problem]) -> Catalogue:
    """The open courses, a later row of an id in place of an earlier one.

    Raises:
        Misconfigured: a file cannot be read, or no row is a course.
    """
    courses: dict[str, Course] = {}
    for line, row, _ in rows(path):
        if isinstance(row, BadRow):
            problems.append(Problem(path, line, f"{row.problem}; the row is left out"))
        else:
            courses[row.id] = row
    is_open = {each.id: each for each in courses.values() if each.status == "open"}
    if not is_open:
        raise Misconfigured(f"{path}: expected at least one open course; of {len(courses)} good rows none is")
    own = _own_topics(is_open, language) if topics is None else _topics(topics, path.stem)
    return Catalogue(path.stem, is_open, own, language)


def read_requests(path: Path, problems: list[Problem]) -> tuple[Asked, ...]:
    """Every good request, in the file's order. Raises `Misconfigured`: the file cannot be read."""
    return _good(read_lines(path, REQUEST, _asked), problems)


def read_answers(path: Path, leads: frozenset[str], problems: list[Problem]) -> dict[str, Scripted]:
    """By lead; of several lines for one stage the last. Raises `Misconfigured`: the file cannot be read."""

    def made(value: Any) -> AnswerLine:
        line = AnswerLine.model_validate(value)
        if line.lead not in leads:
            raise Unfit(f"lead {line.lead!r} came, which no request names; give the id of one of the requests")
        if line.stage not in ANSWERED:
            raise Unfit(f"stage {line.stage!r} came; it is one of {', '.join(ANSWERED)}")
        if (line.answer is None) == (line.prefers is None):
            raise Unfit("both or neither of answer and prefers came; give one of them")
        if line.prefers is not None and line.stage != STAGE_PICK:
            raise Unfit(f"prefers came for {line.stage!r}; it is for the stage {STAGE_PICK!r} alone")
        return line

    last: dict[tuple[str, str], AnswerLine] = {}
    for each in _good(read_lines(path, ANSWER, made), problems):
        last[each.lead, each.stage] = each
    found: dict[str, Scripted] = {}
    for (lead, stage), each in last.items():
        so_far = found.get(lead, Scripted())
        given = so_far.answers if each.answer is None else {**so_far.answers, stage: each.answer}
        found[lead] = Scripted(given, so_far.prefers if each.prefers is None else each.prefers)
    return found


def read_enrolments(path: Path, courses: Mapping[str, Course], problems: list[Problem]) -> CourseStatistics:
    """What everybody's behaviour says, folded in the file's order. Raises `Misconfigured`: it cannot be read."""

    def made(value: Any) -> tuple[CourseSignal, ...]:
        if "kind" not in value:
            return _taken(Enrolled.model_validate(value), courses)
        signal = SIGNAL.validate_python(value)
        if isinstance(signal, Unread):
            raise Unfit(f"kind {signal.kind!r} came; it is taken or outcome")
        return (signal,)

    state, topics, touched = State(), {each.id: each.topics for each in courses.values()}, set[str]()
    for signals in _good(read_lines(path, ENROLMENT, made), problems):
        for each in signals:
            touched |= fold(state, each, topics)
    view = StatisticsView()
    for row in statistics_rows(state, touched):
        view.put(row)
    return view.statistics


def _asked(value: Any) -> Asked:
    if "decision_id" in value or "snapshot" in value:
        request = RecommendationRequest.model_validate(value)
        return Asked(request.decision_id, request)
    short = ShortRequest.model_validate(value)
    return Asked(short.id, request_of(short))


def _taken(enrolled: Enrolled, courses: Mapping[str, Course]) -> tuple[Taken, ...]:
    if enrolled.course not in courses:
        raise Unfit(f"course {enrolled.course!r} came, which is not in the catalogue; give the id of one that is")
    at_ms = int(NOW.timestamp() * 1000) - int(enrolled.days_ago * DAY_MS)
    return (Taken(course_id=enrolled.course, occurred_ms=at_ms),) * enrolled.times


def _own_topics(courses: Mapping[str, Course], language: str) -> dict[str, Topic]:
    names = dict.fromkeys(name for each in courses.values() for name in each.topics)
    return {name: Topic(title={language: name.replace("-", " ")}) for name in names}


def _topics(path: Path, catalogue: str) -> dict[str, Topic]:
    found, named = read_yaml(path, _Topics).topics, dict[str, Topic]()
    for name, each in found.items():
        if isinstance(each, Topic):
            named[name] = each
    if named:
        return named
    if not isinstance(of := found.get(catalogue), dict):
        raise Misconfigured(f"{path}: topics: expected topics, or those of {catalogue!r}; there is {', '.join(found)}")
    return of


def _good(lines: Iterable[V | Problem], problems: list[Problem]) -> tuple[V, ...]:
    good: list[V] = []
    for each in lines:
        if isinstance(each, Problem):
            problems.append(each)
        else:
            good.append(each)
    return tuple(good)
