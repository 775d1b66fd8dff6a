"""A person's own words, by where they come from: all that a query for them is made of.

In a catalogue of thin texts the words of a sentence of ours would be the rare ones, and win. So nothing is searched
that the person did not say, read or take; of that, only what names a subject (`content`); and nothing that speaks to a
machine instead of a teacher (`hostile`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from schemas.recommendation import RecommendationRequest
from services.recommender.core.retrieval.hostile import is_hostile
from services.recommender.core.retrieval.stop_words import stop_words
from services.recommender.core.sanitised import for_model
from services.recommender.core.weights import SOURCES, TOPIC_SOURCES

Source: TypeAlias = Literal["goal", "conversion", "search", "act", "role", "topic"]
MOST_ACTS = 8
TITLE_CHARACTERS, GOAL_CHARACTERS = 120, 400
FACT_SOURCES: dict[str, Source] = {"goal": "goal", "role": "role", "title": "role", "industry": "role"}
SEARCH = "search"  # the kind of a signal that holds the words somebody typed
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Saying:
    """One text of the person's own, and what a word of it counts."""

    source: Source
    text: str
    weight: float


def sayings_of(
    request: RecommendationRequest, topic_titles: Sequence[str]
) -> tuple[tuple[Saying, ...], tuple[str, ...]]:
    """What the person said, read and took, each text once, the heaviest first; and where what was left out came from.

    `topic_titles` are those of their strongest topics, strongest first. Where something came from is `conversion`, a
    signal's id, or `fact:<name>`.
    """
    said: dict[str, Saying] = {}
    left_out: list[str] = []
    for where, source, raw in _told(request):
        text = for_model(raw, GOAL_CHARACTERS if source == "goal" else TITLE_CHARACTERS)
        if is_hostile(raw):
            left_out.append(where)
        elif text and (text not in said or said[text].weight < SOURCES[source]):
            said[text] = Saying(source, text, SOURCES[source])
    for title, weight in zip(topic_titles, TOPIC_SOURCES, strict=False):
        said.setdefault(title, Saying("topic", title, weight))
    return tuple(sorted(said.values(), key=lambda each: -each.weight)), tuple(left_out)


def content(text: str, language: str) -> str:
    """The words of a text that may name a subject: those that only join others, or name a form of course, are left out.

    Law: nothing but words of the text, in its order.
    """
    without = stop_words(language)
    return " ".join(each for each in _WORD.findall(text) if each.casefold() not in without)


def _told(request: RecommendationRequest) -> Iterator[tuple[str, Source, str]]:
    yield "conversion", "conversion", request.trigger.title or ""
    for fact in request.snapshot.facts:
        if fact.name in FACT_SOURCES:
            yield f"fact:{fact.name}", FACT_SOURCES[fact.name], fact.value
    for act in [each for each in request.snapshot.signals if each.weight > 0][:MOST_ACTS]:
        yield act.id, "search" if act.kind == SEARCH else "act", act.title
