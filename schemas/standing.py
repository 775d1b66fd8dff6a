"""courses.signals and catalog.standing: what persons did with courses, what that says of each; no person is in it."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field
from pydantic.json_schema import SkipJsonSchema

from schemas.course import Slug
from schemas.profile_parts import Ms
from schemas.recommendation import DecisionId
from schemas.values import Event, known

PARTNERS_PUBLISHED = 300
FOLLOWING_PUBLISHED = 2_000
PART_ENTRIES = 5_000  # of 130 bytes at most: a row stays below Kafka's default limit of a record, 1 MiB
EARLIER_KEPT = 30

Word: TypeAlias = Literal["nothing", "clicked", "converted", "refused"]
"""What became of a mail, weakest first but for `refused`: an unsubscription or complaint that answers it."""
KINDS = frozenset({"taken", "outcome", "course", "partners", "topic", "following"})
Part: TypeAlias = Annotated[int, Field(ge=0, lt=10_000)]


def _is_another(kind: str) -> str:
    if kind in KINDS:
        raise ValueError("a kind that is known has to be whole")
    return kind


class Unread(Event):
    """A signal or row of a kind that a later version writes: nothing here counts it, and it is no error."""

    kind: Annotated[str, AfterValidator(_is_another)]


class Taken(Event):
    """A person took this course for the first time; told once per person and course."""

    kind: Literal["taken"] = "taken"
    course_id: Slug
    earlier: tuple[Slug, ...] = Field(
        default=(), max_length=EARLIER_KEPT, description="her courses so far, newest first"
    )
    later: tuple[Slug, ...] = Field(
        default=(), max_length=EARLIER_KEPT, description="courses she took after it, where this was told late"
    )
    occurred_ms: Ms


class Outcome(Event):
    """What became of one mail that recommended this course; told once per mail and word, stronger words later.

    Nothing in it can be joined with a person's other signals: it names no decision, and its time is a day.
    """

    kind: Literal["outcome"] = "outcome"
    course_id: Slug
    decision_id: DecisionId | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="no longer written; read of older records, and looked at by nobody",
        json_schema_extra={"deprecated": True},
    )
    word: Annotated[str, known(Word)]
    was: Annotated[str, known(Word)] | None = Field(
        default=None, description="the weaker word told before for the same mail, now taken back"
    )
    occurred_ms: Ms = Field(description="the UTC day the mail was asked for: the same for every word of it")


CourseSignal: TypeAlias = Annotated[Taken | Outcome, Field(discriminator="kind")] | SkipJsonSchema[Unread]


class CourseRow(Event):
    """One course. `popularity` is decayed to `at_ms`: its present value is popularity · 2^(-(now - at) / half-life)."""

    kind: Literal["course"] = "course"
    course_id: Slug
    events: int = Field(default=0, ge=0, description="times it was taken")
    popularity: float = Field(default=0.0, ge=0)
    at_ms: Ms = 0
    partners: dict[Slug, int] = Field(
        default={}, max_length=PARTNERS_PUBLISHED, description="taken together, raw counts"
    )
    good: float = Field(default=0.0, ge=0, description="discounted count of mails that led to something, to outcome_ms")
    bad: float = Field(default=0.0, ge=0, description="discounted count of mails that did not, to outcome_ms")
    outcome_ms: Ms = 0


class PartnersRow(Event):
    """The partners of a course beyond those its row publishes, so that the fold can go on after a restart."""

    kind: Literal["partners"] = "partners"
    course_id: Slug
    part: Part = 0
    partners: dict[Slug, int] = Field(max_length=PART_ENTRIES)


class TopicRow(Event):
    """What people with this topic in their last courses took next: weights by course, and their sum."""

    kind: Literal["topic"] = "topic"
    topic: Slug
    total: float = Field(default=0.0, ge=0)
    following: dict[Slug, float] = Field(default={}, max_length=FOLLOWING_PUBLISHED)


class FollowingRow(Event):
    """What follows a topic beyond what its row publishes, so that the fold can go on after a restart."""

    kind: Literal["following"] = "following"
    topic: Slug
    part: Part = 0
    following: dict[Slug, float] = Field(max_length=PART_ENTRIES)


Row: TypeAlias = CourseRow | PartnersRow | TopicRow | FollowingRow
StandingRow: TypeAlias = Annotated[Row, Field(discriminator="kind")] | SkipJsonSchema[Unread]


def row_key(row: Row) -> str:
    """The key of a row: its kind, what it is of, and the part where there is more than one."""
    name = row.course_id if isinstance(row, CourseRow | PartnersRow) else row.topic
    part = f":{row.part}" if isinstance(row, PartnersRow | FollowingRow) and row.part else ""
    return f"{row.kind}:{name}{part}"
