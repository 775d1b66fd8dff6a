"""Feedback, unsubscribes and privacy requests reach the right person, and suppressions only tighten."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from schemas import topics
from schemas.identity import address_key, person_tag
from schemas.signing import token
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.source import Keys
from services.ingest.core.withdrawal import own_id

RECEIVED_MS = 1_793_696_400_000
NOW = "2026-11-03T09:00:00Z"


def feedback(word: str, **rest: Any) -> dict[str, Any]:
    """A connector's record."""
    said = {"id": "f-1", "word": word, "message_id": "mail", "person_tag": person_tag("u:7"), "occurred_at": NOW}
    return {**said, "source": "smtp", **rest}


def test_feedback_is_for_the_person_of_its_tag(events: Any) -> None:
    """With all that a profile reads of it."""
    said = feedback(
        "clicked",
        decision_id="d",
        course_id="seo-basics",
        machine="no",
        bounce_class="soft",
        reason="r",
        url="https://x.example",
    )
    [event] = events(topics.EMAIL_FEEDBACK, **said)
    assert (event["person"], event["kind"], event["name"], event["trusted"]) == ("u:7", "feedback", "clicked", True)
    assert event["feedback"] == {
        "word": "clicked", "message_id": "mail", "decision_id": "d", "machine": "no", "bounce_class": "soft",
        "reason": "r",
    }  # fmt: skip
    assert event["url"] == "https://x.example"
    assert event["properties"] == {"course": "seo-basics"}


@pytest.mark.parametrize(
    ("said", "machine"),
    [
        ({}, None),
        ({"machine": "no"}, "no"),
        ({"machine": "yes"}, "yes"),
        ({"machine": "half"}, "suspected"),
        ({"method": "HEAD", "machine": "no"}, "yes"),
        ({"method": "GET", "user_agent": "Mozilla/5.0 (X11; Linux) Firefox/145.0"}, None),
        ({"user_agent": "Mozilla/5.0 (compatible; Barracuda Sentinel)", "machine": "suspected"}, "yes"),
        ({"word": "opened", "user_agent": "GoogleImageProxy bot"}, None),
    ],
)
def test_machine_that_shows_itself_in_the_request_is_told(
    events: Any, said: dict[str, Any], machine: str | None
) -> None:
    """By the method and the user agent of who clicked, which go no further; opens are judged as such."""
    [event] = events(topics.EMAIL_FEEDBACK, **feedback("clicked") | said)
    assert event["feedback"].get("machine") == machine
    assert {"method", "user_agent"}.isdisjoint(event["feedback"])


def test_feedback_brings_the_further_courses_of_its_mail(events: Any) -> None:
    """Four at most, and none whose id or link is longer than one of ours."""
    also = [{"id": f"c{number}", "title": "A course", "url": f"https://a.example/{number}"} for number in range(6)]
    also[1]["id"], also[2]["url"], also[3]["id"] = "x" * 101, "https://a.example/" + "x" * 1_000, ""
    [event] = events(topics.EMAIL_FEEDBACK, **feedback("delivered", also=also))
    assert event["feedback"]["also"] == {"c0": "https://a.example/0"}
    [event] = events(topics.EMAIL_FEEDBACK, **feedback("delivered", also=[]))
    assert "also" not in event["feedback"]


def test_mail_that_may_have_gone_is_passed_on(events: Any, suppressions: Any) -> None:
    """The word and its reason reach the profile; the address is not at fault."""
    said = feedback("unknown", reason="unknown_after_loss", address_key="k")
    [event] = events(topics.EMAIL_FEEDBACK, **said)
    assert (event["feedback"]["word"], event["feedback"]["reason"]) == ("unknown", "unknown_after_loss")
    assert suppressions(topics.EMAIL_FEEDBACK, **said) == []


@pytest.mark.parametrize(
    ("occurred", "time_ms"), [("2027-01-01T00:00:00Z", RECEIVED_MS), ("1960-01-01T00:00:00Z", 0), (NOW, RECEIVED_MS)]
)
def test_feedback_is_never_from_the_future(events: Any, occurred: str, time_ms: int) -> None:
    """A wrong clock costs nothing."""
    assert events(topics.EMAIL_FEEDBACK, **feedback("opened", occurred_at=occurred))[0]["time_ms"] == time_ms


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"word": "complained"}, "complained"),
        ({"word": "unsubscribed"}, "unsubscribed"),
        ({"word": "bounced", "bounce_class": "hard"}, "bounced"),
        ({"word": "bounced", "bounce_class": "soft"}, None),
        ({"word": "delivered"}, None),
    ],
)
def test_what_ends_mail_suppresses_the_address(suppressions: Any, said: dict[str, Any], reason: str | None) -> None:
    """A complaint, an unsubscribe and a hard bounce refuse every mail; the rest nothing."""
    found = suppressions(topics.EMAIL_FEEDBACK, **feedback(**said, address_key="k"))
    assert [(each.reason, each.purposes, each.state) for each in found] == (
        [(reason, ("*",), "suppressed")] if reason else []
    )
    assert suppressions(topics.EMAIL_FEEDBACK, **feedback(**said)) == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"person_tag": "!"}, "unknown_person"),
        ({"person_tag": person_tag("u:" + "x" * 400)}, "unknown_person"),
        ({"person_tag": person_tag("u:a\nb")}, "unknown_person"),
        ({"word": 7}, "bad_shape"),
        ({"id": ""}, "bad_shape"),
    ],
)
def test_forged_feedback_is_refused(reason: Any, said: dict[str, Any], why: str) -> None:
    """No tag of ours, no feedback."""
    assert reason(topics.EMAIL_FEEDBACK, **{**feedback("opened"), **said}) == why


def test_a_mail_event_of_a_tracker_is_feedback_with_an_id(events: Any) -> None:
    """Without the id of a mail it stays what it was, and so does an unsubscribe without a token."""
    [event] = events(event="Email Opened", properties={"message_id": "mail", "machine": "yes"})
    assert (event["kind"], event["feedback"]) == (
        "feedback",
        {"word": "opened", "message_id": "mail", "machine": "yes"},
    )
    [event] = events(event="email link clicked", properties={"email_id": "mail", "machine": "perhaps"})
    assert event["feedback"] == {"word": "clicked", "message_id": "mail"}
    link = {"email_id": "mail", "link_url": "https://a.example/c?utm_source=x"}
    assert events(event="Email Link Clicked", properties=link)[0]["url"] == link["link_url"]
    assert events(event="Email Opened")[0]["kind"] == "track"
    assert events(event="Email Opened", properties={"a": 1})[0]["kind"] == "track"
    assert events(event="Unsubscribed", properties={"message_id": "mail"})[0]["kind"] == "track"


@pytest.mark.parametrize("event", ["Email Marked as Spam", "Email Bounced", "Unsubscribed"])
def test_a_tracker_suppresses_nobody(events: Any, suppressions: Any, event: str) -> None:
    """Its word is passed on as untrusted, whatever it calls itself; only a token or a connector ends mail."""
    said = {"message_id": "mail", "bounce_class": "hard", "address_key": "k", "privacy": "erase", "trusted": True}
    call = {"event": event, "userId": "7", "properties": {**said, "email": "ana@example.com"}, **said}
    assert suppressions(**call) == []
    for each in events(**call):
        assert each["trusted"] is False
        assert not {"privacy", "bounce_class"} & {*each, *each.get("feedback", {})}


def test_an_unsubscribe_counts_by_its_token(events: Any, suppressions: Any, keys: Keys, reason: Any) -> None:
    """For the person in it, whoever sent the call; a forged one is refused."""
    said = {"event": "Unsubscribed", "anonymousId": None}
    good = keys.seal.seal(("mail", "u:7", "k", "marketing", "es"))
    [event] = events(**said, properties={"unsubscribe_token": good})
    assert (event["person"], event["kind"], event["trusted"]) == ("u:7", "feedback", True)
    assert event["feedback"] == {"word": "unsubscribed", "message_id": "mail", "reason": "marketing"}
    [refusal] = suppressions(**said, properties={"unsubscribe_token": good})
    assert (refusal.address_key, refusal.purposes) == ("k", ("marketing",))
    assert refusal.since == datetime(2026, 11, 3, 9, tzinfo=UTC)
    forged = token(b"another key", ("mail", "u:7", "k", "marketing"))
    short, old_short = (make(("mail", "u:7")) for make in (keys.seal.seal, partial(token, keys.unsubscribe)))
    nobody = keys.seal.seal(("mail", "x:7", "k", "marketing", "en"))
    old_in_new = keys.seal.seal(("mail", "u:7", "k", "marketing"))
    for bad in (forged, short, old_short, nobody, old_in_new, "é", "A" * 2_000):
        assert reason(**said, properties={"unsubscribe_token": bad}) == "bad_token"
    assert events(event="Other", properties={"unsubscribe_token": good, "a": 1})[0]["properties"] == {"a": 1}


def test_link_of_the_older_form_still_unsubscribes(events: Any, suppressions: Any, keys: Keys) -> None:
    """Mails are kept for years: a signed token says what it always said."""
    said = {"event": "Unsubscribed", "anonymousId": None}
    old = token(keys.unsubscribe, ("mail", "u:7", "k", "marketing"))
    [event] = events(**said, properties={"unsubscribe_token": old})
    assert (event["person"], event["feedback"]["reason"]) == ("u:7", "marketing")
    [refusal] = suppressions(**said, properties={"unsubscribe_token": old})
    assert (refusal.address_key, refusal.purposes) == ("k", ("marketing",))


def test_feedback_word_nobody_knows_is_heard(events: Any, suppressions: Any) -> None:
    """It reaches the profile as it is, and refuses nothing."""
    said = feedback("levitated", machine="half", bounce_class="odd", address_key="k")
    (event,) = events(topics.EMAIL_FEEDBACK, **said)
    assert (event["feedback"]["word"], event["feedback"]["machine"]) == ("levitated", "half")
    assert suppressions(topics.EMAIL_FEEDBACK, **said) == []


def request(action: str = "erase", **rest: Any) -> dict[str, Any]:
    """A privacy request."""
    return {"id": "p-1", "action": action, "occurred_at": NOW, "requested_by": "support", **rest}


def test_a_privacy_request_is_for_person_and_address(events: Any, suppressions: Any, keys: Keys) -> None:
    """Both have a profile perhaps; the address gets no mail any more, unless it only asks what is known."""
    key = address_key(keys.address, "ana@example.com")
    both = request(person="u:7", address="Ana@example.com")
    found = events(topics.PRIVACY_REQUESTS, **both)
    assert [(each["person"], each["privacy"], each["at"][3]) for each in found] == [
        ("u:7", "erase", 0),
        (f"e:{key}", "erase", 1),
    ]
    [refusal] = suppressions(topics.PRIVACY_REQUESTS, **both)
    assert (refusal.address_key, refusal.purposes, refusal.reason) == (key, ("*",), "erased")
    [refusal] = suppressions(topics.PRIVACY_REQUESTS, **request("opt_out", person=f"e:{key}"))
    assert (refusal.address_key, refusal.reason) == (key, "opt_out")
    assert suppressions(topics.PRIVACY_REQUESTS, **request("export", address="ana@example.com")) == []
    assert suppressions(topics.PRIVACY_REQUESTS, **request(person="u:7")) == []


def test_privacy_action_nobody_knows_lets_no_mail_go_and_is_looked_at(outcome: Any, keys: Keys) -> None:
    """It is an opt-out until somebody does what it asks: the record goes to the dead letters as well."""
    found = outcome(topics.PRIVACY_REQUESTS, **request("forget_a_little", person="u:7", address="ana@example.com"))
    *events, refusal = found.effects
    assert {(each["kind"], each["privacy"], each["name"]) for each in events} == {("privacy", "opt_out", "opt_out")}
    assert {each["id"] for each in events} == {own_id("opt_out", "forget_a_little", "p-1")}
    assert (refusal.address_key, refusal.reason) == (address_key(keys.address, "ana@example.com"), "opt_out")
    assert found.unread.reason == "unknown_action"
    assert outcome(topics.PRIVACY_REQUESTS, **request("erase", person="u:7")).unread is None


@pytest.mark.parametrize("who", [{}, {"person": "7"}, {"person": "u:"}, {"address": "nobody"}])
def test_a_privacy_request_for_nobody_is_refused(reason: Any, who: dict[str, str]) -> None:
    """Somebody must look at it: it may not be lost."""
    assert reason(topics.PRIVACY_REQUESTS, **request(**who)) == "unknown_person"


def test_the_trace_goes_along(record: Any, keys: Keys) -> None:
    """Of every topic; a header that is no trace is left."""
    headers = [("other", b"x"), ("traceparent", b"\xff"), ("traceparent", b"00-a-b-01")]
    good = token(keys.unsubscribe, ("mail", "u:7", "k", "marketing"))
    used = {"type": "track", "event": "Unsubscribed", "messageId": "m", "properties": {"unsubscribe_token": good}}
    cases = [
        ({"type": "page", "messageId": "m", "userId": "7"}, topics.EVENTS_RAW),
        (used, topics.EVENTS_RAW),
        (feedback("opened"), topics.EMAIL_FEEDBACK),
        (request(person="u:7"), topics.PRIVACY_REQUESTS),
    ]
    for value, topic in cases:
        found = clean(record(value, topic, headers=headers), keys)
        assert isinstance(found, Cleaned)
        assert isinstance(found.effects[0], dict)
        assert found.effects[0]["trace"] == "00-a-b-01"


def test_a_server_may_grant_without_an_address(events: Any) -> None:
    """In the traits of the context, as SDKs send them with a track; a browser may not."""
    said = {"userId": "7", "context": {"traits": {"consent": {"marketing": True}, "company": "Acme"}}}
    [event, _] = events(topics.CONVERSIONS_RAW, **said)
    assert event["consent"] == [{"purpose": "marketing", "given": True, "source": "track:Guide Downloaded"}]
    assert event["traits"] == {"company": "Acme"}
    assert "consent" not in events(**said)[0]
