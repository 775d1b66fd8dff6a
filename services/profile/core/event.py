"""An event of a pack as it is decoded in one pass: half the time of a dictionary, and a quarter of its room.

What says more than that a person was there is rare; what reads it takes the dictionary that `clean` gives.
"""

from typing import Annotated, Any, TypeAlias, cast

from msgspec import UNSET, Meta, Struct, UnsetType

from schemas.clean import AddressClaim, CleanEvent, Consent, FeedbackFact

MAX_ID = 100  # characters
MAX_PERSON = 300  # characters: of every later event
MAX_PLACE = 2**53
LAST_MS = 253_402_300_800_000  # the year 10000, which no date can hold
Said: TypeAlias = str | bool | int | float | None  # in properties and traits, alone or in a list
Saying: TypeAlias = dict[str, Said | list[Said]]
Time: TypeAlias = Annotated[int, Meta(ge=0, lt=LAST_MS)]
Place: TypeAlias = Annotated[int, Meta(ge=0, lt=MAX_PLACE)]


class Event(Struct, gc=False):
    """A `CleanEvent` of which each value is within its bounds; a part that is not there is UNSET."""

    id: Annotated[str, Meta(min_length=1, max_length=MAX_ID)]
    person: Annotated[str, Meta(max_length=MAX_PERSON)]
    kind: str
    name: str
    time_ms: Time
    received_ms: Time
    at: tuple[str, Place, Place, Place]
    trusted: bool
    speaker: str | UnsetType = UNSET
    bot: bool | UnsetType = UNSET
    clamped: bool | UnsetType = UNSET
    url: str | UnsetType = UNSET
    path: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    properties: Saying | UnsetType = UNSET
    traits: Saying | UnsetType = UNSET
    address: AddressClaim | UnsetType = UNSET
    consent: list[Consent] | UnsetType = UNSET
    feedback: FeedbackFact | UnsetType = UNSET
    privacy: str | UnsetType = UNSET
    until_ms: Time | UnsetType = UNSET
    link: str | UnsetType = UNSET
    links: list[str] | UnsetType = UNSET
    trace: str | UnsetType = UNSET


FIELDS = Event.__struct_fields__


def event_of(event: CleanEvent) -> Event:
    """A sound event that came as a dictionary."""
    parts: dict[str, Any] = dict(event)
    return Event(**{name: parts[name] for name in FIELDS if name in parts})


def clean(event: Event) -> CleanEvent:
    """The event as a dictionary. Law: `event_of` gives it back."""
    parts = {name: part for name in FIELDS if (part := getattr(event, name)) is not UNSET}
    return cast("CleanEvent", parts)
