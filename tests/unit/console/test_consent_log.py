"""The proof of consents: what stands, what was heard, what was refused, and what a mail relied on."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.topics import DECISIONS, EMAIL_SUPPRESSIONS, EVENTS_CLEAN
from services.console.core.consent_log import LOGGED, of_record, of_value

ROWS = {"news": {"": [1_000, True, "form", "", 0], "k": [2_000, False, "page", "2026-01", 2]}}
EVENT = {
    "id": "c-1", "person": "u:ada", "kind": "conversion", "time_ms": 1_000, "received_ms": 2_000, "trusted": True,
    "at": ["conversions.raw", 0, 7, 0], "name": "x",
    "consent": [
        {"purpose": "news", "given": True, "source": "form", "text_version": "2026-01", "address_key": "k"},
        {"purpose": "offers", "given": False, "source": "form"},
    ],
}  # fmt: skip
_SENT = orjson.loads((Path(__file__).parents[3] / "schemas" / "examples" / "decisions" / "sent.json").read_bytes())


def _is_ada(person: str) -> bool:
    return person == "u:ada"


def _rows(topic: Any, value: Any, key: str = "u:ada|d-1") -> list[dict[str, Any]]:
    raw = value if isinstance(value, bytes) else orjson.dumps(value)
    return list(of_record(topic, key.encode(), raw, _is_ada, lambda each: each == "k"))


@pytest.mark.parametrize(
    "value",
    [
        {"v": 2, "consents": {"rows": ROWS, "refusals": {"opt_out": 3_000}}},
        {"v": 1, "cons": ROWS, "supp": {"opt_out": 3_000}},
    ],
)
def test_what_stands_is_in_the_value(value: dict[str, Any]) -> None:
    """Of each purpose and address the latest, with how far it is believed; and every kind of refusal."""
    every, one, refusal = of_value("u:ada", orjson.dumps(value))
    assert every == {
        "says": "stands", "person": "u:ada", "purpose": "news", "given": True, "when": "1970-01-01T00:00:01+00:00",
        "source": "form", "text_version": None, "address_key": "every address",
        "believed": "said by an anonymous browser",
    }  # fmt: skip
    assert (one["given"], one["address_key"], one["text_version"]) == (False, "k", "2026-01")
    assert one["believed"] == "proven by a server or a signed link"
    assert (refusal["says"], refusal["word"], refusal["when"]) == ("refused", "opt_out", "1970-01-01T00:00:03+00:00")


def test_a_rank_of_a_later_version_is_the_highest_that_is_known() -> None:
    """And a value that is none is told as such."""
    [row] = of_value("u:ada", orjson.dumps({"consents": {"rows": {"news": {"": [1, True, "f", "", 9]}}}}))
    assert row["believed"] == "proven by a server or a signed link"
    with pytest.raises(ValueError, match="JSON"):
        list(of_value("u:ada", b"\xff"))


def test_what_was_heard_is_in_the_event_with_who_spoke_and_where() -> None:
    """Each consent of an event; of others' events, and of those that say none, nothing."""
    silent, other = {**EVENT}, {**EVENT, "person": "u:ben"}
    silent.pop("consent")
    given, withdrawn = _rows(EVENTS_CLEAN, {"v": 1, "events": [EVENT, silent, other]})
    assert given == {
        "says": "given", "person": "u:ada", "purpose": "news", "given": True, "when": "1970-01-01T00:00:01+00:00",
        "received": "1970-01-01T00:00:02+00:00", "source": "form", "text_version": "2026-01", "address_key": "k",
        "speaker": "server", "event_id": "c-1",
        "came_at": {"topic": "conversions.raw", "partition": 0, "offset": 7, "place": 0},
    }  # fmt: skip
    assert (withdrawn["says"], withdrawn["address_key"]) == ("withdrawn", "every address")
    assert _rows(EVENTS_CLEAN, {"v": 1, "events": [silent]}) == []


def test_a_refusal_is_the_address_s() -> None:
    """By the key of its record."""
    said = {
        "address_key": "k", "purposes": ["news", "offers"], "state": "suppressed", "reason": "unsubscribed",
        "since": "2026-11-03T09:00:00Z", "source": "one-click",
    }  # fmt: skip
    [row] = _rows(EMAIL_SUPPRESSIONS, said, "k|news+offers")
    assert (row["says"], row["purpose"], row["word"]) == ("suppressed", "news+offers", "unsubscribed")
    assert _rows(EMAIL_SUPPRESSIONS, said, "other|news") == []
    assert _rows(EMAIL_SUPPRESSIONS, said, "no key of ours") == []


def test_a_decision_tells_what_its_mail_relied_on() -> None:
    """The consent that permitted it; none where it had none, and none of others'."""
    proof = {"basis": "consent", "purpose": "news", "proof": "form 2026-01", "captured_at": "2026-11-03T09:00:00Z"}
    said = {**_SENT, "person": "u:ada", "consent": proof}
    [row] = _rows(DECISIONS, said)
    assert (row["says"], row["decision_id"], row["source"]) == ("relied_on", said["decision_id"], "form 2026-01")
    assert _rows(DECISIONS, said, "u:ben|d-2") == []
    assert _rows(DECISIONS, {**said, "consent": None}) == []
    assert _rows(DECISIONS, {**said, "consent": None, "of_a_later_version": {"consent": {}}}) == []


@pytest.mark.parametrize(
    ("topic", "raw", "key"),
    [
        (EVENTS_CLEAN, b'{"events":[{"consent"', ""), (DECISIONS, b'{"consent":{', "u:ada|d"),
        (DECISIONS, b'{"consent":{"purpose":"x"}}', "u:ada|d"), (EMAIL_SUPPRESSIONS, b"7", "k|news"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(topic: Any, raw: bytes, key: str) -> None:
    """Nobody takes a log that lacks a line for a whole one."""
    assert _rows(topic, raw, key) == [{"says": "unreadable"}]


def test_the_log_is_of_every_topic_that_says_something() -> None:
    """What was heard, what was refused, what a mail relied on."""
    assert {*LOGGED} == {EVENTS_CLEAN, EMAIL_SUPPRESSIONS, DECISIONS}
