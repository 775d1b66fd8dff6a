"""Bad inputs by their numbers: records no client of ours writes, and feedback that is not as it should be.

Ingest and the profile behind it, as one chain; what only one of them decides is tested beside it.
"""

from collections.abc import Iterable
from itertools import count
from typing import Any

import orjson
import pytest

from schemas import topics
from schemas.identity import address_key, person_tag
from services.ingest.core.batch import batch_of
from services.ingest.core.reasons import Refusal
from services.ingest.core.records import Batch
from services.ingest.core.source import Keys
from services.ingest.core.window import Windows
from services.profile.core.person import Person
from services.profile.pipeline import Input, advance
from tests.profile_values import Persons
from tests.properties.profile_world import RULES

RECEIVED_MS = 1_793_696_400_000
DAY_MS = 86_400_000
CALL = {"type": "page", "messageId": "m", "userId": "7", "properties": {"path": "/blog/seo/x"}}
BOUNCE = {
    "id": "f", "word": "bounced", "bounce_class": "hard", "message_id": "mail-1", "person_tag": person_tag("u:7"),
    "occurred_at": "2026-11-03T08:00:00Z", "source": "esp",
}  # fmt: skip
RAW = (topics.EVENTS_RAW, topics.CONVERSIONS_RAW, topics.EMAIL_FEEDBACK, topics.PRIVACY_REQUESTS)


class Chain:
    """Ingest, of which each batch is a restart's, and the profile's one partition."""

    def __init__(self, record: Any, keys: Keys) -> None:
        self.record, self.keys = record, keys
        self.persons, self.checkpoint, self.counts = Persons(), dict[str, Any](), dict[str, int]()
        self.letters: list[bytes | None] = []
        self.numbers = count()

    def take(self, *values: Any, topic: topics.Topic = topics.EVENTS_RAW, **rest: Any) -> Batch:
        """Records of a topic, through ingest into the profile."""
        records = [self.record(each, topic, offset=next(self.numbers), **rest) for each in values]
        batch = batch_of(records, self.keys, Windows(10), lambda _: 0)
        for pack in batch.packs:
            self.fold(pack.value)
        return batch

    def fold(self, pack: bytes | None) -> None:
        """One record of `events.clean` into the profile."""
        clean = Input("events.clean", 0, next(self.numbers), RECEIVED_MS, None, pack)
        step = advance([clean], self.checkpoint, self.persons.reading, RULES, RECEIVED_MS)
        self.persons.keep(step)
        self.checkpoint = step.checkpoint
        self.letters += [each.input.raw for each in step.rejects]
        for name, number in step.counts.items():
            self.counts[name] = self.counts.get(name, 0) + number

    def person(self, key: str = "u:7") -> Person:
        """A person as stored."""
        return self.persons.of(key)


@pytest.fixture
def chain(record: Any, keys: Keys) -> Chain:
    """Into which nothing has come yet."""
    return Chain(record, keys)


def letters(batch: Batch) -> list[tuple[bytes | None, bytes | None, str]]:
    """Key, value and reason of each dead letter."""
    named = [each for each in batch.others if each.topic.short == "dlq.ingest"]
    return [(each.key, each.value, dict(each.headers)["kindling_reason"].decode()) for each in named]


def refusals(batch: Batch) -> list[tuple[str, tuple[str, ...]]]:
    """Address key and purposes of each suppression."""
    written = [each for each in batch.others if each.topic is topics.EMAIL_SUPPRESSIONS]
    read = [topics.ADAPTERS["email.suppressions"].validate_json(each.value or b"") for each in written]
    return [(each.address_key, each.purposes) for each in read]


def signals(person: Person) -> dict[str, int]:
    """How many times each signal was seen."""
    return {key: row.times for key, row in person.signals.rows.items()}


def test_38_a_duplicate_of_20_days_later_has_one_effect(chain: Chain) -> None:
    """Ingest has forgotten it long ago; the profile knows a person's recent ids."""
    chain.take(CALL)
    chain.take(*({**CALL, "messageId": f"m-{number}"} for number in range(100)))
    chain.take(CALL, timestamp=RECEIVED_MS + 20 * DAY_MS)
    assert (list(signals(chain.person()).values()), chain.counts["repeat_id"]) == ([101], 1)


def test_46_a_record_without_a_key_is_like_any_other(chain: Chain) -> None:
    """What a call says names its person; poison without a key is a dead letter without one."""
    batch = chain.take(CALL, b"{", key=None)
    assert (len(signals(chain.person())), letters(batch)) == (1, [(None, b"{", "not_json")])


@pytest.mark.parametrize("topic", RAW, ids=[each.short for each in RAW])
@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x00",
        b"\x00\x00\x00\x00\x01",
        b"\x00\x00\x00\x00\x07\x06m-1\x02\x0e7",
        b"Obj\x01\x04\x16avro.schema",
        b"\x0a\x03m-1\x12\x017\x18\x96\x01",
        b"\xff\xfe{\x00}\x00",
    ],
    ids=["empty", "a byte", "a frame of nothing", "framed Avro", "a container of Avro", "protobuf", "UTF-16"],
)
def test_48_and_49_bytes_that_are_no_json_are_dead_letters(chain: Chain, topic: topics.Topic, value: bytes) -> None:
    """Of every topic: untouched, with the reason; what comes behind them goes on."""
    batch = chain.take(value, topic=topic, key=b"k")
    [(key, kept, why)] = letters(batch)
    assert (key, kept, why in {"not_json", "bad_shape"}) == (b"k", value, True)
    chain.take(CALL)
    assert signals(chain.person()) != {}


@pytest.mark.parametrize("topic", RAW, ids=[each.short for each in RAW])
def test_47_a_tombstone_is_a_dead_letter(chain: Chain, topic: topics.Topic) -> None:
    """No topic that ingest reads has any; what comes behind it goes on."""
    assert letters(chain.take(None, topic=topic, key=b"k")) == [(b"k", None, "unexpected_tombstone")]
    chain.take(CALL)
    assert signals(chain.person()) != {}


def test_50_a_newer_major_version_is_a_dead_letter_and_a_newer_minor_one_is_read(chain: Chain) -> None:
    """Of a pack; fields and words of a later version are passed over, in a pack as in a call."""
    [pack] = chain.take({**CALL, "schemaVersion": 2, "later": {"a": [1]}}).packs
    assert signals(chain.person()) != {}
    said = orjson.loads(pack.value or b"")
    event = {**said["events"][0], "id": "m-2", "at": ["events.raw", 0, 900, 0], "later": {"a": 1}}
    chain.fold(orjson.dumps({**said, "minor": 3, "events": [event]}))
    assert (list(signals(chain.person()).values()), chain.letters) == ([2], [])
    newer = orjson.dumps({**said, "v": 2, "events": [{**event, "id": "m-3", "at": ["events.raw", 0, 901, 0]}]})
    chain.fold(newer)
    assert (list(signals(chain.person()).values()), chain.letters) == ([2], [newer])


def test_51_any_partition_of_a_raw_topic_leads_to_the_persons_own(record: Any, keys: Keys) -> None:
    """A tracker may partition as it likes: the pack goes where the person lives, and says where events came from."""
    records = [record({**CALL, "messageId": str(place)}, key=b"of another", partition=place) for place in range(4)]
    [pack] = batch_of(records, keys, Windows(10), len).packs
    events = orjson.loads(pack.value or b"")["events"]
    assert (pack.partition, [each["at"][1] for each in events]) == (len("u:7"), [0, 1, 2, 3])


def test_53_doubled_headers_and_such_of_any_bytes_change_nothing(chain: Chain) -> None:
    """Of a good call and of poison, whose letter has them as they came."""
    headers = [("a", b"\xff"), ("a", b"1"), ("traceparent", b"\xff"), ("ce_id", None), ("content-type", b"\xff")]
    batch = chain.take(CALL, b"{", headers=headers)
    assert signals(chain.person()) != {}
    [letter] = batch.others
    assert letter.headers[: len(headers)] == tuple((name, value or b"") for name, value in headers)


def test_54_a_name_that_a_framework_would_follow_is_data(chain: Chain) -> None:
    """Faust reads `__faust` as which model to make: neither a call nor a pack is read by it."""
    blessed = {"__faust": {"ns": "services.profile.core.person.Person"}}
    [pack] = chain.take({**CALL, **blessed, "properties": {**CALL["properties"], **blessed}}).packs  # type: ignore[dict-item]
    said = orjson.loads(pack.value or b"")
    again = {**said["events"][0], **blessed, "id": "m-2", "at": ["events.raw", 0, 900, 0]}
    chain.fold(orjson.dumps({**said, **blessed, "events": [again]}))
    assert (list(signals(chain.person()).values()), chain.letters) == ([2], [])


def test_56_a_record_without_a_time_is_a_dead_letter_of_every_topic(chain: Chain) -> None:
    """-1 is what Kafka has where a producer gave none."""
    for topic in RAW:
        assert [why for _, _, why in letters(chain.take(CALL, topic=topic, timestamp=-1))] == ["no_receive_time"]


def told(chain: Chain, said: Iterable[dict[str, Any]]) -> dict[str, int]:
    """The refusals that the person has after this feedback, in its order."""
    for each in said:
        chain.take(each, topic=topics.EMAIL_FEEDBACK)
    return dict(chain.person().consents.refusals)


def test_feedback_that_comes_twice_or_in_another_order_says_the_same(record: Any, keys: Keys) -> None:
    """A refusal stands by when it happened; a delivery that is heard after it loosens nothing."""
    delivered = {**BOUNCE, "id": "d", "word": "delivered", "bounce_class": None, "occurred_at": "2026-11-03T07:00:00Z"}
    complained = {**BOUNCE, "id": "c", "word": "complained", "bounce_class": None}
    orders: tuple[list[dict[str, Any]], ...] = (
        [delivered, BOUNCE, complained],
        [complained, BOUNCE, delivered],
        [complained, complained, BOUNCE, BOUNCE],
    )
    found = [told(Chain(record, keys), order) for order in orders]
    assert found[0].keys() == {"bounced", "complained"}
    assert found == [found[0]] * 3


def test_feedback_about_an_unknown_mail_moves_no_touch_and_only_tightens(chain: Chain) -> None:
    """As that of another tenant's, whose ids are none of ours: it is counted, and what it refuses stands."""
    assert told(chain, [BOUNCE]) == {"bounced": RECEIVED_MS - 3_600_000}
    assert (chain.counts["unknown_touch"], chain.person().touches.rows) == (1, {})


def test_feedback_about_another_tenants_address_suppresses_none_of_ours(chain: Chain, keys: Keys) -> None:
    """Its key is of another secret; a tag that is not of ours names nobody."""
    theirs = address_key(b"another secret", "ana@example.com")
    batch = chain.take({**BOUNCE, "address_key": theirs}, topic=topics.EMAIL_FEEDBACK)
    assert refusals(batch) == [(theirs, ("*",))]
    assert theirs != address_key(keys.address, "ana@example.com")
    batch = chain.take({**BOUNCE, "person_tag": "lead-7"}, topic=topics.EMAIL_FEEDBACK)
    assert [why for _, _, why in letters(batch)] == ["unknown_person"]


def test_a_complaint_after_an_erasure_suppresses_the_address_and_revives_nobody(chain: Chain, keys: Keys) -> None:
    """The person stays a receipt; what the connector names is refused all the same."""
    key = address_key(keys.address, "ana@example.com")
    chain.take(CALL)
    asked = {"id": "e", "action": "erase", "person": "u:7", "occurred_at": "2026-11-03T08:00:00Z", "requested_by": "x"}
    chain.take(asked, topic=topics.PRIVACY_REQUESTS)
    said = {**BOUNCE, "word": "complained", "bounce_class": None, "address_key": key}
    batch = chain.take(said, topic=topics.EMAIL_FEEDBACK)
    assert refusals(batch) == [(key, ("*",))]
    assert (chain.person().identity.erased is not None, signals(chain.person())) == (True, {})
    assert chain.counts["after_erasure"] == 1


def test_feedback_of_the_future_is_of_now(outcome: Any) -> None:
    """A wrong clock of an ESP outlasts no grant that comes later."""
    found = outcome(topics.EMAIL_FEEDBACK, **{**BOUNCE, "occurred_at": "2031-01-01T00:00:00Z", "address_key": "k"})
    assert not isinstance(found, Refusal)
    event, suppression = found.effects
    assert event["time_ms"] == suppression.since.timestamp() * 1_000 == RECEIVED_MS
