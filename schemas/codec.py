"""Bytes to event and back, by topic. Law: decode(encode(e)) = e; any bytes decode or raise `DecodeError` with them."""

from typing import Any

from pydantic import ValidationError

from schemas.errors import DecodeError
from schemas.topics import ADAPTERS, Topic

CONFLUENT_FRAME_BYTES = 5  # magic byte 0 and a schema id, before JSON written through a registry's serializer
MAX_REASONS = 3


def encode(topic: Topic, event: Any) -> bytes:
    """The event as the topic's JSON; plain JSON with the aliases of the public contract."""
    return ADAPTERS[topic.short].dump_json(event, by_alias=True, exclude_none=False)


def decode(topic: Topic, raw: bytes | None) -> Any:
    """The topic's event.

    Raises:
        DecodeError: the bytes are absent, not JSON, or not of the topic's shape; it holds them untouched.
    """
    if raw is None:
        raise DecodeError(f"a {topic.short} event", "a tombstone came", raw)
    try:
        return ADAPTERS[topic.short].validate_json(unframed(raw))
    except ValidationError as error:
        reasons = [
            f"{'.'.join(map(str, each['loc'])) or 'value'}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)
        ]
        came = "; ".join(reasons[:MAX_REASONS]) + (
            f" and {len(reasons) - MAX_REASONS} more" if len(reasons) > MAX_REASONS else ""
        )
        raise DecodeError(f"a {topic.short} event", came, raw) from None


def unframed(raw: bytes) -> bytes:
    """The JSON of a value, without the frame that a registry's serializer puts before it."""
    return raw[CONFLUENT_FRAME_BYTES:] if raw[:1] == b"\x00" else raw
