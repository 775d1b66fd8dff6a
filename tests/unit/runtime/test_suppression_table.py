"""The table of suppressions follows its topic, and refuses what it cannot read."""

import logging
from datetime import UTC, datetime

import orjson
import pytest
from aiokafka.structs import ConsumerRecord
from prometheus_client import REGISTRY

from schemas.codec import encode
from schemas.email import Suppression
from schemas.errors import DecodeError
from schemas.signing import signature
from schemas.suppression import is_refused
from schemas.topics import EMAIL_SUPPRESSIONS
from services.runtime.kafka_records import RawRecord, to_view_message
from services.runtime.outcome import Message
from services.runtime.suppression_table import SuppressionTable

KEY = b"s" * 32
UNREADABLE = b'{"of":"a later version"}'
KEYLESS = [None, b"\xff|marketing", b"a1", b"|marketing"]


def _refusal(address_key: str, *purposes: str) -> Suppression:
    since = datetime(2026, 11, 3, tzinfo=UTC)
    return Suppression(
        address_key=address_key,
        purposes=purposes,
        state="suppressed",
        reason="unsubscribed",
        since=since,
        source="test",
    )


def _lift(address_key: str, *purposes: str, **more: object) -> bytes:
    """A signed lift as it comes from the topic; `more` are fields that only its writer knows."""
    fields = orjson.loads(encode(EMAIL_SUPPRESSIONS, _refusal(address_key, *purposes)))
    del fields["signature"]
    fields |= {"state": "lifted", "reason": "lifted", "since": "2026-11-03T00:00:01Z", **more}
    return orjson.dumps(fields | {"signature": signature(KEY, fields)})


def _table(*events: Suppression | None) -> SuppressionTable:
    table = SuppressionTable(KEY)
    for offset, event in enumerate(events):
        table.apply(Message(EMAIL_SUPPRESSIONS, 0, offset, b"a1", event, 0))
    return table


def _give(
    table: SuppressionTable, *records: tuple[bytes | None, Suppression | bytes | None], partition: int = 0
) -> None:
    """Hand over records by key, as the view does."""
    for offset, (key, value) in enumerate(records):
        raw = encode(EMAIL_SUPPRESSIONS, value) if isinstance(value, Suppression) else value
        record: RawRecord = ConsumerRecord(
            EMAIL_SUPPRESSIONS.name, partition, offset, 0, 0, key, raw, None, 0, 0, ()
        )  # fmt: skip
        try:
            message = to_view_message(record)
        except DecodeError as error:
            table.undecodable(record, error)
        else:
            table.apply(message)


def _gauge(of: str) -> float | None:
    return REGISTRY.get_sample_value("kindling_unreadable_suppressions", {"of": of})


def test_records_of_one_address_add_up() -> None:
    """A later record about one purpose does not free another, nor another address."""
    table = _table(_refusal("a1", "*"), _refusal("b2", "events"), _refusal("a1", "marketing"))
    assert table.refused_by("a1") == {"*", "marketing"}
    assert table.refused_by("b2") == {"events"}


def test_tombstone_lifts_nothing() -> None:
    """Only a signed value lifts."""
    assert _table(_refusal("a1", "marketing"), None).refused_by("a1") == {"marketing"}


def test_lift_without_our_signature_lifts_nothing() -> None:
    """The table folds by the law, under its key."""
    lift = _refusal("a1", "marketing").model_copy(update={"state": "lifted", "signature": "0" * 64})
    assert _table(_refusal("a1", "marketing"), lift).refused_by("a1") == {"marketing"}


def test_unknown_address_refuses_nothing() -> None:
    """As long as no record speaks of it."""
    assert _table(_refusal("a1", "*")).refused_by("b2") == frozenset()


def test_known_addresses_are_counted() -> None:
    """Each once."""
    _table(_refusal("a1", "*"), _refusal("b2", "*"), _refusal("a1", "events"))
    assert REGISTRY.get_sample_value("kindling_suppressed_addresses") == 2


def test_unreadable_record_refuses_every_mail_of_its_address() -> None:
    """Its key says whose it is, and what it says may be that nobody is to be mailed."""
    table = _table(_refusal("b2", "events"))
    _give(table, (b"a1|marketing", UNREADABLE))
    assert is_refused(table.refused_by("a1"), "anything")
    assert not is_refused(table.refused_by("b2"), "anything")
    assert (_gauge("address"), _gauge("nobody")) == (1, 0)


def test_readable_record_of_the_same_key_ends_the_doubt() -> None:
    """What it says counts from then on; the gauge says that all is read."""
    table = SuppressionTable(KEY)
    key = b"a1|marketing"
    _give(table, (key, UNREADABLE), (key, UNREADABLE), (key, _refusal("a1", "marketing")))
    assert table.refused_by("a1") == {"marketing"}
    assert _gauge("address") == 0


@pytest.mark.parametrize(
    ("key", "later"),
    [(b"a1|events", _refusal("a1", "events")), (b"a1|marketing", _refusal("b2", "marketing")), (b"b2|events", None)],
    ids=["another key of the address", "another address under the key", "another key's tombstone"],
)
def test_record_of_another_key_ends_no_doubt(key: bytes, later: Suppression | None) -> None:
    """Nobody knows yet what the unreadable one says."""
    table = SuppressionTable(KEY)
    _give(table, (b"a1|marketing", UNREADABLE), (key, later))
    assert is_refused(table.refused_by("a1"), "anything")


def test_each_unreadable_key_of_an_address_has_to_be_read() -> None:
    """Two doubts are two; and the same key in another partition is another record, as compaction sees it."""
    table = SuppressionTable(KEY)
    _give(table, (b"a1|events", UNREADABLE), (b"a1|*", UNREADABLE), (b"a1|*", _refusal("a1", "*")))
    _give(table, (b"a1|events", _refusal("a1", "events")), partition=1)
    assert _gauge("address") == 1


def test_signed_lift_of_the_same_key_ends_the_doubt_and_lifts() -> None:
    """It is a readable record like any other."""
    table = SuppressionTable(KEY)
    key = b"a1|marketing"
    _give(table, (key, _refusal("a1", "marketing")), (key, UNREADABLE), (key, _lift("a1", "marketing")))
    assert table.refused_by("a1") == frozenset()


def test_lift_with_a_field_nobody_knows_lifts_by_its_signature() -> None:
    """Which is over the record as it came: with the field it holds, without it or with another it does not."""
    key, refusal = b"a1|marketing", _refusal("a1", "marketing")
    signed = _lift("a1", "marketing", granted_by="a later version")
    table = SuppressionTable(KEY)
    _give(table, (key, refusal), (key, signed.replace(b"a later version", b"somebody else's")))
    assert table.refused_by("a1") == {"marketing"}
    _give(table, (key, signed))
    assert table.refused_by("a1") == frozenset()


def test_tombstone_ends_a_doubt_and_lifts_nothing() -> None:
    """It says that the record is to be forgotten; what was read before it stands."""
    table = SuppressionTable(KEY)
    key = b"a1|marketing"
    _give(table, (key, _refusal("a1", "marketing")), (key, UNREADABLE), (key, None))
    assert table.refused_by("a1") == {"marketing"}
    assert _gauge("address") == 0


@pytest.mark.parametrize("key", KEYLESS)
def test_unreadable_record_without_an_address_is_counted_and_refuses_nobody(key: bytes | None) -> None:
    """No key, not UTF-8, no such shape: it is the operator's to look at."""
    table = SuppressionTable(KEY)
    _give(table, (key, UNREADABLE), (key, UNREADABLE))
    assert (_gauge("address"), _gauge("nobody")) == (0, 2 if key is None else 1)
    assert not is_refused(table.refused_by("a1"), "marketing")


@pytest.mark.parametrize("key", [each for each in KEYLESS if each is not None])
@pytest.mark.parametrize("later", [None, _refusal("a1", "marketing")])
def test_later_record_ends_the_doubt_of_a_key_without_an_address(key: bytes, later: Suppression | None) -> None:
    """As with any key."""
    table = SuppressionTable(KEY)
    _give(table, (key, UNREADABLE), (key, later))
    assert _gauge("nobody") == 0


def test_unreadable_record_is_logged_as_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """With its place and what follows; never with what it holds."""
    _give(SuppressionTable(KEY), (b"a1|marketing", UNREADABLE), (None, UNREADABLE))
    lines = [each for each in caplog.records if each.message == "suppression_unreadable"]
    assert [(each.levelno, each.offset, each.effect) for each in lines] == [  # type: ignore[attr-defined]
        (logging.ERROR, 0, "address_refuses_every_mail"), (logging.ERROR, 1, "key_names_no_address"),
    ]  # fmt: skip
    assert "a later version" not in str([vars(each) for each in lines])


def test_state_nobody_knows_suppresses() -> None:
    """A word of a later version restricts until it is known."""
    table = _table(_refusal("a1", "marketing").model_copy(update={"state": "paused"}))
    assert table.refused_by("a1") == {"marketing"}
