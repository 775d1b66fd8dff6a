"""Builders of recommendations and worlds; a test names only what matters to it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.course import Course
from schemas.identity import derived_key
from schemas.llm import Answer, Ask, Reply, Usage
from schemas.program import Program
from schemas.recommendation import Recommendation
from schemas.signing import UNSUBSCRIBE_SEAL
from schemas.topics import RECOMMENDATIONS
from services.composer.adapters.fake_renderer import FakeRenderer
from services.composer.adapters.lexicon_files import read_lexicons
from services.composer.adapters.mail_renderer import MailRenderer
from services.composer.adapters.prompt_file import read_prompt
from services.composer.adapters.snowball_stems import snowball
from services.composer.adapters.words_file import read_locales
from services.composer.core.brief import brief_of
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.locale import Locales
from services.composer.core.offer import offer_of
from services.composer.core.values import Brief, Prompt
from services.composer.pipeline import World
from services.runtime.llm_client import NoLlm
from services.runtime.outcome import Message
from services.runtime.py3langid_language import Py3langidLanguage
from services.runtime.safety import read_safety
from services.runtime.siv_seal import SivSeal
from tests.composer_rows import ACTS, COURSE, FURTHER, SPANISH_COURSE, SPANISH_FURTHER
from tests.fake_suppressions import FakeSuppressions

SECRET = b"a secret of a test"
NOW = datetime(2026, 11, 3, 9, 31, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[3] / "schemas" / "examples" / "recommendations" / "course.json"
TOPICS = {
    "email-marketing": {"title": {"en": "Email marketing", "es": "Email marketing"}},
    "social-media": {"title": {"en": "Social media", "es": "Redes sociales"}},
}
BRAND = {
    "version": 1,
    "name": "Harbour Academy",
    "website": "https://academy.example.com",
    "sender": {"address": "hello@academy.example.com", "name": "Harbour Academy"},
    "reply_to": "advisers@academy.example.com",
    "postal_address": "Harbour Academy, 1 Example Street, 10000 Exampletown",
    "list_id": "next.academy.example.com",
    "public_url": "https://events.academy.example.com",
    "link_domains": ["academy.example.com"],
    "languages": ["en", "es"],
    "tone": "Warm and plain.",
    "banned_claims": ["guaranteed", "risk-free", "garantizado"],
    "caps": [{"window_hours": 24, "most": 1}],
}
PLAYBOOK = {
    "version": 1,
    "name": "conversion-follow-up",
    "purpose": "course-for-conversion",
    "entry": ["Guide Downloaded"],
    "patience_s": 30,
    "experiment": {"name": "first"},
}
COPY = {
    "subject": "Planning your first automated sequence",
    "preheader": "Start with the goal, then write the welcome mails",
    "sentences": [
        {"text": "Thank you for downloading the checklist.", "cites": ["fact:conversion"]},
        {"text": "You may want to set up your first sequence with a small team.", "cites": ["fact:job"]},
        {"text": "The course builds automated sequences for a real list.", "cites": ["course:description.1"]},
    ],
    "call_to_action": "See the course",
}


class Answers:
    """A model that gives the replies it was made with, in order, and remembers what it was asked."""

    def __init__(self, replies: tuple[Reply, ...]) -> None:
        self.replies = list(replies)
        self.asks: list[Ask] = []
        self.within: list[float] = []

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The next reply."""
        self.asks.append(ask)
        self.within.append(within_s)
        return self.replies.pop(0)


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The base with dotted changes: `{"request.trigger.title": None}`."""
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = base
        for name in parents:
            place = place[name]
        place[last] = value
    return base


@pytest.fixture(scope="session")
def program() -> Program:
    """A small business in two languages."""
    rule = {"name": "page", "event": "page", "kind": "read", "weight": 1}
    return Program.model_validate(
        {
            "brand": BRAND,
            "signals": {"version": 1, "topics": TOPICS, "rules": [rule], "acts": ACTS},
            "playbooks": [PLAYBOOK],
        }
    )


@pytest.fixture(scope="session")
def locales(program: Program) -> Locales:
    """Its languages, with the words that are shipped."""
    return read_locales(program)


@pytest.fixture(scope="session")
def prompt() -> Prompt:
    """The prompt as committed."""
    return read_prompt("copy.v2")


@pytest.fixture(scope="session")
def lexicons() -> Lexicons:
    """The shipped words of every language."""
    return read_lexicons(snowball, Py3langidLanguage(), read_safety())


@pytest.fixture(scope="session")
def recommendation() -> Callable[..., Recommendation]:
    """A recommendation with a full course; keyword `changes` sets fields by dotted path."""

    def build(changes: dict[str, Any] | None = None) -> Recommendation:
        base = _merged(orjson.loads(EXAMPLE.read_bytes()), {f"course.{name}": value for name, value in COURSE.items()})
        return Recommendation.model_validate(_merged(base, changes or {}))

    return build


@pytest.fixture(scope="session")
def also(recommendation: Callable[..., Recommendation]) -> Callable[..., tuple[Course, ...]]:
    """Further courses: two good ones, or these rows' fields over those of a full course."""

    def build(*rows: dict[str, Any], language: str = "en") -> tuple[Course, ...]:
        full = recommendation().course.model_dump()
        given: tuple[dict[str, Any], ...] = rows or {"en": FURTHER, "es": SPANISH_FURTHER}[language]
        url = "https://academy.example.com/courses/{id}?from=list&n=1"
        return tuple(Course.model_validate({**full, "url": url.format(**each), **each}) for each in given)

    return build


@pytest.fixture(scope="session")
def spanish(recommendation: Callable[..., Recommendation]) -> Recommendation:
    """A recommendation of a Spanish course to a Spanish reader, with a verified company."""
    company = {
        "name": "company", "value": "Horno del Puente", "source": "crm", "is_verified": True,
        "said_at": "2026-11-03T09:00:00Z",
    }  # fmt: skip
    return recommendation(
        {f"course.{name}": value for name, value in SPANISH_COURSE.items()}
        | {
            "request.language": "es",
            "request.decision_id": "5f0c7d1e-7f0a-5c1b-9d2e-000000000001",
            "request.recipient.name": "Lucía",
            "request.trigger.title": "Treinta ideas de publicación",
            "request.snapshot.facts": [company],
            "job.text": "Dar a conocer las tiendas nuevas entre la gente del barrio.",
            "pick.course_id": "video-corto-con-movil",
        }
    )


@pytest.fixture
def brief_about(
    program: Program, prompt: Prompt, lexicons: Lexicons, locales: Locales
) -> Callable[[Recommendation], Brief]:
    """The brief of this recommendation."""
    return lambda given: brief_of(offer_of(given, program, prompt, lexicons, locales), program)


@pytest.fixture
def brief(
    recommendation: Callable[..., Recommendation], brief_about: Callable[[Recommendation], Brief]
) -> Callable[..., Brief]:
    """The brief of a recommendation with these changes."""
    return lambda changes=None: brief_about(recommendation(changes))


@pytest.fixture
def answer() -> Callable[..., Answer]:
    """A model's answer; keyword `changes` sets fields of a good copy."""

    def build(changes: dict[str, Any] | None = None) -> Answer:
        value = {**COPY, **(changes or {})}
        return Answer(value, orjson.dumps(value, default=str).decode(), "a-model", Usage(300, 90), 2.0)

    return build


@pytest.fixture
def model() -> Callable[..., Answers]:
    """A scripted model."""
    return lambda *replies: Answers(replies)


@pytest.fixture
def world(program: Program, prompt: Prompt, lexicons: Lexicons, locales: Locales) -> Callable[..., World]:
    """A world with the real renderer and no model, unless told otherwise."""

    def build(**changes: Any) -> World:
        given = {
            "program": program,
            "prompt": prompt,
            "outbound_key": derived_key(SECRET, "outbound"),
            "address_key": derived_key(SECRET, "address"),
            "seal": SivSeal(derived_key(SECRET, UNSUBSCRIBE_SEAL)),
            "model": NoLlm(),
            "renderer": MailRenderer(),
            "suppressions": FakeSuppressions(derived_key(SECRET, "suppression")),
            "now": lambda: NOW,
            "lexicons": lexicons,
            "locales": locales,
        }
        return World(**{**given, **changes})

    return build


@pytest.fixture
def message() -> Callable[[Recommendation], Message]:
    """The record a recommendation comes in."""
    return lambda event: Message(RECOMMENDATIONS, 0, 7, event.request.person.encode(), event, 0)


@pytest.fixture
def later() -> Callable[[float], datetime]:
    """An instant so many hours after the usual one."""
    return lambda hours: NOW + timedelta(hours=hours)


@pytest.fixture
def fake_renderer() -> Callable[..., FakeRenderer]:
    """The verified fake."""
    return FakeRenderer
