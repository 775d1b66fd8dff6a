"""Laws of ingest: nothing is lost, nothing raises, order stays, and no browser merges two known people."""

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.batch import batch_of
from services.ingest.core.body import calls_of, plain
from services.ingest.core.call import without_nul
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.intake import Sender, intake_of
from services.ingest.core.pack import pack
from services.ingest.core.reasons import Refused
from services.ingest.core.records import Batch
from services.ingest.core.source import keys_of
from services.ingest.core.times import instant_ms
from services.ingest.core.window import Windows
from services.runtime.fake_seal import FakeSeal

KEYS = keys_of(b"a secret of a test", FakeSeal())
RAW = (topics.EVENTS_RAW, topics.CONVERSIONS_RAW, topics.EMAIL_FEEDBACK, topics.PRIVACY_REQUESTS)
SHARED = Path(os.environ.get("KINDLING_SHARED", Path(__file__).parents[3] / "shared"))
RUDDER = SHARED / "data" / "rudder_events" / "events_shared.jsonl"

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.recursive(
    SCALARS | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
IDS = st.none() | st.sampled_from(["", "1", "2", "a@example.com"]) | JSON
ADDRESSES = st.sampled_from(["ana@example.com", "bob@example.com", "nobody", ""])
PARTS = st.fixed_dictionaries({}, optional={"email": ADDRESSES, "consent": JSON, "company": JSON, "a": JSON}) | JSON
CALLS = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "page", "screen", "identify", "group", "alias", "other"])},
    optional={
        "messageId": st.sampled_from(["m1", "m2", "m3"]) | IDS,
        "userId": IDS,
        "anonymousId": IDS,
        "previousId": IDS,
        "event": st.sampled_from(["purchase", "Email Opened", "Unsubscribed"]) | JSON,
        "name": JSON,
        "properties": PARTS,
        "traits": PARTS,
        "context": st.fixed_dictionaries({}, optional={"traits": PARTS, "page": PARTS, "locale": JSON}) | JSON,
        "timestamp": JSON | st.datetimes().map(str),
        "sentAt": JSON | st.datetimes().map(str),
    },
)
VALUES = st.none() | st.binary() | JSON.map(orjson.dumps) | CALLS.map(orjson.dumps)


def of_person(person: str) -> int:
    """A partition among three."""
    return sum(person.encode()) % 3


def read(batch: Batch) -> list[tuple[int | None, dict[str, Any]]]:
    """Each packed event with its partition, in order; every pack is valid by its schema."""
    found = []
    for each in batch.packs:
        topics.ADAPTERS["events.clean"].validate_json(each.value or b"")
        found += [(each.partition, event) for event in orjson.loads(each.value or b"")["events"]]
    return found


RECORDS = st.lists(st.tuples(st.sampled_from(RAW), st.integers(0, 1), VALUES, st.integers(-1, 2**43)), max_size=20).map(
    lambda drawn: [FakeRecord(topic.name, p, o, v, timestamp=t) for o, (topic, p, v, t) in enumerate(drawn)]
)


@given(RECORDS)
def test_any_record_is_packed_or_dead_or_a_repeat(records: list[FakeRecord]) -> None:
    """Whatever the bytes: something follows from each record, and nothing raises."""
    batch = batch_of(records, KEYS, Windows(100), of_person)
    packed = {(topics.BY_SHORT[event["at"][0]].name, *event["at"][1:3]) for _, event in read(batch)}
    dead = [each for each in batch.others if each.topic.short == "dlq.ingest"]
    assert len(dead) == sum(batch.reasons.values())
    assert len(packed) + len(dead) + batch.tally.get("repeats", 0) >= len(records)


@given(CALLS, st.sampled_from(RAW[:2]), st.integers(0, 2**42))
def test_a_call_gives_the_same_at_each_attempt(call: dict[str, Any], topic: topics.Topic, received_ms: int) -> None:
    """Person, time and all: nothing depends on what came before or on a clock."""
    record = FakeRecord(topic.name, 0, 3, orjson.dumps(call), timestamp=received_ms)
    first = clean(record, KEYS)
    assert first == clean(record, KEYS)
    if isinstance(first, Cleaned):
        for event in first.effects:
            assert isinstance(event, dict)
            assert event["time_ms"] <= received_ms + 300_000
            assert event["received_ms"] == received_ms


@given(CALLS, st.sampled_from(RAW[:2]))
def test_each_event_of_a_call_has_an_id_of_its_own(call: dict[str, Any], topic: topics.Topic) -> None:
    """The call's is the event's alone: a link with it would stand for the call wherever ids are remembered."""
    found = clean(FakeRecord(topic.name, 0, 0, orjson.dumps(call)), KEYS)
    events = [each for each in found.effects if isinstance(each, dict)] if isinstance(found, Cleaned) else []
    ids = [event["id"] for event in events]
    assert len(set(ids)) == len(ids)
    assert all(len(event["id"]) <= 100 for event in events)
    assert all(event["id"] != str(call.get("messageId")) for event in events if event["kind"] == "linked")


@given(CALLS)
def test_a_browser_never_merges_two_known_people(call: dict[str, Any]) -> None:
    """What an untrusted call links is anonymous, and nothing links to itself."""
    found = clean(FakeRecord(topics.EVENTS_RAW.name, 0, 0, orjson.dumps(call)), KEYS)
    for event in found.effects if isinstance(found, Cleaned) else []:
        if isinstance(event, dict) and event["kind"] == "linked":
            assert event["person"].startswith("a:")
            assert event["link"][:2] in {"u:", "e:"}


@given(RECORDS, st.data())
def test_other_batches_give_the_same_events(records: list[FakeRecord], data: st.DataObject) -> None:
    """Where the batches are cut changes nothing but the packs."""
    whole = batch_of(records, KEYS, Windows(100), of_person)
    cut = data.draw(st.integers(0, len(records)))
    windows = Windows(100)
    parts = [batch_of(each, KEYS, windows, of_person) for each in (records[:cut], records[cut:])]
    assert sorted(map(str, read(whole))) == sorted(str(each) for part in parts for each in read(part))
    assert [each.value for each in whole.others] == [each.value for part in parts for each in part.others]


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 2)), max_size=600))
def test_packing_loses_nothing_and_keeps_order(drawn: list[tuple[str, int]]) -> None:
    """Every event once, in its partition, each source partition's in order, at most 200 a pack."""
    events: Any = [
        {"id": str(number), "person": f"u:{name}", "at": ("events.raw", source, number, 0)}
        for number, (name, source) in enumerate(drawn)
    ]
    packs = [(each.partition, orjson.loads(each.value or b"")["events"]) for each in pack(events, of_person)]
    assert all(1 <= len(held) <= 200 for _, held in packs)
    assert all(partition == of_person(event["person"]) for partition, held in packs for event in held)
    assert sorted(int(event["id"]) for _, held in packs for event in held) == list(range(len(events)))
    lanes: dict[tuple[int | None, int], list[int]] = {}
    for partition, held in packs:
        for event in held:
            lanes.setdefault((partition, event["at"][1]), []).append(event["at"][2])
    assert all(earlier < later for lane in lanes.values() for earlier, later in pairwise(lane))


@given(st.binary() | st.lists(CALLS | JSON).map(lambda calls: orjson.dumps({"batch": calls})), st.data())
def test_what_the_collector_takes_the_consumer_takes(body: bytes, data: st.DataObject) -> None:
    """Any bytes are refused or become calls; none of those is a dead letter for its shape; a cut body never raises."""
    body = body[: data.draw(st.integers(0, len(body)) | st.just(len(body)))]
    sender = Sender("demo", 7, is_server=False)
    try:
        intake = intake_of(calls_of(plain(body, ""), "batch"), sender, KEYS)
    except Refused:
        return
    for each in intake.records:
        assert isinstance(clean(FakeRecord(each.topic.name, 0, 0, each.value), KEYS), Cleaned)


@given(st.lists(JSON), st.integers(0, 3), st.data())
def test_one_bad_item_costs_itself(items: list[Any], bad: int, data: st.DataObject) -> None:
    """A NaN, an infinity, a lone surrogate among good items leaves them whole."""
    encoded = [orjson.dumps(item) for item in items]
    place = data.draw(st.integers(0, len(items)))
    encoded.insert(place, (b"NaN", b'{"a":-Infinity}', b'["\\ud800"]', b'{"a":1e999}')[bad])
    calls = calls_of(b'{"a":{"batch":[1]},"batch":[' + b" ,".join(encoded) + b'],"b":["]"]}', "batch")
    good = [orjson.loads(without_nul(orjson.dumps(item))) for item in items]
    assert [item for number, item in enumerate(calls.items) if number != place] == good
    assert calls.envelope == {"a": {"batch": [1]}, "batch": [], "b": ["]"]}


@given(JSON | st.text())
def test_any_value_is_a_time_or_none(value: Any) -> None:
    """Never an exception."""
    assert instant_ms(value) is None or isinstance(instant_ms(value), int)


@pytest.mark.skipif(not RUDDER.exists(), reason="the collection of real calls is not here")
def test_real_calls_of_many_trackers_are_taken() -> None:
    """All of a large dirty collection pass or are refused by name; most pass."""
    values = [orjson.dumps(orjson.loads(line)["event"]) for line in RUDDER.read_bytes().splitlines()]
    records = [FakeRecord(topics.EVENTS_RAW.name, 0, offset, value) for offset, value in enumerate(values)]
    batch = batch_of(records, KEYS, Windows(10_000), of_person)
    assert len({event["at"][2] for _, event in read(batch)}) + sum(batch.reasons.values()) + batch.tally[
        "repeats"
    ] >= len(records)
    assert set(batch.reasons) <= {
        "call_too_large",
        "bad_id",
        "bad_type",
        "no_name",
        "nobody",
        "address_alone",
        "id_conflict",
        "nothing_to_link",
    }
    assert sum(count for reason, count in batch.reasons.items() if reason != "id_conflict") < len(records) / 2
