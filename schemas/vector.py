"""catalog.vectors: what a course's text is as a vector, so that it is embedded once for all replicas and restarts."""

import struct
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.course import Slug
from schemas.values import Event

LONGEST = 8_192  # dimensions
FLOAT_BYTES = 4


class CourseVector(Event):
    """One course by one embedder. A later text of the course replaces it; a tombstone forgets it."""

    course_id: Slug
    embedder: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="the embedding model with its version"
    )
    dimension: int = Field(ge=1, le=LONGEST)
    text_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(description="of the embedded text")
    vector: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=LONGEST * 6)] = Field(
        description="base64 of the values as little-endian float32, unit length"
    )


def vector_key(event: CourseVector) -> str:
    """The key: embedders stand side by side, so that the one in force is there while the next one fills."""
    return f"{event.course_id}|{event.embedder}|{event.dimension}"


def packed(vector: Sequence[float]) -> str:
    """The vector as base64 of little-endian float32."""
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def unpacked(text: str, dimension: int) -> tuple[float, ...] | None:
    """The vector of so many values; None where the text is not one. Law: of what was packed, it is so in float32."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return None
    return struct.unpack(f"<{dimension}f", raw) if len(raw) == dimension * FLOAT_BYTES else None
