"""A choice is read again by its token alone: whoever sends the call, it is about the person that we sealed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.core.choices import until_ms
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.source import Keys
from tests.unit.ingest.conftest import RECEIVED_MS

FIELDS = ("mail", "u:7", "k", "marketing", "en")


def said(keys: Keys, event: str, **more: Any) -> dict[str, Any]:
    """A call of somebody else's that shows the token."""
    return {"event": event, "userId": "8", "properties": {"unsubscribe_token": keys.seal.seal(FIELDS), **more}}


def test_pause_ends_when_we_say(events: Any, keys: Keys) -> None:
    """Whatever the call says of it; its time is believed as far as any call's."""
    [event] = events(**said(keys, "Mail Paused", until_ms=9_999_999_999_999, until="2999-01-01"))
    assert {name: event[name] for name in ("person", "kind", "name", "trusted", "speaker", "until_ms")} == {
        "person": "u:7", "kind": "choice", "name": "Mail Paused", "trusted": True, "speaker": "signed_link",
        "until_ms": until_ms(RECEIVED_MS),
    }  # fmt: skip
    far = datetime.fromtimestamp(RECEIVED_MS / 1000, UTC).replace(year=2999).isoformat()
    assert events(**said(keys, "Mail Paused"), timestamp=far)[0]["until_ms"] == until_ms(RECEIVED_MS)


def test_language_is_a_code(events: Any, keys: Keys, reason: Any) -> None:
    """Of two or three small letters."""
    [event] = events(**said(keys, "Mail Language Chosen", language="es"))
    assert (event["person"], event["kind"], event["language"]) == ("u:7", "choice", "es")
    for odd in (None, "", "Spanish", "ES", "es-MX", 7, ["es"], "es\n"):
        assert reason(**said(keys, "Mail Language Chosen", language=odd)) == "bad_shape"


@pytest.mark.parametrize("name", ["Mail Paused", "Mail Language Chosen"])
def test_choice_counts_by_its_token(events: Any, reason: Any, name: str) -> None:
    """A forged one is refused; without one it is a call as any other, of who made it."""
    for bad in ("", "forged"):
        assert reason(event=name, properties={"unsubscribe_token": bad, "language": "es"}) == "bad_token"
    [event] = events(event=name, userId="8", properties={"language": "es"})
    assert (event["person"], event["kind"], "until_ms" in event, "language" in event) == ("u:8", "track", False, False)


def test_choice_has_an_id_of_its_own(events: Any, keys: Keys) -> None:
    """Of what it says, so that it is no repeat of what else came under the call's."""
    ids = [
        events(**said(keys, name, language=language), messageId=message)[0]["id"]
        for name in ("Mail Paused", "Mail Language Chosen")
        for language in ("es", "en")
        for message in ("m-1", "m-2")
    ]
    assert ids[:2] == ids[2:4]
    assert len(set(ids)) == 6


def test_trace_goes_along(record: Any, keys: Keys) -> None:
    """As of every call."""
    call = {"type": "track", "messageId": "m", **said(keys, "Mail Paused")}
    found = clean(record(call, headers=[("traceparent", b"00-a-b-01")]), keys)
    assert isinstance(found, Cleaned)
    assert isinstance(found.effects[0], dict)
    assert found.effects[0]["trace"] == "00-a-b-01"
