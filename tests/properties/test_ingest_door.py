"""The law of the door: what the collector answers 200 for, the consumer takes, wherever and whenever it reads it."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.body import Calls, calls_of
from services.ingest.core.call import without_nul
from services.ingest.core.clean import YEAR_2100_MS, Cleaned, clean
from services.ingest.core.intake import Intake, Sender, intake_of
from services.ingest.core.source import keys_of
from services.runtime.fake_seal import FakeSeal

KEYS = keys_of(b"a secret of a test", FakeSeal())
TOKEN = KEYS.seal.seal(("mail", "u:7", "k", "marketing", "en"))
TIMES = st.integers(0, YEAR_2100_MS)

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
IDS = st.sampled_from(["", " ", "\x00", "7", "null", "undefined", "0", "b-1", "b\x001", 7, -1, 2**64 - 1]) | JSON
ADDRESSES = st.sampled_from(["ana@example.com", "ana", "", "\x00", "a@b", "ANA@EXAMPLE.COM", 7, None])
BY_TOKEN = ["Unsubscribed", "unsubscribed", "Mail Paused", "Mail Language Chosen"]
NAMES = st.sampled_from([*BY_TOKEN, "Email Opened", "purchase", "\x00", " ", ""]) | JSON
TOKENS = st.sampled_from([TOKEN, TOKEN[:-1], TOKEN + "\x00", "", "none", 7, None])
PARTS = JSON | st.fixed_dictionaries(
    {},
    optional={
        "email": ADDRESSES,
        "unsubscribe_token": TOKENS,
        "language": st.sampled_from(["es", "es-MX", "\x00", 7]),
        "consent": JSON,
        "message_id": IDS,
        "machine": st.sampled_from(["yes", "no", "odd"]),
        "link_url": JSON,
    },
)
MOMENTS = JSON | st.datetimes().map(str) | st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 1e300, -1])
CALLS = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "Page", "SCREEN", "identify", "group", "alias", "Alias", "other"])},
    optional={
        "messageId": IDS,
        "userId": IDS,
        "anonymousId": IDS,
        "previousId": IDS,
        "event": NAMES,
        "name": NAMES,
        "properties": PARTS,
        "traits": PARTS,
        "context": st.fixed_dictionaries({}, optional={"traits": PARTS, "page": PARTS, "userAgent": JSON}) | JSON,
        "timestamp": MOMENTS,
        "originalTimestamp": MOMENTS,
        "sentAt": MOMENTS,
    },
)


def taken(call: dict[str, Any], *, is_server: bool) -> Intake:
    """What the door takes of a batch that holds this call, as bytes hold it."""
    sender = Sender("demo", 1_793_696_400_000, is_server=is_server, browser_agent="Mozilla")
    return intake_of(calls_of(orjson.dumps({"batch": [call]}), "batch"), sender, KEYS)


@given(CALLS, st.booleans(), TIMES, TIMES)
def test_what_the_door_takes_the_consumer_takes(call: dict[str, Any], is_server: bool, first: int, later: int) -> None:  # noqa: FBT001 drawn
    """At any time; the topic is what says who speaks."""
    for record in taken(call, is_server=is_server).records:
        for moment in (first, later):
            found = clean(FakeRecord(record.topic.name, 1, 9, record.value, moment, headers=record.headers), KEYS)
            assert isinstance(found, Cleaned), found


@given(CALLS, st.booleans())
def test_what_the_door_refuses_has_the_reason_of_the_consumer(call: dict[str, Any], is_server: bool) -> None:  # noqa: FBT001 drawn
    """The same question is answered by the same word, where the call is whole."""
    intake = taken(call, is_server=is_server)
    topic = topics.CONVERSIONS_RAW if is_server else topics.EVENTS_RAW
    assert len(intake.records) + len(intake.errors) == 1
    for _, refusal in intake.errors:
        value = orjson.loads(without_nul(orjson.dumps(call)))
        value["messageId"] = value.get("messageId") or "made"  # the door makes one
        found = clean(FakeRecord(topic.name, 0, 0, orjson.dumps(value)), KEYS)
        assert not isinstance(found, Cleaned)
        assert found.reason is refusal.reason


def test_every_type_is_taken_in_some_form() -> None:
    """The law above is not one of an empty set."""
    calls: list[dict[str, Any]] = [
        {"type": "Track", "event": "Unsubscribed", "properties": {"unsubscribe_token": TOKEN}},
        {"type": "Track", "event": "Mail Paused", "properties": {"unsubscribe_token": TOKEN}},
        {"type": "alias", "userId": "7", "previousId": "b-1"},
        *({"type": kind, "userId": "7"} for kind in ("page", "screen", "identify", "group")),
    ]
    sender = Sender("demo", 0, is_server=False)
    assert len(intake_of(Calls(tuple(calls), {}), sender, KEYS).records) == len(calls)
