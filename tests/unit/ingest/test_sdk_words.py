"""What the trackers' own SDKs say in their own way, as the contract with them showed: who is meant, and when."""

from typing import Any

import pytest

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


@pytest.mark.parametrize("kind", ["page", "screen"])
def test_a_page_may_be_named_among_its_properties(events: Any, kind: str) -> None:
    """As Jitsu's SDK writes it; a name beside them goes before, and that of a product is none."""
    assert events(type=kind, properties={"name": " Pricing "})[0]["name"] == "Pricing"
    assert events(type=kind, name="Home", properties={"name": "Pricing"})[0]["name"] == "Home"
    assert events(type=kind, properties={"name": 7})[0]["name"] == kind
    assert events(type="identify", properties={"name": "Lamp"})[0]["name"] == "identify"
