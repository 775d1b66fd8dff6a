"""The fields of a brief, each judged before anything is written with it: what the gate would refuse is left out."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from schemas.course import Course
from schemas.decision import NotTold
from schemas.recommendation import Recommendation
from services.composer.core.gate.facts import Fact
from services.composer.core.gate.grounding import content
from services.composer.core.gate.judge import judge_own, judge_text, refusing
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.offer import Offer
from services.composer.core.phrasing import course_line
from services.composer.core.template import skills_line
from services.composer.core.told import Told
from services.composer.core.values import Further, Prompt
from services.rules.stranger import is_phrase

MOST_SENTENCES = 6
MOST_TAKEAWAYS = 3
SKILLS_NOTED = 3
JOB_CHARACTERS = (20, 200)
DENSE_JOB_CHARACTERS = (8, 120)  # where a character is a syllable or a word
GOAL_CHARACTERS = 80
COURSE_TITLE_CHARACTERS = 200  # as the catalogue has them
QUOTED_CHARACTERS = 320  # of one takeaway or sentence; a longer one is left out
JUDGED = 4_096  # courses' texts whose verdicts are kept: a catalogue comes again and again
JOB = "fact:job"
_SENTENCE_END = re.compile(
    r"(?<=[.!?…])\s+(?=[\"“«„¿¡(]?[A-ZÀ-ÞŒ0-9])"
    r"|(?<=[。！？])(?=[^」』）])"  # noqa: RUF001 the full stops of Japanese
)
_THIRD_PERSON = re.compile(
    r"^(?:the|a|this) (?:user|person|lead|reader|visitor|customer|recipient)\b"
    r"|^(?:el|la|este|esta) (?:usuari[oa]|persona|lead|lector|cliente)\b"
)
_TO_A_MODEL = re.compile(
    r"\b(?:your|the|every) (?:response|answer|reply|replies|output|message)\b|\btu (?:respuesta|salida|mensaje)\b"
)


@dataclass(frozen=True, slots=True)
class Fields:
    """What a mail may say of the course and the job; None or empty where there is nothing, or nothing that passes."""

    title: str | None
    job: str | None
    goal: str | None
    sentences: tuple[str, ...]
    takeaways: tuple[str, ...]
    skills: tuple[str, ...]
    further: tuple[Further, ...]
    left_out: tuple[NotTold, ...]


def fields_of(offer: Offer, told: Told) -> Fields:
    """The fields, and what was left out of them, by which rule."""
    recommendation, known = offer.recommendation, offer.known
    course = recommendation.course
    is_quotable = course.language == known.language
    texts = _texts(course) if is_quotable else {}
    quoted = {name: _sound(of_name, known) for name, of_name in texts.items()}
    takeaways, skills = quoted.get("takeaway", ())[:MOST_TAKEAWAYS], quoted.get("skill", ())
    sentences = tuple(each for each in quoted.get("description", ()) if each not in takeaways)
    job = _job(offer, told)
    further = tuple(_further(offer))
    return Fields(
        title=_safe(course.title, known, COURSE_TITLE_CHARACTERS),
        job=job if isinstance(job, str) else None,
        goal=_goal(recommendation, known),
        sentences=sentences,
        takeaways=takeaways,
        skills=skills,
        further=tuple(each for each in further if isinstance(each, Further)),
        left_out=(
            *((job,) if isinstance(job, NotTold) else ()),
            *(() if is_quotable else (NotTold(field="course", rule="language"),)),
            *_unquoted(texts, known, {*sentences, *takeaways, *skills}),
            *_unlisted(further),
        ),
    )


def sentences_of(description: str) -> tuple[str, ...]:
    """The first sentences of a description."""
    return tuple(each.strip() for each in _SENTENCE_END.split(" ".join(description.split())))[:MOST_SENTENCES]


def _texts(course: Course) -> Mapping[str, tuple[str, ...]]:
    """The course's own texts, by the name of their facts, each in one line."""
    texts = {"description": sentences_of(course.description), "takeaway": course.takeaways, "skill": course.skills}
    return {name: tuple(" ".join(each.split()) for each in of_name) for name, of_name in texts.items()}


class _Basis(NamedTuple):
    """All that a verdict over a text of a catalogue hangs on, beside the text."""

    language: str
    lexicons: Lexicons
    prompt: Prompt
    facts: tuple[Fact, ...]
    banned: tuple[str, ...]
    brand: str


def _verdicts(texts: Iterable[str], known: Known) -> Mapping[str, str | None]:
    """Text → the rule that is against it, or None; judged once for all mails of the same basis."""
    basis = _Basis(known.language, known.lexicons, known.prompt, known.facts, known.banned, known.brand)
    return _judged(tuple(texts), basis)


@lru_cache(maxsize=JUDGED)
def _judged(texts: tuple[str, ...], basis: _Basis) -> Mapping[str, str | None]:
    known = Known(**basis._asdict())
    return {each: _rule_against(each, known) for each in texts if each}


def _rule_against(text: str, known: Known) -> str | None:
    """The rule for which a mail in this language may not quote a text of the course's own."""
    if (rule := refusing(text, known)) is not None:
        return rule
    if known.read(text).foreign:
        return "language"
    return None if len(text) <= QUOTED_CHARACTERS else "length"


def _sound(texts: Iterable[str], known: Known) -> tuple[str, ...]:
    """Those that no rule is against, each once."""
    quotable = (each for each, rule in _verdicts(texts, known).items() if rule is None)
    return tuple({known.read(each).folded: each for each in quotable}.values())


def _unquoted(texts: Mapping[str, Sequence[str]], known: Known, told: set[str]) -> Iterator[NotTold]:
    for name, of_name in texts.items():
        verdicts = _verdicts(of_name, known)
        for number, text in enumerate(of_name):
            if text and text not in told:
                yield NotTold(field=f"course:{name}.{number}", rule=verdicts[text] or "length")


def _job(offer: Offer, told: Told) -> str | NotTold | None:
    """The job as a sentence fit for a letter: a model's, near the course, that passes every rule of text.

    It may name what the course says and what is told of person and company.
    """
    recommendation, words = offer.recommendation, offer.locale.words
    if recommendation.rungs.get("job") != "llm":
        return None
    text = " ".join(recommendation.job.text.split())
    if not _is_fit(text, offer, told.conversion) or judge_own(text, told.known):
        findings = judge_own(recommendation.job.text, told.known)
        return NotTold(field=JOB, rule=next((each.rule for each in findings), "form"))
    return text if text[-1] in ".!?。" else f"{text}{'.' if words.spaces else '。'}"


def _is_fit(text: str, offer: Offer, conversion: str | None) -> bool:
    """True for a job of a letter's length, of what the course is about, that neither tells of a reader nor echoes."""
    known, plain = offer.known, text.casefold()
    least, most = JOB_CHARACTERS if offer.locale.words.spaces else DENSE_JOB_CHARACTERS
    if not least <= len(text) <= most or _THIRD_PERSON.search(plain) or _TO_A_MODEL.search(plain):
        return False
    is_echo = conversion is not None and conversion.casefold() in plain
    said = known.read(text)
    return not is_echo and not said.foreign and content(said, known)[0] > 0


def _goal(recommendation: Recommendation, known: Known) -> str | None:
    """The lead's goal in their own words: one a server verified, short, in the mail's language, past every rule."""
    for fact in recommendation.request.snapshot.facts:
        if fact.name == "goal" and fact.is_verified:
            goal = _safe(fact.value, known, GOAL_CHARACTERS)
            return goal if goal and _is_own_words(goal, known) else None
    return None


def _is_own_words(text: str, known: Known) -> bool:
    """True for a phrase of the mail's language that a letter may quote: nothing asks, tells or ends in it."""
    is_short = is_phrase(text, known.language, known.safety.lexicon)
    return is_short and not judge_text(text, known) and not known.read(text).foreign


def _safe(text: str, known: Known, most: int) -> str | None:
    """The text in one line, where it is short enough and no rule of safety refuses it."""
    tidy = " ".join(text.split())
    return tidy if tidy and len(tidy) <= most and refusing(tidy, known) is None else None


def _further(offer: Offer) -> Iterator[Further | NotTold]:
    """The further courses as they are listed; one that the gate would refuse is left out, for the mail's sake."""
    for course in offer.recommendation.also:
        title = " ".join(course.title.split())
        rule = refusing(title, offer.known) or (None if course.url in offer.linked else "link")
        if rule is not None:
            yield NotTold(field=f"also:{course.id}", rule=rule)
            continue
        yield Further(course.id, title, course_line(course, offer.locale), _note(course, offer), course.url)


def _note(course: Course, offer: Offer) -> str:
    """What the course is about in one line: its first skills, else its first sentence; empty in another language."""
    known = offer.known
    if course.language != known.language:
        return ""
    texts = _texts(course)
    if skills := _sound(texts["skill"], known)[:SKILLS_NOTED]:
        return skills_line(offer.recommendation.request.decision_id, skills, offer.locale)
    return next(iter(_sound(texts["description"], known)), "")


def _unlisted(further: Sequence[Further | NotTold]) -> Iterator[NotTold]:
    """Those that are listed under no entry of the same course."""
    listed = {f"also:{each.course_id}" for each in further if isinstance(each, Further)}
    return (each for each in further if isinstance(each, NotTold) and each.field not in listed)
