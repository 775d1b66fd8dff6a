"""The bases of every event and setting: frozen, and strict about what a field holds.

Who reads is open and who writes is closed: an event takes fields and words of a later version, and the published
schema has those of this one.
"""

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, WithJsonSchema

OPEN = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": False})
"""Of an object in an event: what a reader does not know is kept, and passed on where the object is."""


class Value(BaseModel):
    """A frozen, closed value that an operator writes: an unknown field is a typo, and theirs to see."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(BaseModel):
    """A frozen event, or a part of one: fields it does not know are kept and written again."""

    model_config = ConfigDict(frozen=True, **OPEN)


class Outside(BaseModel):
    """A frozen value that others write: what Kindling does not know is left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def known(words: Any) -> WithJsonSchema:
    """Marks a text as one of these `Literal` words: the published schema has no other, a reader takes any."""
    return WithJsonSchema({"enum": list(get_args(words)), "type": "string"})
