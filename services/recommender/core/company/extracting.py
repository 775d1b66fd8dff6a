"""What a page says of a business: the question that shows a model nothing but the page, and the answer, checked.

A field counts if its quote stands literally in the page as it was shown; whoever wrote the page chose those words, so
a value is short and plain, and goes to the next question as data.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.company import Company, CompanyFact
from schemas.llm import Answer, Ask, Reply
from schemas.recommendation import Asked
from services.recommender.core.asking.replies import InvalidReply, asked
from services.recommender.core.company.values import Page, Site, Why
from services.recommender.core.sanitised import is_plain
from services.recommender.core.values import Prompt

STAGE = "company"
TOKENS = 500
MOST_PRODUCTS = 5
SHORTEST_QUOTE, LONGEST_QUOTE = 3, 240
LONGEST = {"product": 60, "audience": 90}
INDUSTRIES = (
    "agriculture", "arts and entertainment", "automotive", "beauty and wellness", "construction", "consulting",
    "consumer goods", "education", "energy", "engineering", "finance and insurance", "food and restaurants",
    "government", "health care", "human resources", "IT services", "legal services", "logistics and transport",
    "manufacturing", "marketing and advertising", "media and publishing", "nonprofit", "real estate",
    "retail and e-commerce", "security", "software", "sports and leisure", "telecommunications",
    "travel and hospitality", "other",
)  # fmt: skip
"""The sections of NACE Rev. 2 in plain words, with the services that buy courses told apart."""
LANGUAGES = (
    "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja",
    "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip
UNSAID = {"value": "", "quote": ""}  # what the prompt asks for where the page does not say
_PRICES = frozenset("%€$£¥")


def company_question(page: Page, prompt: Prompt) -> Ask:
    """What the business does; the data is the page's text, and nothing of the person or the decision."""
    properties = {
        "industry": _quoted({"type": "string", "enum": [*INDUSTRIES, ""]}),
        "products": {
            "type": "array",
            "maxItems": MOST_PRODUCTS,
            "items": _quoted({"type": "string", "maxLength": LONGEST["product"]}),
        },
        "audience": _quoted({"type": "string", "maxLength": LONGEST["audience"]}),
        "language": _quoted({"type": "string", "enum": [*LANGUAGES, ""]}),
    }
    user = json.dumps({"page": page.text}, ensure_ascii=False, separators=(",", ":"))
    return Ask(STAGE, prompt.id, prompt.text, user, _closed(properties), TOKENS)


def concluded(site: Site, page: Page, reply: Reply, prompt: Prompt, now: datetime) -> tuple[Company, Asked]:
    """What the reply says with a quote for it, and the record of the question."""
    facts, invalid = facts_of(reply.value, page) if isinstance(reply, Answer) else ((), [])
    why = Why.MODEL if not isinstance(reply, Answer) else Why.READ if facts else Why.NOTHING_QUOTED
    company = Company(
        rung="llm" if facts else "none",
        reason=why,
        site=site.host,
        facts=facts,
        read_at=now,
        prompt_id=prompt.id,
        model=reply.model if isinstance(reply, Answer) else "",
    )
    return company, asked(STAGE, prompt, reply, invalid)


def facts_of(value: Mapping[str, Any], page: Page) -> tuple[tuple[CompanyFact, ...], list[InvalidReply]]:
    """The fields that hold, each by itself, and what was wrong with the others. Total."""
    products = value.get("products")
    given = [
        ("industry", value.get("industry")),
        *(("product", each) for each in (products[:MOST_PRODUCTS] if isinstance(products, list) else ())),
        ("audience", value.get("audience")),
        ("language", value.get("language")),
    ]
    facts, invalid = {}, []
    for name, field in given:
        if field == UNSAID:
            continue
        try:
            fact = _fact(name, field, page)
            facts[name, fact.value.casefold()] = fact
        except InvalidReply as error:
            invalid.append(error)
    return tuple(facts.values()), invalid


def _fact(name: str, field: Any, page: Page) -> CompanyFact:
    value, quote = (field.get("value"), field.get("quote")) if isinstance(field, dict) else (None, None)
    if not isinstance(value, str) or not isinstance(quote, str):
        raise InvalidReply(f"{name}: expected a value and a quote, came {type(field).__name__}")
    value, quote = " ".join(value.split()), " ".join(quote.split())
    if not SHORTEST_QUOTE <= len(quote) <= LONGEST_QUOTE or quote not in page.text:
        raise InvalidReply(f"{name}: expected a quote that stands in the page")
    _check(name, value, quote)
    return CompanyFact.model_validate({"name": name, "value": value, "quote": quote})


def _check(name: str, value: str, quote: str) -> None:
    match name:
        case "industry" if value not in INDUSTRIES:
            raise InvalidReply("industry: expected one of the list")
        case "language" if value not in LANGUAGES:
            raise InvalidReply("language: expected one of the list")
        case "product" if value.casefold() not in quote.casefold():
            raise InvalidReply("product: expected words of its quote")
        case "product" | "audience":
            if not 1 < len(value) <= LONGEST[name] or not is_plain(value) or _PRICES & set(value):
                raise InvalidReply(f"{name}: expected a few plain words without a link, an address or a price")
        case _:
            pass


def _quoted(value: dict[str, Any]) -> dict[str, Any]:
    return _closed({"value": value, "quote": {"type": "string", "maxLength": LONGEST_QUOTE}})


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
