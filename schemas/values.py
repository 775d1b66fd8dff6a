"""The base of every event and setting: frozen, closed, and strict about what it is given."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen, closed value: an unknown field is an error, never a silent loss."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Outside(BaseModel):
    """A frozen value that others write: what Kindling does not know is left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")
