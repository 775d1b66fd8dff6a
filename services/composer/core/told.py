"""What a brief tells of the person and their company, by the table of origins; what it leaves out, by which rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from schemas.company import Company
from schemas.decision import NotTold
from schemas.recommendation import Recommendation, Snapshot, Trigger
from services.composer.core.gate.facts import Fact, fact_of
from services.composer.core.gate.judge import is_safe, judge_line, judge_own, refusing
from services.composer.core.gate.known import Known
from services.composer.core.spare import Offer
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
MOST = {"fact:product": MOST_PRODUCTS, "fact:audience": MOST_PRODUCTS}  # of what is told under one id; else one
CONVERSION, COMPANY, REASON = "fact:conversion", "fact:company", "fact:reason"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that is told under this id if its way lets it, and where it has no more than `most` characters."""

    id: str
    way: Way
    text: str
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of the person and their company, each in the words that its origin allows.

    `conversion` is the title of what the lead took, `company` the company's name, `facts` all else. `known` is what the
    course and all of these say: what a job and a reason are judged by. `left_out` is what of `facts` is not told,
    `unnamed` why there is no conversion or no company.
    """

    conversion: str | None
    company: str | None
    facts: tuple[Fact, ...]
    known: Known
    left_out: tuple[NotTold, ...]
    unnamed: tuple[NotTold, ...]


def told_of(offer: Offer, interests: Sequence[Fact]) -> Told:
    """All that may be told; `interests` are the lead's, by signal. What a name is the first of its facts says."""
    request, known = offer.recommendation.request, offer.known
    order, taken = _order(request.snapshot, interests), _taken(request.snapshot)
    titles, names = _conversion(request.trigger), _names(request.snapshot)
    others = (*_declared(request.snapshot), *_of_company(offer.recommendation.company))
    conversions, companies, found = (
        [(each.id, _words(each, known)) for each in some] for some in (titles, names, others)
    )
    conversion = next((text for _, text in conversions if isinstance(text, str)), None)
    company = next((text for _, text in companies[:1] if isinstance(text, str)), None)
    texts: dict[str, list[str]] = {}
    for identifier, text in found:
        if isinstance(text, str):
            texts.setdefault(identifier, []).append(text)
    steps = {"fact:order": order, "fact:taken": "; ".join(each for each in taken if is_safe(each, known))}
    joined = {each: ", ".join(some[: MOST.get(each, 1)]) for each, some in texts.items()} | steps
    facts = tuple(fact_of(identifier, text) for identifier, text in joined.items() if text)
    told = (*facts, *((fact_of(COMPANY, company),) if company else ()))
    unnamed = (*(conversions if conversion is None else ()), *(companies if company is None else ()))
    return Told(
        conversion,
        company,
        facts,
        replace(known, facts=(*known.facts, *told)),
        left_out=tuple(_refused(*each) for each in found if isinstance(each[1], Refused)),
        unnamed=tuple(_refused(*each) for each in unnamed),
    )


def reason_of(recommendation: Recommendation, facts: Sequence[Fact], known: Known) -> Fact | NotTold | None:
    """Why this course, in a model's words, where they are in the mail's language and would stand as a line of it.

    A reason says things of the course: what these facts do not hold would reach the mail as if they did. One of a rule,
    of a course tried out, or of another course than this mail's is nobody's to tell.
    """
    pick = recommendation.pick
    if recommendation.rungs.get("pick") != "llm" or pick.is_exploration or pick.course_id != recommendation.course.id:
        return None
    found = _words(Candidate(REASON, reach(Source.MODEL, Field.REASON).mail, pick.reason), known)
    if isinstance(found, Refused):
        return _refused(REASON, found)
    findings = judge_line(Place.SENTENCE, known.language, found, facts, known.lexicons) or judge_own(found, known)
    return NotTold(field=REASON, rule=findings[0].rule) if findings else fact_of(REASON, found)


def _conversion(trigger: Trigger) -> tuple[Candidate, ...]:
    """The title of what the lead took: what a server says of it, or what the business registered."""
    origin: Origin = Source.BRAND if trigger.content else trigger.said_by
    way = reach(origin, Field.CONVERSION).mail
    return (Candidate(CONVERSION, way, trigger.title, TITLE_CHARACTERS),) if trigger.title else ()


def _names(snapshot: Snapshot) -> tuple[Candidate, ...]:
    """The company's names, as they were declared."""
    return tuple(
        Candidate(COMPANY, reach(each.said_by, Field.COMPANY).mail, each.value, NAME_CHARACTERS)
        for each in snapshot.facts
        if each.name == "company"
    )


def _declared(snapshot: Snapshot) -> Iterator[Candidate]:
    """What else was declared of the person."""
    for fact in snapshot.facts:
        if (about := field_of(fact.name)) in OWN:
            yield Candidate(f"fact:{fact.name}", reach(fact.said_by, about).mail, fact.value)


def _of_company(company: Company | None) -> Iterator[Candidate]:
    """What a model read on the company's site: its products, and whom it serves."""
    if company is None or company.rung != "llm":
        return
    for name in OF_COMPANY:
        way = reach(Source.MODEL, field_of(name)).mail
        yield from (Candidate(f"fact:{name}", way, each.value) for each in company.facts if each.name == name)


def _order(snapshot: Snapshot, interests: Sequence[Fact]) -> str:
    """The topics in the order in which the lead came to them; never a page, a time or a count. Empty for one alone."""
    named = {each.id: each.text for each in interests}
    signals = sorted((each for each in snapshot.signals if each.id in named), key=lambda each: (each.last_at, each.id))
    steps = [name for name, _ in groupby(named[each.id] for each in signals)][-MOST_STEPS:]
    return " → ".join(steps) if len(set(steps)) > 1 else ""


def _taken(snapshot: Snapshot) -> list[str]:
    """The courses taken, the newest first: by a title that is no mere browser's, else by the words of the id."""
    titles = {
        each.item: each.title
        for each in snapshot.signals
        if each.item and (each.content or not each.said_by.is_browser)
    }
    named = (titles.get(each.course_id) or _spelled(each.course_id) for each in snapshot.history[:MOST_TAKEN])
    return [each for each in named if each]


def _spelled(course_id: str) -> str:
    words = [each for each in course_id.replace("_", "-").split("-") if each.isalpha()]
    return " ".join(words) if len(words) >= FEWEST_WORDS else ""


def _words(candidate: Candidate, known: Known) -> str | Refused:
    """The text as its way lets it be told, where it is not too long and no rule of the brand's safety refuses it."""
    found = admitted(candidate.way, candidate.text, known.language, known.safety)
    if isinstance(found, Refused):
        return found
    if (rule := refusing(found, known)) is not None:
        return Refused(rule)
    return found if candidate.most is None or len(found) <= candidate.most else Refused("length")


def _refused(identifier: str, found: str | Refused) -> NotTold:
    return NotTold(field=identifier, rule=found.rule if isinstance(found, Refused) else "form")
