"""The template's copy as the gate passes it: of the richest form what passes, down to words that nothing can spoil.

Law: for any brief there is a copy, and no rule of the gate refuses it. The gate itself is asked, field by field; where
it becomes stricter, more fields give way to generic words. That the plainest form passes is asked once, at the start.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from schemas.course import Course
from schemas.program import Brand
from schemas.words import ActWords, Words
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.judge import alone, is_safe, judge, judge_own
from services.composer.core.gate.known import Known, known_of
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.tone import addressed, tone
from services.composer.core.locale import Locale
from services.composer.core.template import plain_copy, template_copy
from services.composer.core.values import Brief, Copy, Finding, Prompt

ABSENT: dict[str, Any] = {
    "title": None, "topic": None, "conversion": None, "company": None, "job": None, "goal": None, "interest": None,
    "skills": (), "takeaways": (), "sentences": (),
}  # fmt: skip
# The fields of a brief in the order of their worth; the course's own sentences come last, one by one.
WORTH = ("title", "topic", "act", "conversion", "job", "goal", "company", "interest", "takeaways", "skills")

# Phrases that code writes beside the copy: nothing of them claims anything, so safety and bans are asked alone.
BESIDE = frozenset(
    {"greeting", "greeting_named", "lesson_title", "lesson_titles", "card_label", "skills_line", "closing"}
)
_SLOT = re.compile(r"\{(\w+)\}")


def proven_copy(brief: Brief, known: Known) -> tuple[Copy, tuple[Finding, ...]]:
    """The best copy of the template that passes, and what the gate found in the best there could have been."""
    worth: tuple[dict[str, Any], ...] = (
        *({name: getattr(brief, name)} for name in WORTH),
        *({"sentences": brief.sentences[:most]} for most in range(1, len(brief.sentences) + 1)),
    )
    whole, best = template_copy(brief), plain_copy(brief)
    if not (findings := judge(whole, known)):
        return whole, ()
    kept = replace(brief, act=brief.locale.words.act, **ABSENT)
    for fields in ({}, *worth):
        trial = replace(kept, **fields)
        copy = template_copy(trial)
        if not judge(copy, known):
            kept, best = trial, copy
    return best, findings


def plain_findings(locale: Locale, brand: Brand, prompt: Prompt, lexicons: Lexicons) -> tuple[Finding, ...]:
    """What the gate has against the plainest words of a language; empty means that the law holds for it."""
    brief = _blank(locale, brand, lexicons)
    return judge(plain_copy(brief), known_of(brief, prompt))


def fit_words(locale: Locale, known: Known) -> tuple[Words, tuple[str, ...]]:
    """The words without those variants that the gate refuses by themselves, and the keys of which none is left."""
    words = locale.words
    act, lost = fit_act(words.act, known)
    fitted, empty = _fit(words, known)
    return words.model_copy(update={**fitted, "act": act}), (*(f"act.{each}" for each in lost), *empty)


def addressing_otherwise(locale: Locale, known: Known) -> tuple[str, ...]:
    """The phrases that speak to a reader in another form than the brand's, each by its key and with what tells it."""
    told = {"": locale.words.model_dump(exclude={"locale", "quotes", "lowers", "spaces"})}
    acts = (each for by_event in locale.acts.values() for each in by_event.items())
    told |= {f"acts.{event}.{locale.language}.": act.model_dump() for event, act in acts}
    phrases = ((f"{place}{key}", text) for place, tree in told.items() for key, text in _leaves(tree, ""))
    bare = ((key, _SLOT.sub(lambda slot: slot.group(1).lower(), text)) for key, text in phrases)
    return tuple(
        f"{key}: {found}" for key, text in bare if (found := addressed(text, known.read(text), known)) is not None
    )


def fit_act(act: ActWords, known: Known) -> tuple[ActWords, tuple[str, ...]]:
    """The same of an act."""
    fitted, empty = _fit(act, known)
    return act.model_copy(update=fitted), empty


def knowing_nothing(locale: Locale, brand: Brand, prompt: Prompt, lexicons: Lexicons) -> Known:
    """What a phrase may say before there is a brief: what needs no fact."""
    return Known(locale.language, lexicons, prompt, banned=brand.banned_claims, voice=brand.voice)


def _fit(words: Words | ActWords, known: Known) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    variants = {name: value for name, value in words if name != "quotes" and isinstance(value, tuple)}
    fit = {
        name: tuple(each for each in value if _is_fit(each, known, is_judged=name not in BESIDE))
        for name, value in variants.items()
    }
    return fit, tuple(name for name, value in fit.items() if variants[name] and not value)


def _is_fit(phrase: str, known: Known, *, is_judged: bool) -> bool:
    """Judged with its slots as small words: what will stand in them is judged with the copy."""
    bare = _SLOT.sub(lambda slot: slot.group(1).lower(), phrase)
    return not judge_own(bare, known) if is_judged else is_safe(bare, known) and tone(alone(bare, known)) is None


def _leaves(tree: Any, key: str) -> Iterator[tuple[str, str]]:
    """Every text in it, by the keys that lead there."""
    match tree:
        case str():
            yield key, tree
        case dict():
            yield from (leaf for name, each in tree.items() for leaf in _leaves(each, f"{key}.{name}".lstrip(".")))
        case _:
            yield from (leaf for place, each in enumerate(tree) for leaf in _leaves(each, f"{key}.{place}"))


def _blank(locale: Locale, brand: Brand, lexicons: Lexicons) -> Brief:
    """A brief that says nothing of anybody."""
    words = locale.words
    course = Course(
        id="none", title=words.generic_title, url=f"{brand.website}", topics=("none",), level="beginner",
        language=locale.language, updated_at=datetime.min.replace(tzinfo=UTC),
    )  # fmt: skip
    facts = (
        fact_of("fact:act", words.act.because_untitled),
        fact_of("fact:topic", words.generic_topic),
        fact_of("course:level", words.levels["beginner"]),
    )
    return Brief(
        decision_id="", locale=locale, is_default_language=False, act=words.act, course=course,
        level=words.levels["beginner"], duration=None, facts=facts, brand=brand.name, tone=brand.tone,
        banned=brand.banned_claims, lexicons=lexicons, voice=brand.voice, **ABSENT,
    )  # fmt: skip
