"""Who refuses to be measured is kept minimal: who, when, whom it links, what is said of consent, and nothing else."""

from typing import Any

import orjson
import pytest

from schemas import topics
from services.ingest.__main__ import _keys
from services.ingest.core.batch import batch_of
from services.ingest.core.refused import ANALYTICS
from services.ingest.core.source import Keys
from services.ingest.core.window import Windows
from services.ingest.settings import IngestSettings
from services.profile.core.person import Person
from services.profile.pipeline import Input, advance
from tests.profile_values import Persons
from tests.properties.profile_world import RULES

RECEIVED_MS = 1_793_696_400_000
EMAIL = "ana@example.com"
REFUSED = {"consent": {"categoryPreferences": {"Advertising": True, "Analytics": False}}}
PAGE = {
    "url": "https://a.example/blog/seo/x", "path": "/blog/seo/x", "title": "maps", "referrer": "https://s.example/",
}  # fmt: skip
FULL: dict[str, Any] = {
    "userId": "7", "properties": {"c": "c1", "role": "lead"}, "traits": {"company": "Acme", "language": "es"},
    "context": {**REFUSED, "locale": "es", "page": PAGE, "campaign": {"name": "x"}},
}  # fmt: skip
MINIMAL = {
    "id": "m-1", "person": "u:7", "kind": "alias", "name": "analytics.refused", "time_ms": RECEIVED_MS,
    "received_ms": RECEIVED_MS, "at": ("events.raw", 0, 0, 0), "trusted": False, "speaker": "known_browser",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["track", "page", "screen", "identify", "group"])
def test_of_a_call_that_refuses_analytics_who_and_when_is_left(events: Any, outcome: Any, kind: str) -> None:
    """Neither its name nor its page, its properties, its traits, its language or its address."""
    said = {**FULL, "type": kind, "event": "Took", "name": "Blog", "traits": {**FULL["traits"], "email": EMAIL}}
    linked = {"links": ["a:b-1"]} if kind == "identify" else {}
    assert events(**said)[0] == {**MINIMAL, **linked}
    assert outcome(**said).counted == ("kept_minimal",)


@pytest.mark.parametrize(
    "context",
    [
        REFUSED,
        *({"consent": {"categoryPreferences": {each.title(): False}}} for each in ANALYTICS),
        {"consent": {"categoryPreferences": {"Analytics": "denied"}}},
        {"consent": {"categoryPreferences": {"Analytics": None}}},
        {"consent": {"categoryPreferences": {"Analytics": True, "Performance": False}}},
        {"consent": {"categoryPreferences": {}}},
        {"consentManagement": {"deniedConsentIds": ["C0004", "C0002"], "provider": "oneTrust"}},
    ],
)
def test_analytics_is_refused_as_consent_managers_write_it(events: Any, context: dict[str, Any]) -> None:
    """Segment's preferences by any word but true, or none of them; RudderStack's denied ids."""
    assert events(context=context)[0]["name"] == "analytics.refused"


@pytest.mark.parametrize(
    "context",
    [
        {"consent": {"categoryPreferences": {"Analytics": True, "Advertising": False}}},
        {"consent": {"categoryPreferences": {"Advertising": False}}},
        {"consent": {"categoryPreferences": "none"}},
        {"consent": {}},
        {"consent": False},
        {"consentManagement": {"deniedConsentIds": ["C0004", 7], "allowedConsentIds": ["C0002"]}},
        {"consentManagement": {"deniedConsentIds": "C0002"}},
    ],
)
def test_what_refuses_no_analytics_is_kept_whole(events: Any, context: dict[str, Any]) -> None:
    """A category that is absent says nothing, and another one means something else."""
    [event] = events(context=context, properties={"a": 1})
    assert (event["name"], event["properties"]) == ("Guide Downloaded", {"a": 1})


@pytest.mark.parametrize("place", ["properties", "traits"])
def test_a_consent_of_ours_refuses_it_too(events: Any, place: str) -> None:
    """Whoever has no consent manager says it by the field of consents; it goes on as any withdrawal does."""
    event, withdrawn = events(**{place: {"consent": {"Analytics": False}, "a": 1}})
    assert (event["kind"], "properties" in event, "traits" in event) == ("alias", False, False)
    assert event["consent"] == withdrawn["consent"]
    assert [(each["purpose"], each["given"]) for each in event["consent"]] == [("analytics", False)]


def test_a_withdrawal_stays(events: Any) -> None:
    """Of whomever it counts for: the browser's own visitor, and whom it is linked to."""
    said = {"traits": {"consent": {"marketing": False}}, "context": REFUSED}
    event, withdrawn = events(**said)
    assert event["consent"] == withdrawn["consent"]
    assert (withdrawn["person"], withdrawn["name"]) == ("a:b-1", "consent.withdrawn")
    event, linked, withdrawn = events(**said, type="identify", userId="7")
    assert ("consent" in event, linked["link"], withdrawn["person"]) == (False, "u:7", "a:b-1")


def test_a_grant_goes_with_its_address(events: Any) -> None:
    """A form that asks for mail while analytics is refused is heard: the address and the consent, and no more."""
    traits = {"email": EMAIL, "company": "Acme", "consent": {"marketing": True}}
    [event] = events(traits=traits, properties={"form": "guide", "topic": "seo"}, context={**REFUSED, "page": PAGE})
    assert (event["kind"], event["name"], event["address"]["value"]) == ("identify", "analytics.refused", EMAIL)
    assert [(each["purpose"], each["given"], each["source"]) for each in event["consent"]] == [
        ("marketing", True, "track:guide")
    ]
    assert not {"properties", "traits", "url", "path", "title"} & event.keys()


def test_what_a_server_proves_stays(events: Any) -> None:
    """A conversion and a fact are the business's own; a page is behaviour, whoever tells of it."""
    for kind, expected in {"track": "conversion", "identify": "identify"}.items():
        event = events(topics.CONVERSIONS_RAW, **FULL, type=kind)[0]
        assert (event["kind"], event["traits"]["company"]) == (expected, "Acme")
    said = {"type": "page", "userId": "7", "anonymousId": None, "context": {**REFUSED, "page": PAGE}}
    [event] = events(topics.CONVERSIONS_RAW, **said)
    assert event == {**MINIMAL, "at": ("conversions.raw", 0, 0, 0), "trusted": True, "speaker": "server"}


def test_an_alias_is_its_links_as_ever(events: Any) -> None:
    """It says nothing that could be measured."""
    plain, refused = (events(type="alias", userId="7", context=context) for context in ({}, REFUSED))
    assert plain == refused


def test_a_machine_that_refuses_is_a_machine(events: Any, outcome: Any) -> None:
    """Both are said."""
    said = {"context": {**REFUSED, "userAgent": "Googlebot"}}
    assert events(**said)[0]["bot"] is True
    assert outcome(**said).counted == ("bot_by_agent", "kept_minimal")


def test_the_profile_folds_no_behaviour(keys: Keys, record: Any) -> None:
    """Nothing but that they are there; what they said of mail counts, and their address with it."""
    grant = {"email": EMAIL, "consent": {"news": True}}
    common = {"context": {**REFUSED, "page": PAGE}, "anonymousId": "b"}
    calls = [
        {"type": "page", "properties": PAGE},
        {"type": "track", "event": "Took", "properties": {"c": "c1", "goal": "learn"}},
        {"type": "identify", "traits": {"role": "lead", "language": "es"}},
    ]

    def person(*said: dict[str, Any]) -> Person:
        records = [record({**common, **each, "messageId": f"m-{n}"}, offset=n) for n, each in enumerate(said)]
        [pack] = batch_of(records, keys, Windows(10), lambda _: 0).packs
        persons = Persons()
        step = advance(
            [Input("events.clean", 0, 0, RECEIVED_MS, None, pack.value)], {}, persons.reading, RULES, RECEIVED_MS
        )
        persons.keep(step)
        return persons.of("a:b")

    unseen = person(*calls)
    assert (unseen.interests, unseen.signals, unseen.traits) == (Person().interests, Person().signals, Person().traits)
    assert (unseen.history, unseen.engagement, unseen.attribution) == (
        Person().history, Person().engagement, Person().attribution,
    )  # fmt: skip
    asking = person(*calls, {"type": "identify", "traits": grant})
    assert (asking.interests, asking.signals, asking.traits.facts) == (Person().interests, Person().signals, {})
    assert asking.traits.address is not None
    assert asking.consents.permits("news", asking.traits.address.key)
    assert not person(*calls, {"traits": {"consent": {"news": False}}, **calls[0]}).consents.permits("news", None)
    measured = person(*({**each, "context": {"page": PAGE}} for each in calls))
    assert measured.interests != Person().interests


def test_an_operator_says_which_categories_mean_analytics(monkeypatch: pytest.MonkeyPatch) -> None:
    """In any case, instead of the stated ones."""
    monkeypatch.setenv("KINDLING_SECRET", "a secret of a test")
    assert _keys(IngestSettings()).policy.analytics == frozenset(ANALYTICS)
    monkeypatch.setenv("KINDLING_INGEST_ANALYTICS_CATEGORIES", "Statistik, C0002")
    assert _keys(IngestSettings()).policy.analytics == {"statistik", "c0002"}


def test_a_repeat_of_it_is_one(made: Any) -> None:
    """Under the same id, whatever was left out."""
    call = {"type": "track", "event": "E", "messageId": "m", "anonymousId": "b", "context": REFUSED}
    batch = made(call, {**call, "event": "F"})
    assert (batch.tally["events"], batch.tally["repeats"]) == (1, 1)
    assert orjson.loads(batch.packs[0].value)["events"][0]["name"] == "analytics.refused"
