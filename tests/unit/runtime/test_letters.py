"""Dead letters as values: which are meant, what goes back, and what does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from schemas.dead_letter import ATTEMPT, MAX_VALUE_BYTES, attempt_of
from schemas.topics import BY_SHORT, EMAIL_OUTBOUND, EVENTS_CLEAN, EVENTS_RAW, dead_letters
from services.runtime.kafka_ends import Unfit
from services.runtime.kafka_records import RawRecord, to_dead_letter
from services.runtime.letters import (
    MOST,
    SHOWN_BYTES,
    WHY,
    Bar,
    Letter,
    Selection,
    as_text,
    barred,
    letter_of,
    mark_of,
    reading,
    sent_back,
)
from services.runtime.outcome import Misconfigured

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
AT_MS = int(AT.timestamp() * 1000)
OWN = (("traceparent", b"00-a-b-01"), ("x", b""))


def _record(**changes: Any) -> RawRecord:
    words = {"topic": EMAIL_OUTBOUND.name, "partition": 2, "offset": 7, "key": b"u:1", "value": b"no JSON",
             "headers": OWN} | changes  # fmt: skip
    return ConsumerRecord(
        words["topic"], words["partition"], words["offset"], AT_MS, 0, words["key"], words["value"], None, 0, 0,
        words["headers"],
    )  # fmt: skip


def _letter(stage: str = "connector", reason: str = "undecodable", record: "RawRecord | None" = None) -> Letter:
    """What is read of the letter that a stage writes of a record."""
    written = to_dead_letter(stage, record or _record(), reason, "why")
    return letter_of(
        stage,
        ConsumerRecord(written.topic, 0, 3, AT_MS, 0, written.key, written.value, None, 0, 0, written.headers),
    )


def test_a_letter_says_what_its_stage_wrote() -> None:
    """Bytes, key and the record's own headers as they came; the cause apart."""
    letter = _letter()
    assert (letter.key, letter.value, letter.headers, letter.at) == (b"u:1", b"no JSON", OWN, AT)
    assert (letter.reason, letter.detail, letter.attempt, letter.is_cut) == ("undecodable", "why", 0, False)
    assert letter.origin is not None
    assert (letter.origin.topic, letter.origin.partition, letter.origin.offset) == (EMAIL_OUTBOUND.name, 2, 7)


def test_what_is_sent_back_is_the_record_with_one_more_attempt() -> None:
    """And where it is refused again, its letter says so: in the end it is parked, and a fourth time refused."""
    record = _record()
    for attempt in range(MOST):
        letter = _letter(record=record)
        assert (letter.attempt, barred(letter, {})) == (attempt, None)
        back = sent_back(letter, {EMAIL_OUTBOUND.name: 3})
        assert (back.topic, back.key, back.value, back.partition) == (EMAIL_OUTBOUND.name, b"u:1", b"no JSON", 2)
        assert back.headers == (*OWN, (ATTEMPT, str(attempt + 1).encode()))
        record = _record(headers=back.headers)
    assert barred(_letter(record=record), {}) is Bar.PARKED


def test_where_the_partition_is_gone_the_key_decides() -> None:
    """Topics of what comes from outside may have any number."""
    assert sent_back(_letter(), {EMAIL_OUTBOUND.name: 2}).partition is None
    assert sent_back(_letter(), {}).partition is None


def test_a_letter_with_its_mark_is_never_sent_back() -> None:
    """A mark of another log, whose letters lay at the same places, is of another letter."""
    letter = _letter()
    marks = {letter.place: mark_of(letter, AT)}
    assert barred(letter, marks) is Bar.ALREADY
    assert barred(replace(letter, at_ms=AT_MS + 1), marks) is None
    assert barred(replace(letter, offset=4), marks) is None


@pytest.mark.parametrize(
    ("letter", "bar"),
    [
        (_letter(reason=Unfit.GONE), Bar.GONE),
        (_letter(record=_record(value=b"v" * (MAX_VALUE_BYTES + 1))), Bar.CUT),
        (_letter("profile", record=_record(topic=EVENTS_CLEAN.name)), Bar.REPEAT),
        (_letter("ingest"), Bar.FOREIGN),  # of a topic that ingest does not read
        (_letter(record=_record(topic="another")), Bar.FOREIGN),
        (replace(_letter(), origin=None), Bar.FOREIGN),
        (_letter("ingest", record=_record(topic=EVENTS_RAW.name)), None),
    ],
    ids=lambda each: str(each) if isinstance(each, Bar) else "",
)
def test_what_cannot_go_back_whole_stays(letter: Letter, bar: Bar | None) -> None:
    """With a reason that says what to do in its place."""
    assert barred(letter, {}) is bar
    assert bar is None or WHY[bar]


def test_only_what_says_where_it_came_from_is_sent_or_marked() -> None:
    """Who asks first is told; who does not is a bug."""
    letter = replace(_letter(), origin=None)
    for act in (lambda: sent_back(letter, {}), lambda: mark_of(letter, AT)):
        with pytest.raises(ValueError, match="no origin"):
            act()


@pytest.mark.parametrize("said", [b"", b"x", b"-1", b"100", "٣".encode(), b"\xff"])
def test_an_attempt_that_is_no_number_counts_for_none(said: bytes) -> None:
    """The header may be anybody's."""
    assert attempt_of([(ATTEMPT, said)]) == 0
    assert attempt_of([(ATTEMPT, None)]) == 0


@pytest.mark.parametrize("words", [{"partition": "x"}, {"offset": "-1"}, {"topic": ""}, {"offset": "9" * 20}])
def test_headers_that_say_no_place_give_a_letter_without_origin(words: dict[str, str]) -> None:
    """Somebody else wrote it."""
    said = {"topic": "t", "partition": "0", "offset": "0"} | words
    headers = tuple((f"kindling_{name}", value.encode()) for name, value in said.items())
    record = ConsumerRecord(dead_letters("ingest").name, 0, 0, AT_MS, 0, None, b"", None, 0, 0, headers)
    assert letter_of("ingest", record).origin is None


def test_every_given_word_of_a_selection_has_to_hold() -> None:
    """`since` is within, `until` is not."""
    letter, later = _letter(), AT + timedelta(milliseconds=1)
    meant = Selection(("connector",), "undecodable", AT, later, (0, 3))
    assert meant.takes(letter)
    assert Selection().takes(letter)
    others: list[dict[str, Any]] = [
        {"stages": ("ingest",)}, {"reason": "bad_signature"}, {"since": later}, {"until": AT}, {"at": (0, 4)},
    ]  # fmt: skip
    assert not any(replace(meant, **change).takes(letter) for change in others)


def test_a_selection_that_means_nothing_is_refused() -> None:
    """With what was expected."""
    with pytest.raises(Misconfigured, match="expected a stage"):
        Selection(("mailer",))
    with pytest.raises(Misconfigured, match="name it"):
        Selection(at=(0, 1))


def test_bytes_are_shown_as_text_where_they_are_and_bounded() -> None:
    """Else in hexadecimal; what is cut is said."""
    assert (as_text(None), as_text(b"caf\xc3\xa9"), as_text(b"\xff\x00")) == ("(none)", "café", "0xff00")
    assert as_text(b"a" * (SHOWN_BYTES + 5)).endswith("… and 5 bytes more")


def test_what_this_version_makes_of_it_is_told() -> None:
    """A newer one may read what an older one refused."""
    example = b'{"action": "export"}'
    assert reading(_letter(record=_record(value=example))).startswith("does not decode: expected a email.outbound")
    raw = _letter("ingest", record=_record(topic=BY_SHORT["profile.changelog"].name))
    assert reading(raw) == "nobody knows of which topic it was"
    assert reading(replace(raw, origin=None)) == "nobody knows of which topic it was"
