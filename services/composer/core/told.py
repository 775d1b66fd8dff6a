"""What a brief tells of the person and their company, by the table of origins; what it leaves out, by which rule."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from schemas.company import Company
from schemas.course import Course
from schemas.decision import NotTold
from schemas.recommendation import DeclaredFact, Recommendation, SignalFact, Trigger
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.judge import judge_line, judge_own, unsafe
from services.composer.core.gate.known import Known, ground_from
from services.composer.core.gate.tongue import foreign
from services.composer.core.values import Brief, Fact, Prompt
from services.composer.core.values import Field as Place
from services.rules.admission import Refused, admitted
from services.rules.origins import Field, Origin, Source, Way, field_of, reach

NAME_CHARACTERS = 40
TITLE_CHARACTERS = 120
MOST_PRODUCTS = 3
MOST_STEPS = 3  # of what the lead did, the newest
MOST_TAKEN = 3  # courses, the newest
FEWEST_WORDS = 2  # of a course's id that is told in place of a title nobody knows
OWN = (Field.GOAL, Field.ROLE, Field.INDUSTRY, Field.COMPANY_SIZE)
OF_COMPANY = ("product", "audience")
REASON = "fact:reason"
Named = Callable[[SignalFact], str]
"""A signal as a topic in the business's words."""


@dataclass(frozen=True, slots=True)
class Told:
    """The facts of the person and their company, and what was left out of them."""

    facts: tuple[Fact, ...]
    left_out: tuple[NotTold, ...]


def told_of(recommendation: Recommendation, known: Known, named: Named) -> Told:
    """All that may be told beside conversion, company name and job; each fact in the words that its origin allows."""
    declared = (_declared(each, known) for each in recommendation.request.snapshot.facts)
    facts: dict[str, Fact] = {}
    left_out: list[NotTold] = []
    for each in (*declared, *_of_company(recommendation.company, known)):
        if isinstance(each, Fact):
            facts.setdefault(each.id, each)
        elif each is not None:
            left_out.append(each)
    for fact in (_order(recommendation, named), _taken(recommendation, known)):
        if fact is not None:
            facts[fact.id] = fact
    return Told(tuple(facts.values()), tuple(left_out))


def conversion_of(trigger: Trigger, known: Known) -> str | None:
    """The title of what the lead took, where a server says it or the business registered it, and safety lets it."""
    found = _conversion(trigger, known)
    return found if isinstance(found, str) else None


def company_of(recommendation: Recommendation, known: Known) -> str | None:
    """The company's name, where a server says it and it is a plain one."""
    for fact in recommendation.request.snapshot.facts:
        if fact.name == "company":
            found = _company(fact, known)
            return found if isinstance(found, str) else None
    return None


def reason_of(recommendation: Recommendation, facts: Sequence[Fact], known: Known) -> Fact | NotTold | None:
    """Why this course, in a model's words, where they are in the mail's language and would stand as a line of it.

    A reason says things of the course: what these facts do not hold would reach the mail as if they did. One of a rule,
    of a course tried out, or of another course than this mail's is nobody's to tell.
    """
    pick = recommendation.pick
    if recommendation.rungs.get("pick") != "llm" or pick.is_exploration or pick.course_id != recommendation.course.id:
        return None
    found = _words(reach(Source.MODEL, Field.REASON).mail, pick.reason, known)
    if isinstance(found, Refused):
        return _refused(REASON, found)
    findings = judge_line(Place.SENTENCE, known.language, found, facts, known.lexicons) or judge_own(found, known)
    return NotTold(field=REASON, rule=findings[0].rule) if findings else fact_of(REASON, found)


def judging(known: Known, texts: tuple[str, ...], told: tuple[Fact, ...], prompt: Prompt) -> Known:
    """What a job is judged by: it may name what the course says and what the brief tells of person and company."""
    facts = (*(fact_of(f"course:{number}", each) for number, each in enumerate(texts)), *told)
    return replace(
        ground_from(known.language, facts, prompt, known.lexicons).known, banned=known.banned, voice=known.voice
    )


def not_told(
    brief: Brief, recommendation: Recommendation, known: Known, job_known: Known, sentences: Sequence[str]
) -> Iterator[NotTold]:
    """What else the recommendation holds that this brief does not tell; `sentences` are those of the description."""
    trigger, job = recommendation.request.trigger, recommendation.job.text
    if trigger.title and brief.conversion is None:
        yield _refused("fact:conversion", _conversion(trigger, known))
    for fact in recommendation.request.snapshot.facts:
        if fact.name == "company" and brief.company is None:
            yield _refused("fact:company", _company(fact, known))
    if recommendation.rungs.get("job") == "llm" and brief.job is None:
        yield NotTold(field="fact:job", rule=next((each.rule for each in judge_own(job, job_known)), "form"))
    yield from _of_course(brief, recommendation.course, known, sentences)
    shown = {each.course_id for each in brief.further}
    for course in recommendation.also:
        if course.id not in shown:
            yield NotTold(field=f"also:{course.id}", rule=_rule(course.title, known, "link"))


def _of_course(brief: Brief, course: Course, known: Known, sentences: Sequence[str]) -> Iterator[NotTold]:
    """The course's own texts that are not quoted; of one in another language none is."""
    if course.language != known.language:
        yield NotTold(field="course", rule="language")
        return
    told = {*brief.sentences, *brief.takeaways, *brief.skills}
    texts = {"description": sentences, "takeaway": course.takeaways, "skill": course.skills}
    for name, of_name in texts.items():
        for number, text in enumerate(" ".join(each.split()) for each in of_name):
            if text and text not in told:
                is_foreign = foreign(text, known.language, known.lexicons) is not None
                rule = _rule(text, known, "language" if is_foreign else "length")
                yield NotTold(field=f"course:{name}.{number}", rule=rule)


def _rule(text: str, known: Known, otherwise: str) -> str:
    return next((each.rule for each in unsafe(" ".join(text.split()), known)), otherwise)


def _declared(fact: DeclaredFact, known: Known) -> Fact | NotTold | None:
    about = field_of(fact.name)
    if about not in OWN:
        return None
    return _fact(f"fact:{fact.name}", reach(fact.said_by, about).mail, fact.value, known)


def _of_company(company: Company | None, known: Known) -> Iterator[Fact | NotTold]:
    """What a model read on the company's site: its products as one fact, and whom it serves."""
    if company is None or company.rung != "llm":
        return
    for name in OF_COMPANY:
        way = reach(Source.MODEL, field_of(name)).mail
        words = [_words(way, each.value, known) for each in company.facts if each.name == name]
        yield from (_refused(f"fact:{name}", each) for each in words if isinstance(each, Refused))
        if told := [each for each in words if isinstance(each, str)][:MOST_PRODUCTS]:
            yield fact_of(f"fact:{name}", ", ".join(told))


def _order(recommendation: Recommendation, named: Named) -> Fact | None:
    """The topics in the order in which the lead came to them; never a page, a time or a count."""
    signals = [each for each in recommendation.request.snapshot.signals if each.weight > 0]
    topics = [name for name, _ in groupby(map(named, sorted(signals, key=lambda each: (each.last_at, each.id))))]
    steps = topics[-MOST_STEPS:]
    return fact_of("fact:order", " → ".join(steps)) if len(set(steps)) > 1 else None


def _taken(recommendation: Recommendation, known: Known) -> Fact | None:
    """The courses taken, the newest first: by a title that is no mere browser's, else by the words of the id."""
    snapshot = recommendation.request.snapshot
    titles = {
        each.item: each.title
        for each in snapshot.signals
        if each.item and (each.content or not each.said_by.is_browser)
    }
    named = (titles.get(each.course_id) or _spelled(each.course_id) for each in snapshot.history[:MOST_TAKEN])
    told = [each for each in named if each and not unsafe(each, known)]
    return fact_of("fact:taken", "; ".join(told)) if told else None


def _spelled(course_id: str) -> str:
    words = [each for each in course_id.replace("_", "-").split("-") if each.isalpha()]
    return " ".join(words) if len(words) >= FEWEST_WORDS else ""


def _conversion(trigger: Trigger, known: Known) -> str | Refused:
    origin: Origin = Source.BRAND if trigger.content else trigger.said_by
    found = _words(reach(origin, Field.CONVERSION).mail, trigger.title or "", known)
    return Refused("length") if isinstance(found, str) and len(found) > TITLE_CHARACTERS else found


def _company(fact: DeclaredFact, known: Known) -> str | Refused:
    found = _words(reach(fact.said_by, Field.COMPANY).mail, fact.value, known)
    return Refused("length") if isinstance(found, str) and len(found) > NAME_CHARACTERS else found


def _fact(identifier: str, way: Way, text: str, known: Known) -> Fact | NotTold:
    found = _words(way, text, known)
    return fact_of(identifier, found) if isinstance(found, str) else _refused(identifier, found)


def _words(way: Way, text: str, known: Known) -> str | Refused:
    """The text as this way lets it be told, where no rule of the brand's safety refuses it."""
    found = admitted(way, text, known.language, known.safety)
    if isinstance(found, str) and (findings := unsafe(found, known)):
        return Refused(findings[0].rule)
    return found


def _refused(field: str, found: str | Refused) -> NotTold:
    return NotTold(field=field, rule=found.rule if isinstance(found, Refused) else "form")
