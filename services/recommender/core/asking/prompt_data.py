"""What may be said of a person to a model, and what an answer may cite."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.company import Company
from schemas.program import Topic
from schemas.recommendation import SignalFact
from services.recommender.core.person import Person
from services.recommender.core.sanitised import clipped

CONVERSION = "conversion"
FACT = "fact:"
MOST_SIGNALS = 8  # with these limits the whole question stays near 900 tokens, which a small model still follows
MOST_OFFERED = 12  # topics of the business
DAY_MS = 86_400_000
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
    """The person as data for a model: what they did, the latest last, said and took; no address, no name, no key.

    `days_ago` are whole days before the decision.
    """
    return {
        "language": person.language,
        "conversion": {
            "id": CONVERSION,
            "event": _line(person.event),
            "title": _line(person.conversion),
        },
        "signals": [_signal(each, person.at_ms) for each in _by_time(person.signals[:MOST_SIGNALS])],
        "facts": [
            {"id": f"{FACT}{each.name}", "value": each.value} | ({"verified": True} if each.is_verified else {})
            for each in person.facts
            if each.name in TOLD_FACTS
        ],
        "interests": [_title(name, topics) for name in person.topics],
        **({"taken": [_line(each) for each in person.learnt]} if person.learnt else {}),
    }


def told_offered(topics: Mapping[str, Topic]) -> dict[str, Any]:
    """What the business's courses are about, for the one question that imagines a course."""
    return {"offered": [_title(name, topics) for name in sorted(topics)[:MOST_OFFERED]]}


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


def _by_time(signals: Sequence[SignalFact]) -> list[SignalFact]:
    return sorted(signals, key=lambda each: (each.last_at, each.id))


def _signal(signal: SignalFact, at_ms: int) -> dict[str, Any]:
    days_ago = max(0, (at_ms - int(signal.last_at.timestamp() * 1_000)) // DAY_MS)
    title = _line(signal.title)
    return {"id": signal.id, "kind": signal.kind, "title": title, "count": signal.count, "days_ago": days_ago}


def _line(text: str) -> str:
    return clipped(text, TITLE_CHARACTERS)


def _title(name: str, topics: Mapping[str, Topic]) -> str:
    texts = topics[name].title if name in topics else {}
    return texts.get("en") or next(iter(texts.values()), name)
