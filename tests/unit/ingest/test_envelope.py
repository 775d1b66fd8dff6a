"""Calls in envelopes of CloudEvents, structured mode: at the door and as records, by one rule."""

import base64
from typing import Any

import orjson
import pytest

from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.source import Keys

CALL = {"type": "track", "event": "Guide Read", "anonymousId": "b-1"}
ENVELOPE = {
    "specversion": "1.0", "id": "e-1", "source": "/shop", "type": "com.example.call", "time": "2026-11-03T08:00:00Z",
    "datacontenttype": "application/json", "data": CALL,
}  # fmt: skip
ONE = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}
SEVERAL = {"Content-Type": "application/cloudevents-batch+json"}
LABEL = [("content-type", b"application/cloudevents+json")]


def encoded(call: object) -> str:
    """A call as `data_base64` has it."""
    return base64.b64encode(orjson.dumps(call)).decode()


def without(*names: str, **more: Any) -> dict[str, Any]:
    """The usual envelope without some attributes, and with others."""
    return {**{name: value for name, value in ENVELOPE.items() if name not in names}, **more}


@pytest.fixture
def event(record: Any, keys: Keys) -> Any:
    """The event of a record that holds this, or why it is refused."""

    def of(value: object, **rest: Any) -> Any:
        found = clean(record(value, **rest), keys)
        return found.effects[0] if isinstance(found, Cleaned) else found.reason.value

    return of


@pytest.mark.parametrize("headers", [LABEL, [], [("content-type", b"application/json"), ("ce_id", b"x")]])
def test_a_record_that_is_an_envelope_is_its_call(event: Any, headers: Any) -> None:
    """With or without the label: id and time are the envelope's where the call has none."""
    expected = event({**CALL, "messageId": "e-1", "timestamp": ENVELOPE["time"]})
    assert expected["id"] == "e-1"
    assert event(ENVELOPE, headers=headers) == expected
    assert event(without("data", data_base64=encoded(CALL)), headers=headers) == expected


def test_a_call_keeps_its_own_id_and_time(event: Any) -> None:
    """The envelope's stand behind them; a call without either has the id of its place."""
    for name in ("timestamp", "originalTimestamp"):
        own = {**CALL, "messageId": "m-1", name: "2026-11-03T08:30:00Z"}
        assert event(without("data", data=own)) == event(own)
    assert event(without("id", "time"))["id"] == "events.raw/0/0"
    assert event(without("id", data={**CALL, "messageId": []}))["id"] == "events.raw/0/0"


def test_nul_in_an_envelope_is_left_out(event: Any) -> None:
    """As in a bare call."""
    said = {**CALL, "properties": {"a": "x\x00y"}}
    for value in (without("data", data=said), without("data", data_base64=encoded(said))):
        assert event(value)["properties"] == {"a": "xy"}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (without("specversion"), "bad_envelope"),
        (without(specversion="0.3"), "bad_envelope"),
        (without(specversion="2.0"), "bad_envelope"),
        (without(specversion=1.0), "bad_envelope"),
        (without("data"), "bad_envelope"),
        (without("data", data=[CALL]), "bad_envelope"),
        (without("data", data="text"), "bad_envelope"),
        (without("data", data=ENVELOPE), "bad_envelope"),
        (without(datacontenttype="application/xml"), "bad_envelope"),
        (without("data", data_base64="no base64"), "bad_envelope"),
        (without("data", data_base64="é"), "bad_envelope"),
        (without("data", data_base64=7), "bad_envelope"),
        (without("data", data_base64=base64.b64encode(b"{").decode()), "not_json"),
        (without("data", data={**CALL, "type": "import"}), "bad_type"),
        (without(id="x" * 101), "bad_id"),
        (CALL, "bad_envelope"),
    ],
)
async def test_what_is_no_envelope_is_refused_by_name(event: Any, collector: Any, value: object, why: str) -> None:
    """As a record and at the door alike."""
    assert event(value, headers=LABEL) == why
    status, answer = await collector.post("/v1/batch", value, **ONE)
    assert (status, [each["reason"] for each in answer["errors"]]) == (400, [why])
    assert collector.calls() == []


async def test_the_door_takes_envelopes(collector: Any) -> None:
    """One, several, on a path of one type; what goes on is the call alone, and what is wrong costs itself."""
    kept = {**CALL, "messageId": "e-1", "timestamp": ENVELOPE["time"]}
    assert (await collector.post("/v1/batch", ENVELOPE, **ONE))[0] == 200
    untyped = without("data", data={"event": "Guide Read", "anonymousId": "b-1"})
    assert (await collector.post("/v1/track", untyped, **ONE))[0] == 200
    status, answer = await collector.post("/v1/batch", [ENVELOPE, without("specversion"), 7], **SEVERAL)
    assert (status, answer["accepted"]) == (200, 1)
    assert [(each["index"], each["reason"]) for each in answer["errors"]] == [(1, "bad_envelope"), (2, "not_an_object")]
    assert collector.calls() == [kept] * 3


async def test_the_door_knows_an_envelope_without_its_label(collector: Any) -> None:
    """A content type is ignored where the body parses: alone, and among the calls of a batch."""
    kept = {**CALL, "messageId": "e-1", "timestamp": ENVELOPE["time"]}
    assert (await collector.post("/v1/track", ENVELOPE))[0] == 200
    assert (await collector.post("/v1/batch", {"batch": [ENVELOPE]}))[0] == 200
    assert collector.calls() == [kept] * 2
    assert (await collector.post("/v1/track", without(specversion="2.0")))[1]["code"] == "bad_envelope"


async def test_a_batch_of_envelopes_is_bounded(collector: Any) -> None:
    """As any other batch; an empty one is accepted, and one object is none."""
    status, answer = await collector.post("/v1/batch", [{"specversion": "1.0"}] * 501, **SEVERAL)
    assert (status, answer["code"]) == (413, "too_many_calls")
    assert (await collector.post("/v1/batch", ENVELOPE, **SEVERAL))[1]["code"] == "not_an_object"
    assert (await collector.post("/v1/batch", [], **SEVERAL))[1] == {"success": True, "accepted": 0, "errors": []}


async def test_a_write_key_may_stand_in_the_call_of_an_envelope(collector: Any) -> None:
    """Where a request has no header for it."""
    said = without("data", data={**CALL, "writeKey": "other"})
    assert (await collector.post("/v1/batch", said, Authorization="", **ONE))[0] == 200
    assert "writeKey" not in collector.calls()[0]
    assert (await collector.post("/v1/batch", ENVELOPE, Authorization="", **ONE))[0] == 401
