"""What may be said of a person to a model, and what an answer may cite."""

from collections.abc import Mapping
from typing import Any

from schemas.company import Company
from schemas.program import Topic
from services.recommender.core.person import Person
from services.recommender.core.sanitised import clipped

CONVERSION = "conversion"
FACT = "fact:"
MOST_SIGNALS = 8  # with these limits the whole question stays near 700 tokens, which a 135M model still follows
TITLE_CHARACTERS = 90
TOLD_OF_COMPANY = ("industry", "audience")
TOLD_FACTS = ("role", "title", "company", "industry", "company_size", "size", "goal")
"""Facts a model may see; a name or an address is never among them, whatever a form was made to collect."""


def citable(person: Person) -> tuple[str, ...]:
    """Every id an answer may cite: the conversion, the signals told, the facts told."""
    signals = (each.id for each in person.signals[:MOST_SIGNALS])
    return (CONVERSION, *signals, *(f"{FACT}{each.name}" for each in person.facts if each.name in TOLD_FACTS))


def told_texts(person: Person, company: Company | None = None) -> tuple[str, ...]:
    """The texts of the data as a model is told them: titles and values."""
    of_company, told = company_texts(company), told_about(person, {})
    return (
        told["conversion"]["title"],
        *(each["title"] for each in told["signals"]),
        *(each["value"] for each in told["facts"]),
        *of_company,
    )


def told_about(person: Person, topics: Mapping[str, Topic]) -> dict[str, Any]:
    """The person as data for a model: conversion, signals, facts, interests; no address, no name, no person key."""
    return {
        "language": person.language,
        "conversion": {
            "id": CONVERSION,
            "event": clipped(person.event, TITLE_CHARACTERS),
            "title": clipped(person.conversion, TITLE_CHARACTERS),
        },
        "signals": [
            {"id": each.id, "kind": each.kind, "title": clipped(each.title, TITLE_CHARACTERS), "count": each.count}
            for each in person.signals[:MOST_SIGNALS]
        ],
        "facts": [
            {"id": f"{FACT}{each.name}", "value": each.value} for each in person.facts if each.name in TOLD_FACTS
        ],
        "interests": [_title(name, topics) for name in person.topics],
    }


def told_company(company: Company | None) -> dict[str, Any]:
    """What a site said, as data for the job question; what was declared is among the facts already."""
    if company is None or company.rung != "llm":
        return {}
    told: dict[str, Any] = {each.name: each.value for each in company.facts if each.name in TOLD_OF_COMPANY}
    products = [each.value for each in company.facts if each.name == "product"]
    return {"company": told | ({"products": products} if products else {})}


def company_texts(company: Company | None) -> tuple[str, ...]:
    """The texts of what is told: a job that only repeats one of them is no inference."""
    return tuple(each.value for each in company.facts) if told_company(company) and company else ()


def _title(name: str, topics: Mapping[str, Topic]) -> str:
    texts = topics[name].title if name in topics else {}
    return texts.get("en") or next(iter(texts.values()), name)
