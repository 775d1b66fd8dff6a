"""A course of the catalogue, keyed by its id; a tombstone withdraws it."""

from operator import not_
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.values import Event

Level: TypeAlias = Literal["beginner", "intermediate", "advanced"]
Language: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
SLUG_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,99}$"
Slug: TypeAlias = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]


class Course(Event):
    """One course as the business sells it; every claim a mail makes of it is a field here."""

    id: Slug
    title: Annotated[str, StringConstraints(min_length=3, max_length=200)]
    description: Annotated[str, StringConstraints(max_length=8_000)] = Field(
        default="", description="empty where the catalogue says no more than the title"
    )
    url: Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$", max_length=500)]
    topics: tuple[Slug, ...] = Field(min_length=1, max_length=4)
    skills: tuple[str, ...] = Field(default=(), max_length=12)
    takeaways: tuple[str, ...] = Field(
        default=(),
        max_length=5,
        description="sentences that are true and useful to a reader who never enrols",
    )
    after: tuple[Slug, ...] = Field(
        default=(),
        max_length=12,
        exclude_if=not_,
        description="ids of courses it builds on: only who took one of them is recommended it; absent where it builds "
        "on none",
    )
    level: Level
    language: Language
    duration_minutes: int | None = Field(default=None, ge=1, le=100_000)
    lessons: int | None = Field(default=None, ge=1, le=1_000)
    price_minor: int | None = Field(default=None, ge=0, description="in the currency's minor unit")
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    status: Literal["open", "withdrawn"] = "open"
    updated_at: AwareDatetime
