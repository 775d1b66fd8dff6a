"""Who speaks: the words of the design, and how records of before are read."""

from typing import Any

import pytest

from schemas.clean import said_by
from schemas.recommendation import DeclaredFact, SignalFact, Trigger
from schemas.speaker import SPEAKERS, Speaker, browser_of, speaker

AT = "2026-11-03T09:00:00Z"


def test_the_words_are_those_of_the_design() -> None:
    """Three browsers, the person by a link of ours, a connector, a server, the operator: least trusted first."""
    assert [each.value for each in SPEAKERS] == [
        "anonymous_browser", "known_browser", "address_browser", "signed_link", "connector", "server", "operator",
    ]  # fmt: skip
    assert [each.is_browser for each in SPEAKERS] == [True, True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("word", "is_trusted", "person", "who"),
    [
        ("server", False, "a:b", Speaker.SERVER),
        ("known_browser", True, "", Speaker.KNOWN_BROWSER),
        (None, True, "u:7", Speaker.SERVER),
        (None, False, "u:7", Speaker.KNOWN_BROWSER),
        (None, False, "e:k", Speaker.ADDRESS_BROWSER),
        (None, False, "a:b", Speaker.ANONYMOUS_BROWSER),
        (None, False, "", Speaker.ANONYMOUS_BROWSER),
        ("word of a later version", False, "u:7", Speaker.KNOWN_BROWSER),
        ("word of a later version", True, "u:7", Speaker.SERVER),
    ],
)
def test_what_does_not_say_who_speaks_is_read_by_its_trust(
    word: str | None, *, is_trusted: bool, person: str, who: Speaker
) -> None:
    """A later version's word gives nobody more than the record's own trust does."""
    assert speaker(word, is_trusted=is_trusted, person=person) is who


def test_a_key_that_names_nobody_is_an_anonymous_browsers() -> None:
    """What nobody knows is trusted least."""
    assert browser_of("x") is Speaker.ANONYMOUS_BROWSER


def test_an_event_of_before_is_read_as_its_trust_says() -> None:
    """And one of today as its own word does."""
    before: Any = {"trusted": True, "person": "u:7"}
    browser: Any = {**before, "trusted": False}
    operator: Any = {**before, "speaker": "operator"}
    assert [said_by(each) for each in (before, browser, operator)] == [
        Speaker.SERVER, Speaker.KNOWN_BROWSER, Speaker.OPERATOR,
    ]  # fmt: skip


def test_a_record_of_before_is_written_as_it_was() -> None:
    """No field where nobody said who speaks; then a fact is read as it was verified, a title as a browser's."""
    fact = {"name": "role", "value": "x", "source": "s", "is_verified": True, "said_at": AT}
    signal = {"id": "s1", "kind": "k", "title": "t", "last_at": AT, "count": 1, "weight": 1.0}
    trigger = {
        "playbook": "p", "purpose": "q", "event_id": "m", "event_name": "E", "occurred_at": AT, "opened_at": AT,
        "due_at": AT, "attempt": 0,
    }  # fmt: skip
    read = (DeclaredFact.model_validate(fact), SignalFact.model_validate(signal), Trigger.model_validate(trigger))
    assert [each.said_by for each in read] == [Speaker.SERVER, Speaker.ANONYMOUS_BROWSER, Speaker.SERVER]
    assert ["speaker" in each.model_dump(mode="json") for each in read] == [False] * 3
    told = DeclaredFact.model_validate({**fact, "speaker": "address_browser"})
    assert (told.said_by, told.model_dump()["speaker"]) == (Speaker.ADDRESS_BROWSER, "address_browser")
