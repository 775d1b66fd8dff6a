"""Batches: repeats, packs by partition, and dead letters with their cause."""

from typing import Any

import orjson
import pytest

from schemas import topics
from schemas.signing import token
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.batch import batch_of
from services.ingest.core.records import Batch
from services.ingest.core.source import Keys
from services.ingest.core.window import Windows

CALL = {"type": "track", "event": "E", "messageId": "m", "userId": "7"}


def packed(batch: Batch) -> list[tuple[int | None, list[dict[str, Any]]]]:
    """Each pack's partition and events."""
    return [(each.partition, orjson.loads(each.value or b"")["events"]) for each in batch.packs]


def test_a_repeat_is_packed_once(made: Any) -> None:
    """The same id of the same person, whatever `sentAt`; another person's is her own."""
    batch = made(CALL, {**CALL, "sentAt": "2026-11-03T09:00:00Z"}, {**CALL, "userId": "8"})
    assert [each["person"] for _, events in packed(batch) for each in events] == ["u:7", "u:8"]
    assert batch.tally == {
        "content": 0,
        "clamped": 0, "placeholder_id": 0, "withdrawal_in_doubt": 0, "bots": 0, "repeats": 1, "events": 2,
    }  # fmt: skip


def test_a_record_read_again_is_packed_again(made: Any) -> None:
    """At the same or a lower coordinate nothing was seen before: its first coming may not have been kept."""
    assert len(made(CALL, first=5).packs) == 1
    assert len(made(CALL, first=5).packs) == 1
    assert len(made(CALL, first=4).packs) == 1
    assert len(made(CALL, first=5).packs) == 0
    assert len(made(CALL, first=9, partition=1).packs) == 1


def test_another_event_under_the_same_id_is_a_conflict(made: Any) -> None:
    """The second goes to the dead letters, whole."""
    batch = made(CALL, {**CALL, "event": "F"})
    assert batch.reasons == {"id_conflict": 1}
    assert len(batch.others) == 1


def test_nobody_uses_up_an_id_of_another_trust(made: Any, keys: Keys) -> None:
    """A browser's call with the id of an unsubscribe that our own link proves: both go on."""
    said = {"unsubscribe_token": token(keys.unsubscribe, ("mail", "u:7", "k", "marketing"))}
    proved = {**CALL, "event": "Unsubscribed", "properties": said}
    batch = made(CALL, proved)
    assert [each["kind"] for _, events in packed(batch) for each in events] == ["track", "feedback"]
    assert batch.reasons == {}


def test_what_a_machine_sent_stands_for_nothing(made: Any) -> None:
    """No profile folds it: the same id of a person is new."""
    batch = made({**CALL, "context": {"userAgent": "Googlebot/2.1"}}, CALL, CALL)
    assert [each.get("bot", False) for _, events in packed(batch) for each in events] == [True, False]


def test_what_was_refused_stands_for_nothing(made: Any) -> None:
    """A call that conflicts is a dead letter whole: what it links may be linked by the call that says it aright."""
    said = {"type": "identify", "messageId": "m", "userId": "7", "traits": {"a": 1}}
    batch = made(said, {**said, "anonymousId": "b", "traits": {"a": 2}})
    assert batch.reasons == {"id_conflict": 1}
    anew = made({**said, "anonymousId": "b"}, first=2)
    assert [(each["kind"], each["person"]) for _, events in packed(anew) for each in events] == [("linked", "a:b")]


def test_privacy_action_nobody_knows_is_packed_and_a_dead_letter(made: Any) -> None:
    """The person gets no mail, and the operator learns that the request is not done."""
    asked = {"id": "p", "action": "forget_a_little", "person": "u:7", "occurred_at": "2026-11-03T09:00:00Z",
             "requested_by": "support"}  # fmt: skip
    batch = made(asked, topic=topics.PRIVACY_REQUESTS)
    assert [each["privacy"] for _, events in packed(batch) for each in events] == ["opt_out"]
    assert [(each.topic.short, orjson.loads(each.value)) for each in batch.others] == [("dlq.ingest", asked)]
    assert batch.reasons == {"unknown_action": 1}


def test_the_window_forgets_the_oldest(made: Any) -> None:
    """Two generations: what was seen long ago passes."""
    small = Windows(2)
    made(*({**CALL, "messageId": str(number)} for number in range(5)), window=small)
    assert len(made({**CALL, "messageId": "0"}, first=9, window=small).packs) == 1
    assert len(made({**CALL, "messageId": "4"}, first=9, window=small).packs) == 0


def test_a_suppression_is_written_at_every_repeat(made: Any) -> None:
    """It is idempotent, and must not be lost."""
    said = {
        "id": "f", "word": "complained", "message_id": "m", "person_tag": "dTo3", "address_key": "k",
        "occurred_at": "2026-11-03T09:00:00Z", "source": "esp",
    }  # fmt: skip
    batch = made(said, said, topic=topics.EMAIL_FEEDBACK)
    assert [(each.topic.short, each.key) for each in batch.others] == [("email.suppressions", b"k|*")] * 2
    assert len(batch.packs) == 1
    assert dict(batch.others[0].headers)["ce_type"] == b"kindling.email.suppressions.v1"
    assert topics.ADAPTERS["email.suppressions"].validate_json(batch.others[0].value or b"").purposes == ("*",)


def test_packs_hold_one_partition_and_at_most_200(made: Any) -> None:
    """In order, split by count."""
    calls = [{**CALL, "messageId": str(number), "userId": "7" * (1 + number % 2)} for number in range(402)]
    found = packed(made(*calls, window=Windows(1_000)))
    assert [(partition, len(events)) for partition, events in found] == [(1, 200), (1, 1), (0, 200), (0, 1)]
    offsets = [each["at"][2] for partition, events in found if partition == 1 for each in events]
    assert offsets == sorted(offsets)


def test_a_pack_stays_below_the_brokers_limit(made: Any) -> None:
    """Split by size too."""
    large = {str(number): "x" * 900 for number in range(33)}
    batch = made(*({**CALL, "messageId": str(number), "properties": large} for number in range(50)))
    assert len(batch.packs) > 1
    assert max(len(each.value or b"") for each in batch.packs) < 600_000
    headers = dict(batch.packs[0].headers)
    assert headers["ce_id"] == b"events.raw/0/0/0"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "unexpected_tombstone"),
        (b"", "not_json"),
        (b"\x00\x00\x00\x00\x01{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"NaN", "not_json"),
        (b"[" * 100_000, "call_too_large"),
        (b"[" * 20_000, "not_json"),
        (b'"text"', "not_an_object"),
        (b'{"type":"track","a":"\\ud800"}', "not_json"),
    ],
)
def test_poison_is_a_dead_letter_with_its_cause(made: Any, value: bytes | None, why: str) -> None:
    """Bytes untouched, where it came from, why; the good ones pass."""
    batch = made(value, CALL, key=b"k", headers=[("a", b"\xff"), ("a", None), ("kindling_reason", b"forged")])
    [letter] = batch.others
    assert (letter.topic.short, letter.key, letter.value) == ("dlq.ingest", b"k", value)
    assert letter.headers[:2] == (("a", b"\xff"), ("a", b""))
    cause = dict(letter.headers)
    assert cause["kindling_reason"] == why.encode()
    assert (cause["kindling_topic"], cause["kindling_partition"]) == (topics.EVENTS_RAW.name.encode(), b"0")
    assert cause["kindling_offset"] == b"0"
    assert len(batch.packs) == 1


@pytest.mark.parametrize("headers", [[("traceparent", None)], [("traceparent", b"t"), ("traceparent", None)]])
def test_a_null_header_is_no_trace(made: Any, headers: Any) -> None:
    """Kafka allows one: the call is packed, and poison with it is a dead letter, which says it as an empty one."""
    [(_, [event])] = packed(made(CALL, headers=headers))
    assert event.get("trace") == (headers[0][1] and "t")
    [letter] = made(b"{", first=1, headers=headers).others
    assert letter.headers[len(headers) - 1] == ("traceparent", b"")


def test_the_trace_of_an_alias_goes_along(made: Any) -> None:
    """To the known person, who is told of it by a bare event."""
    alias = {"type": "alias", "messageId": "m", "userId": "7", "previousId": "8"}
    [(_, [told, _])] = packed(made(alias, headers=[("traceparent", b"t")]))
    assert (told["kind"], told["trace"]) == ("alias", "t")


@pytest.mark.parametrize("timestamp", [-1, 10**15])
def test_a_record_without_a_time_is_a_dead_letter(made: Any, timestamp: int) -> None:
    """The receive time must be the same at each attempt: no clock of ours can stand in."""
    assert made(CALL, timestamp=timestamp).reasons == {"no_receive_time": 1}


def test_framing_of_a_registry_is_taken_off(made: Any) -> None:
    """A magic byte and a schema id before the JSON."""
    assert len(made(b"\x00\x00\x00\x00\x07" + orjson.dumps(CALL)).packs) == 1


def test_a_dead_letter_can_always_be_written(made: Any) -> None:
    """What is too large for the topic is cut and says so; a record of nothing gets an empty value."""
    [letter] = made(b"x" * 2_000_000, key=b"k" * 20_000, headers=[("a", b"x" * 60_000)]).others
    assert letter.value is not None
    assert letter.key is not None
    assert (len(letter.value), len(letter.key)) == (900_000, 10_000)
    cause = dict(letter.headers)
    assert (cause["kindling_cut_bytes"], cause["kindling_cut_key_bytes"]) == (b"2000000", b"20000")
    assert "a" not in cause
    [letter] = made(None).others
    assert (letter.key, letter.value) == (None, b"")


def test_a_fake_record_is_a_record(keys: Keys) -> None:
    """What the tests hand in has the shape of what the client hands out."""
    record = FakeRecord(topics.EVENTS_RAW.name, 0, 0, orjson.dumps(CALL))
    assert len(batch_of([record], keys, Windows(10), lambda _: 0).packs) == 1
