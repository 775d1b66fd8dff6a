"""events.raw and conversions.raw: one call in Segment's shape, as trackers and servers write it."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, JsonValue, StringConstraints

from schemas.identity import MAX_ID_BYTES, is_bounded
from schemas.values import Outside

MAX_CALL_BYTES = 32 * 1024  # Segment's limit of one event


def _bounded(identifier: str) -> str:
    if not is_bounded(identifier):
        raise ValueError(f"expected at most {MAX_ID_BYTES} bytes of UTF-8")
    return identifier


Id: TypeAlias = Annotated[
    str,
    StringConstraints(max_length=MAX_ID_BYTES),
    AfterValidator(_bounded),
    Field(description="at most 255 bytes of UTF-8; empty where an SDK knows none"),
]


class Call(Outside):
    """One call of a tracker; what Kindling does not read is left aside.

    `timestamp` and its kin are read leniently (RFC 3339, or epoch seconds or milliseconds): a bad one is clamped and
    flagged by ingest, never a reason to lose the event.
    """

    type: Literal["track", "page", "screen", "identify", "group", "alias"]
    messageId: Annotated[str, StringConstraints(min_length=1, max_length=100)]  # noqa: N815 Segment's spelling
    anonymousId: Id | None = None  # noqa: N815
    userId: Id | None = None  # noqa: N815
    previousId: Id | None = None  # noqa: N815
    event: Annotated[str, StringConstraints(max_length=200)] | None = None
    name: Annotated[str, StringConstraints(max_length=200)] | None = None
    properties: dict[str, JsonValue] | None = None
    traits: dict[str, JsonValue] | None = None
    context: dict[str, JsonValue] | None = None
    timestamp: JsonValue = None
    originalTimestamp: JsonValue = None  # noqa: N815
    sentAt: JsonValue = None  # noqa: N815
    receivedAt: JsonValue = Field(default=None)  # noqa: N815
