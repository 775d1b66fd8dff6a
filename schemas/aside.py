"""aside.<stage>: a pointer to a record that waits until a time, while others pass it."""

from pydantic import AwareDatetime, Field

from schemas.values import Event


class Aside(Event):
    """Where the record lies, and when it is looked at again. A tombstone ends it."""

    topic: str = Field(description="the name on the broker")
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    due: AwareDatetime = Field(description="not before this; at most the topic's retention less a day")
    tries: int = Field(ge=1, description="how often the record was set aside")
    tries_by_reason: dict[str, int] = Field(
        default_factory=dict, description="the same, for each reason by itself; empty where an older writer counted all"
    )
    reason: str
    since: AwareDatetime = Field(description="when it was set aside first")
    timestamp_ms: int | None = Field(
        default=None,
        description="the record's own, by which it is known again in a log made anew; older writers left it out",
    )

    @property
    def key(self) -> str:
        """The key of the pointer: the record's coordinates."""
        return f"{self.topic}/{self.partition}/{self.offset}"
