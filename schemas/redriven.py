"""redriven: which dead letters were sent back to where they came from, so that none is sent back twice."""

from typing import Any

from pydantic import AwareDatetime, Field

from schemas.values import Event


class Redriven(Event):
    """A dead letter went back; written in the transaction that sent it."""

    stage: str = Field(description="whose dead letter it is")
    partition: int = Field(ge=0, description="of its topic of dead letters")
    offset: int = Field(ge=0)
    timestamp_ms: int = Field(description="the dead letter's own, by which it is known again in a log made anew")
    topic: str = Field(description="where it went: the topic it came from")
    attempt: int = Field(ge=1, description="how often its record was sent back by now")
    at: AwareDatetime


def key_of(event: Any) -> str:
    """The key of a mark: where the dead letter lies."""
    return f"{event.stage}/{event.partition}/{event.offset}"
