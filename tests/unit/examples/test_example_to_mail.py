"""Examples of the schemas that lead to a mail: sent to the example's business one after another, they do."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.recommendation import RecommendationRequest
from schemas.topics import CONVERSIONS_RAW, EVENTS_RAW, Topic
from services.profile.pipeline import compiled
from services.runtime.program import read_program
from tests.town import HOUR, Town
from tests.unit.profile.conftest import World

ROOT = Path(__file__).parents[3]
READ, SIGNUP = (EVENTS_RAW, "read"), (EVENTS_RAW, "signup")
GUIDE, WEBINAR = (CONVERSIONS_RAW, "guide"), (CONVERSIONS_RAW, "webinar")


@pytest.fixture
def town() -> Town:
    """Ingest and profile of the academy, on the day of the examples."""
    town = Town(World(compiled(read_program(ROOT / "examples" / "academy"))))
    town.world.now = int(datetime(2026, 11, 3, 9, 5, tzinfo=UTC).timestamp() * 1_000)
    return town


def test_a_visit_a_signup_and_a_servers_conversion_ask_for_a_mail(town: Town) -> None:
    """The consent is the browser's, for the address that the server names too; the goal and the visit are known."""
    [request] = _asked(town, READ, SIGNUP, GUIDE)
    assert (request.recipient.address, request.recipient.name) == ("ines@example.com", "Ines")
    assert request.consent.proof == "identify:identify 2026-01"
    assert {fact.name: fact.is_verified for fact in request.snapshot.facts}["goal"] is False
    assert [each.kind for each in request.snapshot.signals] == ["conversion", "read"]


def test_a_servers_conversion_with_a_consent_asks_for_a_mail_alone(town: Town) -> None:
    """It names the address and the consent."""
    [request] = _asked(town, WEBINAR)
    assert (request.recipient.address, request.trigger.event_name) == ("oskar@example.com", "Webinar Registered")


def test_without_the_signup_there_is_no_consent(town: Town) -> None:
    """So that it is the example that leads to the mail."""
    assert _asked(town, READ, GUIDE) == []


def _asked(town: Town, *examples: tuple[Topic, str]) -> list[RecommendationRequest]:
    for topic, name in examples:
        town.say(topic, _example(topic, name))
    assert town.refused == []
    return [
        each for each in town.world.tick(HOUR, f"u:{_who(*examples[-1])}") if isinstance(each, RecommendationRequest)
    ]


def _who(topic: Topic, name: str) -> str:
    return str(_example(topic, name)["userId"])


def _example(topic: Topic, name: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((ROOT / "schemas" / "examples" / topic.short / f"{name}.json").read_bytes())
    return found
