"""What may be said of a person to a model, and what an answer may cite."""

from collections.abc import Mapping
from typing import Any

from schemas.company import Company
from schemas.program import Topic
from schemas.recommendation import RecommendationRequest
from services.recommender.core.company.telling import company_texts
from services.recommender.core.person import topic_weights
from services.recommender.core.sanitised import for_model

CONVERSION = "conversion"
FACT = "fact:"
MOST_SIGNALS = 8  # with these limits the whole question stays near 700 tokens, which a 135M model still follows
TITLE_CHARACTERS = 90
VALUE_CHARACTERS = 80
TOLD_FACTS = ("role", "title", "company", "industry", "company_size", "size", "goal")
"""Facts a model may see; a name or an address is never among them, whatever a form was made to collect."""


def citable(request: RecommendationRequest) -> tuple[str, ...]:
    """Every id an answer may cite: the conversion, the signals told, the facts told."""
    told = told_about(request, {})
    return (CONVERSION, *(each["id"] for each in told["signals"]), *(each["id"] for each in told["facts"]))


def told_texts(request: RecommendationRequest, company: Company | None = None) -> tuple[str, ...]:
    """The texts of the data as a model is told them: titles and values."""
    told = told_about(request, {})
    return (
        told["conversion"]["title"],
        *(each["title"] for each in told["signals"]),
        *(each["value"] for each in told["facts"]),
        *company_texts(company),
    )


def told_about(request: RecommendationRequest, topics: Mapping[str, Topic]) -> dict[str, Any]:
    """The person as data for a model: conversion, signals, facts, interests; no address, no name, no person key."""
    snapshot, trigger = request.snapshot, request.trigger
    return {
        "language": request.language,
        "conversion": {
            "id": CONVERSION,
            "event": for_model(trigger.event_name, TITLE_CHARACTERS),
            "title": for_model(trigger.title or "", TITLE_CHARACTERS),
        },
        "signals": [
            {"id": each.id, "kind": each.kind, "title": for_model(each.title, TITLE_CHARACTERS), "count": each.count}
            for each in [each for each in snapshot.signals if each.weight > 0][:MOST_SIGNALS]
        ],
        "facts": [
            {"id": f"{FACT}{each.name}", "value": for_model(each.value, VALUE_CHARACTERS)}
            for each in snapshot.facts
            if each.name in TOLD_FACTS
        ],
        "interests": [_title(name, topics) for name in topic_weights(snapshot)],
    }


def _title(name: str, topics: Mapping[str, Topic]) -> str:
    texts = topics[name].title if name in topics else {}
    return texts.get("en") or next(iter(texts.values()), name)
