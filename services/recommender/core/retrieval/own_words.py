"""A person's own words, by where they come from: all that a query for them is made of.

In a catalogue of thin texts the words of a sentence of ours would be the rare ones, and win. So nothing is searched
that the person did not say, read or take; of that, only what names a subject (`content`); and nothing that speaks to a
machine instead of a teacher (`is_hostile`); nor what its origin keeps from queries (`Hearing`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from schemas.recommendation import DeclaredFact, RecommendationRequest, SignalFact
from services.recommender.core.hearing import SEARCH, TITLE_CHARACTERS, Hearing
from services.recommender.core.retrieval.stop_words import stop_words
from services.recommender.core.sanitised import for_model, is_hostile
from services.recommender.core.weights import SOURCES, TOPIC_SOURCES

Source: TypeAlias = Literal["goal", "conversion", "search", "act", "role", "topic"]
Told: TypeAlias = tuple[str, Source, str, str]
"""Where a text came from, of which source it is, the text as it came, and sanitised."""
MOST_ACTS = 8
FACT_SOURCES: dict[str, Source] = {"goal": "goal", "role": "role", "title": "role", "industry": "role"}
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Saying:
    """One text of the person's own, and what a word of it counts."""

    source: Source
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a person said, read and took, each text sanitised once.

    Attributes:
        conversion: the title of what they took; empty where it has none.
        event: the name of that event.
        signals: what they did, the heaviest first, titles as their origin lets them, within 120 characters; nothing
            they turned away from.
        facts: what a prompt may hold of what they, or a server, said of them, values within 80 characters.
        sayings: what queries are made of, each text once, the heaviest first.
        left_out: where what was left out of these came from: `conversion`, a signal's id, or `fact:<name>`.
    """

    conversion: str
    event: str
    signals: tuple[SignalFact, ...]
    facts: tuple[DeclaredFact, ...]
    sayings: tuple[Saying, ...]
    left_out: tuple[str, ...]


def own_words(request: RecommendationRequest, topic_titles: Sequence[str], hearing: Hearing) -> OwnWords:
    """The words of a request; `topic_titles` are those of the person's strongest topics, strongest first."""
    language, facts = request.language, request.snapshot.facts
    acts = [each for each in request.snapshot.signals if each.weight > 0]
    conversion = hearing.conversion(request.trigger)
    signals = tuple(_signal(each, hearing.act(each, conversion, language)) for each in acts)
    told: tuple[Told, ...] = (
        ("conversion", "conversion", request.trigger.title or "", conversion),
        *_of_facts(facts, language, hearing),
        *(_of_act(act, clean) for act, clean in zip(acts[:MOST_ACTS], signals, strict=False)),
    )
    said: dict[str, Saying] = {}
    left_out: list[str] = []
    for where, source, raw, text in told:
        if is_hostile(raw):
            left_out.append(where)
        elif text and (text not in said or said[text].weight < SOURCES[source]):
            said[text] = Saying(source, text, SOURCES[source])
    for title, weight in zip(topic_titles, TOPIC_SOURCES, strict=False):
        said.setdefault(title, Saying("topic", title, weight))
    return OwnWords(
        conversion=conversion,
        event=for_model(request.trigger.event_name, TITLE_CHARACTERS),
        signals=signals,
        facts=tuple(_heard(facts, language, hearing)),
        sayings=tuple(sorted(said.values(), key=lambda each: -each.weight)),
        left_out=tuple(left_out),
    )


def content(text: str, language: str) -> str:
    """The words of a text that may name a subject: those that only join others, or name a form of course, are left out.

    Law: nothing but words of the text, in its order.
    """
    without = stop_words(language)
    return " ".join(each for each in _WORD.findall(text) if each.casefold() not in without)


def _of_facts(facts: Sequence[DeclaredFact], language: str, hearing: Hearing) -> Iterator[Told]:
    for fact in facts:
        if (source := FACT_SOURCES.get(fact.name)) is not None:
            yield f"fact:{fact.name}", source, fact.value, hearing.asked(fact, language)


def _of_act(act: SignalFact, clean: SignalFact) -> Told:
    return act.id, "search" if act.kind == SEARCH else "act", act.title, clean.title


def _signal(raw: SignalFact, title: str) -> SignalFact:
    return raw if title == raw.title else raw.model_copy(update={"title": title})


def _heard(facts: Sequence[DeclaredFact], language: str, hearing: Hearing) -> Iterator[DeclaredFact]:
    """The facts that a prompt may hold, as it may hold them."""
    for raw in facts:
        if value := hearing.told(raw, language):
            yield raw if value == raw.value else raw.model_copy(update={"value": value})
