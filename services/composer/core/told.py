"""What a brief tells of the person and their company, by the table of origins; what it leaves out, by which rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from schemas.decision import NotTold
from schemas.recommendation import Recommendation
from services.composer.core.gate.facts import Fact, fact_of
from services.composer.core.gate.judge import is_safe, judge_line, judge_own, refusing
from services.composer.core.gate.known import Known
from services.composer.core.offer import Offer
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
ORDER, TAKEN = "fact:order", "fact:taken"
NAMES = frozenset({CONVERSION, COMPANY})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that is told under this id if its way lets it, and where it has no more than `most` characters."""

    id: str
    way: Way
    text: str
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate as it is told, or None and the rule against it; `form` is none of these."""

    id: str
    text: str | None
    rule: str = "form"


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
    """All that may be told; `interests` are the lead's, by signal. Of several names the first that was said counts."""
    recommendation, known = offer.recommendation, offer.known
    order, taken = _order(recommendation, interests), _taken(recommendation)
    judged = [_judged(each, known) for each in _candidates(recommendation)]
    names = {each.id: each.text for each in reversed(judged) if each.id in NAMES}
    others = [each for each in judged if each.id not in NAMES]
    texts: dict[str, list[str]] = {}
    for each in others:
        if each.text is not None:
            texts.setdefault(each.id, []).append(each.text)
    told = {identifier: ", ".join(some[: MOST.get(identifier, 1)]) for identifier, some in texts.items()}
    steps = {ORDER: order, TAKEN: "; ".join(each for each in taken if is_safe(each, known))}
    facts = tuple(fact_of(identifier, text) for identifier, text in {**told, **steps}.items() if text)
    company = names.get(COMPANY)
    return Told(
        names.get(CONVERSION),
        company,
        facts,
        known=replace(known, facts=(*known.facts, *facts, *((fact_of(COMPANY, company),) if company else ()))),
        left_out=tuple(NotTold(field=each.id, rule=each.rule) for each in others if each.text is None),
        unnamed=tuple(NotTold(field=each.id, rule=each.rule) for each in judged if names.get(each.id, "") is None),
    )


def reason_of(recommendation: Recommendation, facts: Sequence[Fact], known: Known) -> Fact | NotTold | None:
    """Why this course, in a model's words, where they are in the mail's language and would stand as a line of it.

    A reason says things of the course: what these facts do not hold would reach the mail as if they did. One of a rule,
    of a course tried out, or of another course than this mail's is nobody's to tell.
    """
    pick = recommendation.pick
    if recommendation.rungs.get("pick") != "llm" or pick.is_exploration or pick.course_id != recommendation.course.id:
        return None
    judged = _judged(Candidate(REASON, reach(Source.MODEL, Field.REASON).mail, pick.reason), known)
    if (text := judged.text) is None:
        return NotTold(field=REASON, rule=judged.rule)
    findings = judge_line(Place.SENTENCE, known.language, text, facts, known.lexicons) or judge_own(text, known)
    return NotTold(field=REASON, rule=findings[0].rule) if findings else fact_of(REASON, text)


def _candidates(recommendation: Recommendation) -> Iterator[Candidate]:
    """Conversion, names of the company, what else was declared, what a model read on the company's site."""
    trigger, company = recommendation.request.trigger, recommendation.company
    declared = recommendation.request.snapshot.facts
    if trigger.title:
        origin: Origin = Source.BRAND if trigger.content else trigger.said_by
        yield Candidate(CONVERSION, reach(origin, Field.CONVERSION).mail, trigger.title, TITLE_CHARACTERS)
    for fact in declared:
        if fact.name == "company":
            yield Candidate(COMPANY, reach(fact.said_by, Field.COMPANY).mail, fact.value, NAME_CHARACTERS)
    for fact in declared:
        if (about := field_of(fact.name)) in OWN:
            yield Candidate(f"fact:{fact.name}", reach(fact.said_by, about).mail, fact.value)
    read = company.facts if company is not None and company.rung == "llm" else ()
    for name in OF_COMPANY:
        way = reach(Source.MODEL, field_of(name)).mail
        yield from (Candidate(f"fact:{name}", way, each.value) for each in read if each.name == name)


def _order(recommendation: Recommendation, interests: Sequence[Fact]) -> str:
    """The topics in the order in which the lead came to them; never a page, a time or a count. Empty for one alone."""
    named = {each.id: each.text for each in interests}
    seen = recommendation.request.snapshot.signals
    signals = sorted((each for each in seen if each.id in named), key=lambda each: (each.last_at, each.id))
    steps = [name for name, _ in groupby(named[each.id] for each in signals)][-MOST_STEPS:]
    return " → ".join(steps) if len(set(steps)) > 1 else ""


def _taken(recommendation: Recommendation) -> list[str]:
    """The courses taken, the newest first: by a title that is no mere browser's, else by the words of the id."""
    snapshot = recommendation.request.snapshot
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


def _judged(candidate: Candidate, known: Known) -> Judged:
    """The text as its way lets it be told, where it is not too long and no rule of the brand's safety refuses it.

    Admission knows neither brand nor course; the gate asks safety again with both, as it will of the mail's lines.
    """
    found = admitted(candidate.way, candidate.text, known.language, known.safety)
    if isinstance(found, Refused):
        return Judged(candidate.id, None, found.rule)
    is_long = candidate.most is not None and len(found) > candidate.most
    rule = refusing(found, known) or ("length" if is_long else None)
    return Judged(candidate.id, found) if rule is None else Judged(candidate.id, None, rule)
