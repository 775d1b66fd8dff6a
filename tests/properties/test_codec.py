"""Any bytes decode, or raise `DecodeError` that holds them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from schemas.codec import decode, encode
from schemas.errors import DecodeError

TYPED = [topic for topic in topics.ALL if topic.event is not None]
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(raw=st.binary() | st.none(), topic=st.sampled_from(TYPED))
def test_any_bytes_decode_or_keep_themselves(raw: bytes | None, topic: topics.Topic) -> None:
    """Nothing is lost: the error holds the original bytes."""
    try:
        event = decode(topic, raw)
    except DecodeError as error:
        assert error.raw == raw
    else:
        assert decode(topic, encode(topic, event)) == event


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*.json")), ids=lambda path: path.parent.name)
@given(data=st.data())
def test_a_broken_example_decodes_or_keeps_itself(path: Path, data: st.DataObject) -> None:
    """A record cut or with a byte changed is refused whole, or is still an event."""
    raw = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255))
    try:
        decode(topics.BY_SHORT[path.parent.name], bytes(raw))
    except DecodeError as error:
        assert error.raw == bytes(raw)


def test_deep_nesting_is_refused() -> None:
    """100,000 brackets are a `DecodeError`, not a stack overflow."""
    raw = b'{"type":"track","messageId":"m","properties":{"a":' + b"[" * 100_000
    with pytest.raises(DecodeError):
        decode(topics.EVENTS_RAW, raw)


def test_confluent_framing_is_taken_off() -> None:
    """A record written through a schema registry's JSON serializer is read."""
    event = decode(topics.EVENTS_RAW, b'\x00\x00\x00\x00\x07{"type":"page","messageId":"m1"}')
    assert event.messageId == "m1"


def test_a_tombstone_is_an_error_that_says_so() -> None:
    """A missing value is named as what it is."""
    with pytest.raises(DecodeError, match="tombstone"):
        decode(topics.EVENTS_CLEAN, None)
