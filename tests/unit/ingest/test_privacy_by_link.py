"""A privacy request that shows the token of a mail's link is its reader's own word, about nobody else."""

from typing import Any

import pytest

from schemas import topics
from schemas.signing import signature, token
from services.ingest.core.source import Keys

NOW = "2026-11-03T09:00:00Z"
FIELDS = ("mail", "u:7", "k", "marketing", "en")


def request(action: str = "erase", **rest: Any) -> dict[str, Any]:
    """A request as the page writes it, but for what the test says."""
    return {"id": "p-1", "action": action, "occurred_at": NOW, "requested_by": "the page", **rest}


@pytest.mark.parametrize(("action", "refused"), [("erase", ["erased"]), ("opt_out", ["opt_out"]), ("export", [])])
def test_token_names_person_and_address(
    events: Any, suppressions: Any, keys: Keys, action: str, refused: list[str]
) -> None:
    """Sealed or of the older form, with the person beside it or without; the speaker is the link."""
    for proof in (keys.seal.seal(FIELDS), token(keys.unsubscribe, FIELDS[:4])):
        for named in ({}, {"person": "u:7"}):
            said = request(action, token=proof, **named)
            found = events(topics.PRIVACY_REQUESTS, **said)
            assert [(each["person"], each["privacy"], each["speaker"]) for each in found] == [
                ("u:7", action, "signed_link"), ("e:k", action, "signed_link"),
            ]  # fmt: skip
            told = suppressions(topics.PRIVACY_REQUESTS, **said)
            assert [(each.address_key, each.purposes, each.reason) for each in told] == [
                ("k", ("*",), reason) for reason in refused
            ]


@pytest.mark.parametrize("more", [{"person": "u:8"}, {"person": "e:k"}, {"address": "ana@example.com"}])
def test_token_opens_no_door_to_others(reason: Any, keys: Keys, more: dict[str, str]) -> None:
    """Who is named beside it must be whom it names: neither of them is erased."""
    assert reason(topics.PRIVACY_REQUESTS, **request(token=keys.seal.seal(FIELDS), **more)) == "bad_token"


@pytest.mark.parametrize("person", [None, "u:7"])
def test_forged_token_asks_nothing(reason: Any, keys: Keys, person: str | None) -> None:
    """It is looked at, and is no request of the person beside it either."""
    other = token(keys.server, FIELDS[:4])
    for bad in ("", "forged", other, keys.seal.seal(FIELDS[:3]), keys.seal.seal(("mail", "7", "k", "m", "en"))):
        assert reason(topics.PRIVACY_REQUESTS, **request(token=bad, person=person)) == "bad_token"


def test_token_lifts_nothing(reason: Any, keys: Keys) -> None:
    """Not even where the operator's key has signed: the reader of a mail has no such claim."""
    said = request("lift", token=keys.seal.seal(FIELDS), person="u:7")
    assert reason(topics.PRIVACY_REQUESTS, **said) == "bad_signature"
    signed = {**said, "signature": signature(keys.suppression, said)}
    assert reason(topics.PRIVACY_REQUESTS, **signed) == "bad_token"


def test_request_without_a_token_is_the_operators_as_before(events: Any) -> None:
    """Whoever may write to the topic."""
    for said in (request(person="u:7"), request(person="u:7", token=None)):
        assert [each["speaker"] for each in events(topics.PRIVACY_REQUESTS, **said)] == ["operator"]


def test_action_of_a_later_version_by_a_token_is_an_opt_out(outcome: Any, keys: Keys) -> None:
    """And is looked at."""
    found = outcome(topics.PRIVACY_REQUESTS, **request("forget_a_little", token=keys.seal.seal(FIELDS)))
    assert [each["privacy"] for each in found.effects[:2]] == ["opt_out", "opt_out"]
    assert found.unread.reason == "unknown_action"
