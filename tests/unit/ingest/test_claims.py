"""Who may say what, where ingest hears it first: ids that are none, addresses without an id, withdrawals."""

from typing import Any

import pytest

from schemas import topics
from schemas.identity import address_key
from services.ingest.core.call import checked
from services.ingest.core.placeholders import PLACEHOLDERS, is_placeholder
from services.ingest.core.reasons import Refused
from services.ingest.core.source import Keys

ADDRESS = "ana@example.com"
NEWS = {"consent": {"news": False}}
NAMED = (
    "undefined", "null", "NaN", "nan", "[object Object]", "0", "true", "True", "guest", "Anonymous", '"undefined"',
    "'null'", "00000000-0000-0000-0000-000000000000", "none", "N/A", "-1", "(not set)",
)  # fmt: skip


@pytest.mark.parametrize("identifier", NAMED)
def test_a_placeholder_names_nobody(events: Any, outcome: Any, identifier: str) -> None:
    """The event counts as without it, and says so; strangers who bear it are no one person."""
    assert events(userId=identifier)[0]["person"] == "a:b-1"
    assert outcome(userId=identifier).counted == ("placeholder_id",)
    assert outcome(userId=identifier, anonymousId=identifier).reason == "nobody"
    assert outcome(type="alias", userId="7", anonymousId=None, previousId=identifier).reason == "nothing_to_link"


@pytest.mark.parametrize("identifier", ["7", "00", "user-0", "nullah", "trueman", "anonymous-1", "Guestrow", "1"])
def test_an_id_that_only_resembles_one_stays(events: Any, identifier: str) -> None:
    """No part of an id is looked at."""
    assert events(userId=identifier)[0]["person"] == f"u:{identifier}"


def test_every_placeholder_is_known_in_any_case() -> None:
    """As written, in capitals, and none of them is an empty text."""
    assert all(each and is_placeholder(each) and is_placeholder(each.upper()) for each in PLACEHOLDERS)


def test_an_address_alone_is_nobody_to_a_browser_and_somebody_to_a_server(outcome: Any, keys: Keys) -> None:
    """Door and consumer ask the same: what the one refuses the other does."""
    said = {"anonymousId": None, "traits": {"email": ADDRESS}}
    assert outcome(**said).reason == "address_alone"
    call = {"type": "track", "event": "E", "messageId": "m", **said}
    with pytest.raises(Refused, match="expected userId or anonymousId"):
        checked(call, is_trusted=False)
    [event] = outcome(topics.CONVERSIONS_RAW, **said).effects
    assert event["person"] == f"e:{address_key(keys.address, ADDRESS)}"
    assert checked(call, is_trusted=True).address == ADDRESS


def test_a_browser_leads_no_visitor_to_an_address(events: Any) -> None:
    """It claims the address for its own visitor; whose it is a server knows."""
    [event] = events(type="identify", traits={"email": ADDRESS})
    assert (event["person"], event["address"]["value"]) == ("a:b-1", ADDRESS)
    assert "links" not in event


def test_a_browser_takes_back_what_its_visitor_said(events: Any) -> None:
    """A known person's withdrawal goes by the visitor, whom a link leads to them; what it grants stays."""
    said = {"consent": {"news": False, "ads": True}, "email": ADDRESS}
    event, linked, withdrawn = events(type="identify", userId="7", traits=said)
    assert [(each["purpose"], each["given"]) for each in event["consent"]] == [("ads", True)]
    assert (linked["kind"], linked["person"], linked["link"]) == ("linked", "a:b-1", "u:7")
    assert (withdrawn["name"], withdrawn["person"]) == ("consent.withdrawn", "a:b-1")
    assert [(each["purpose"], each["given"]) for each in withdrawn["consent"]] == [("news", False)]


def test_a_stranger_who_knows_a_user_id_withdraws_nothing(outcome: Any) -> None:
    """Nor does the event keep it; it is counted."""
    cleaned = outcome(type="identify", userId="7", anonymousId=None, traits=NEWS)
    assert [each.get("consent") for each in cleaned.effects] == [None]
    assert cleaned.counted == ("withdrawal_in_doubt",)


@pytest.mark.parametrize(("topic", "who"), [(topics.CONVERSIONS_RAW, "u:7"), (topics.EVENTS_RAW, "a:b-1")])
def test_a_server_and_a_visitor_withdraw_for_whom_they_speak(events: Any, topic: topics.Topic, who: str) -> None:
    """The server for the known person, the visitor for themselves."""
    ids = {"userId": "7"} if topic is topics.CONVERSIONS_RAW else {}
    made = events(topic, type="track", event="E", properties=NEWS, **ids)
    event, withdrawn = [each for each in made if each["kind"] != "linked"]
    assert (event["person"], withdrawn["person"], withdrawn["name"]) == (who, who, "consent.withdrawn")
    assert event["consent"] == withdrawn["consent"]


@pytest.mark.parametrize(
    ("said", "weaker"),
    [
        ({"previousId": "8"}, ["a:8", "u:8"]),
        ({"previousId": "b-1", "anonymousId": "b-1"}, ["a:b-1", "u:b-1"]),
        ({"previousId": "7"}, ["a:7"]),
        ({"userId": None, "traits": {"email": ADDRESS}, "previousId": "8"}, ["a:8"]),
    ],
)
def test_a_servers_alias_links_known_people(events: Any, said: dict[str, Any], weaker: list[str]) -> None:
    """What it calls previous may be either kind of id; nobody is linked to themselves."""
    call = {"type": "alias", "userId": "7", "anonymousId": None, **said}
    assert [each["person"] for each in events(topics.CONVERSIONS_RAW, **call)[1:]] == weaker


def test_a_browsers_alias_links_its_visitor_alone(events: Any) -> None:
    """Never two known people."""
    made = events(type="alias", userId="7", anonymousId=None, previousId="8")
    assert [each["person"] for each in made] == ["u:7", "a:8"]
