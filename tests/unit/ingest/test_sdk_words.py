"""What the trackers' own SDKs say in their own way, as the contract with them showed: who is meant, and when."""

from typing import Any

import pytest

from services.ingest.core.times import event_time_ms

NOW_MS = 1_793_696_400_000  # 2026-11-03T09:00:00Z
HOUR_MS = 3_600_000
PERSON = {"email": "ana@example.com", "name": "Ana Díaz", "industry": "law", "firstName": "Ana"}


def test_a_groups_traits_are_the_companys(events: Any) -> None:
    """RudderStack's browser SDK carries the person's traits in the context of each call: no company is called so."""
    [event] = events(type="group", groupId="g-1", userId="7", traits={"plan": "pro"}, context={"traits": PERSON})
    assert ("traits" in event, event["address"]["value"]) == (False, "ana@example.com")
    [event] = events(type="group", groupId="g-1", userId="7", traits={"name": "Acme"}, context={"traits": PERSON})
    assert event["traits"] == {"company": "Acme"}


def test_a_groups_address_is_the_companys(events: Any, reason: Any) -> None:
    """By Segment's specification of a group; it says nothing of where the person reads."""
    said = {"type": "group", "groupId": "g-1", "traits": {"name": "Acme", "email": "info@acme.example"}}
    assert "address" not in events(userId="7", **said)[0]
    assert reason(anonymousId=None, **said) == "nobody"


def test_other_calls_take_the_traits_of_their_context(events: Any) -> None:
    """Their own go before them."""
    [event] = events(context={"traits": PERSON}, traits={"industry": "media"}, userId="7")
    assert event["traits"] == {"name": "Ana Díaz", "industry": "media", "first_name": "Ana"}
    assert event["address"]["value"] == "ana@example.com"


@pytest.mark.parametrize(("kind", "rest"), [("track", {}), ("page", {}), ("group", {"groupId": "g-1"})])
def test_a_consent_that_a_browser_remembers_is_not_given_again(events: Any, kind: str, rest: dict[str, Any]) -> None:
    """RudderStack's and Jitsu's SDKs carry it in each call; it may have been withdrawn elsewhere since."""
    said = {"type": kind, "userId": "7", "context": {"traits": {**PERSON, "consent": {"marketing": True}}}, **rest}
    assert "consent" not in events(**said)[0]
    now = events(**{**said, "properties": {"consent": {"marketing": True}}})[0]
    assert [(each["purpose"], each["given"]) for each in now["consent"]] == [("marketing", True)]


def test_a_consent_of_an_identify_is_given_wherever_it_stands(events: Any) -> None:
    """In its traits, or in those of its context, as RudderStack's SDKs write it; a track's own traits say it too."""
    consent = {"marketing": True}
    for said in (
        {"type": "identify", "context": {"traits": {**PERSON, "consent": consent}}},
        {"type": "identify", "traits": {**PERSON, "consent": consent}},
        {"traits": {**PERSON, "consent": consent}, "context": {"traits": {"consent": {"marketing": False}}}},
    ):
        [[given]] = [each["consent"] for each in events(userId="7", **said) if "consent" in each]
        assert (given["purpose"], given["given"]) == ("marketing", True)


def test_a_withdrawal_that_a_browser_remembers_counts(events: Any) -> None:
    """It asks for less mail; what stands beside it is left out."""
    carried = {"consent": {"news": False, "marketing": True}, "email": "ana@example.com"}
    found = [each for event in events(context={"traits": carried}) for each in event.get("consent", ())]
    assert {(each["purpose"], each["given"]) for each in found} == {("news", False)}
    assert "consent" not in events(context={"traits": {"consent": "yes"}})[0]


@pytest.mark.parametrize("kind", ["page", "screen"])
def test_a_page_may_be_named_among_its_properties(events: Any, kind: str) -> None:
    """As Jitsu's SDK writes it; a name beside them goes before, and that of a product is none."""
    assert events(type=kind, properties={"name": " Pricing "})[0]["name"] == "Pricing"
    assert events(type=kind, name="Home", properties={"name": "Pricing"})[0]["name"] == "Home"
    assert events(type=kind, properties={"name": 7})[0]["name"] == kind
    assert events(type="identify", properties={"name": "Lamp"})[0]["name"] == "identify"


@pytest.mark.parametrize(
    ("said", "time_ms"),
    [
        ({"timestamp": "2026-11-02T09:00:00Z"}, NOW_MS - 24 * HOUR_MS),
        ({"timestamp": "2026-11-03T08:30:00Z"}, NOW_MS - HOUR_MS // 2),
        ({"timestamp": "2026-11-03T14:00:00Z"}, NOW_MS - HOUR_MS),
        ({"timestamp": None}, NOW_MS - HOUR_MS),
        ({"timestamp": "soon"}, NOW_MS - HOUR_MS),
        ({"timestamp": "2026-11-02T09:00:00Z", "originalTimestamp": "soon"}, NOW_MS - 24 * HOUR_MS),
    ],
    ids=["of yesterday", "corrected", "the same", "absent", "none", "beside none"],
)
def test_a_time_beside_the_original_one_is_meant(said: dict[str, Any], time_ms: int) -> None:
    """RudderStack's Node SDK sends the caller's beside its own; Segment and RudderStack hand on a corrected one."""
    call = {"originalTimestamp": "2026-11-03T14:00:00Z", "sentAt": "2026-11-03T15:00:00Z", **said}
    assert event_time_ms(call, NOW_MS, is_trusted=True) == (time_ms, False)
