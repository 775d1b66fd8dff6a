"""Ingest says who speaks, by the call alone: its topic, its token, whom it names."""

from typing import Any

import pytest

from schemas import topics
from schemas.identity import person_tag
from services.ingest.core.source import Keys

ADDRESS = "ana@example.com"


@pytest.mark.parametrize(
    ("topic", "call", "who"),
    [
        (topics.EVENTS_RAW, {}, "anonymous_browser"),
        (topics.EVENTS_RAW, {"userId": "7"}, "known_browser"),
        (topics.EVENTS_RAW, {"userId": "7", "traits": {"email": ADDRESS}}, "known_browser"),
        (topics.EVENTS_RAW, {"traits": {"email": ADDRESS}}, "anonymous_browser"),
        (topics.EVENTS_RAW, {"properties": {"speaker": "server"}, "speaker": "server"}, "anonymous_browser"),
        (topics.CONVERSIONS_RAW, {}, "server"),
        (topics.CONVERSIONS_RAW, {"userId": "7", "type": "identify"}, "server"),
    ],
)
def test_a_call_is_a_servers_by_its_topic_and_else_a_browsers(
    events: Any, topic: topics.Topic, call: dict[str, Any], who: str
) -> None:
    """What a call says of itself changes nothing, and what it links has its speaker."""
    assert {event["speaker"] for event in events(topic, **call)} == {who}


def test_what_a_call_withdraws_has_its_speaker(events: Any) -> None:
    """The event of its own that a withdrawal gets."""
    found = events(userId="7", traits={"consent": {"marketing": False}})
    assert [each["speaker"] for each in found] == ["known_browser"] * 2


def test_a_mail_event_of_a_browser_stays_a_browsers(events: Any) -> None:
    """It is feedback by its kind, and a stranger's word by its speaker."""
    [event] = events(userId="7", event="Email Marked as Spam", properties={"message_id": "m"})
    assert (event["kind"], event["trusted"], event["speaker"]) == ("feedback", False, "known_browser")


def test_a_connector_speaks_on_its_topic(events: Any) -> None:
    """What became of a mail."""
    said = {
        "id": "f", "message_id": "m", "person_tag": person_tag("u:7"), "word": "delivered", "source": "smtp",
        "occurred_at": "2026-11-03T08:00:00Z",
    }  # fmt: skip
    assert [each["speaker"] for each in events(topics.EMAIL_FEEDBACK, **said)] == ["connector"]


def test_the_operator_speaks_by_a_privacy_request(events: Any) -> None:
    """For each person it names."""
    said = {
        "id": "p", "action": "opt_out", "person": "u:7", "address": ADDRESS, "requested_by": "desk",
        "occurred_at": "2026-11-03T08:00:00Z",
    }  # fmt: skip
    assert [each["speaker"] for each in events(topics.PRIVACY_REQUESTS, **said)] == ["operator"] * 2


def test_the_person_speaks_by_the_link_of_their_mail(events: Any, keys: Keys) -> None:
    """Whoever sends the call: the token is ours."""
    token = keys.seal.seal(("m", "u:7", "k", "marketing", "en"))
    [event] = events(event="Unsubscribed", properties={"unsubscribe_token": token})
    assert (event["person"], event["speaker"]) == ("u:7", "signed_link")
