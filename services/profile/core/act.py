"""Acts: one event each, by what is heard of every event. Nearly all say nothing more, and are heard together.

An act takes a fifth of its event's room: so those of a step stay within the processor's reach until their person's turn
comes, while the events themselves go with their pack.
"""

from typing import NamedTuple

from msgspec import UNSET, Struct

from schemas.speaker import SPEAKERS, speaker
from services.profile.core.event import Event
from services.profile.core.hearing import fact_rank
from services.profile.core.mark import mark_of
from services.profile.core.meaning import Meaning

MAX_ZONE = 64  # characters of a time zone; the longest name of the tz database has 32
SKEW_MS = 300_000  # the most a client's clock may run ahead of ours; ingest clamps to the same
_WORDS = {  # by whether it is trusted, so that no untrusted event borrows a server's word
    True: frozenset(each.value for each in SPEAKERS),
    False: frozenset(each.value for each in SPEAKERS if each.is_browser),
}


class Act(Struct, frozen=True, gc=False):
    """One event of a person.

    `time_ms`: held back where a client's clock runs far ahead of ours. `meaning`: only behaviour has one. `speaker`:
    who told of it. `rank`: how far is believed what it says of the person. `mark`: by which it is known again. The
    whole event stands at this place of this pack.
    """

    time_ms: int
    received_ms: int
    meaning: Meaning | None
    speaker: str
    rank: int
    language: str | None
    timezone: str | None
    mark: str
    pack: bytes
    place: int


class Told(NamedTuple):
    """An event that says more than an act."""

    act: Act
    event: Event


def act_of(event: Event, meaning: Meaning | None, pack: bytes = b"", place: int = 0) -> Act:
    """The event as an act."""
    received_ms, word, person, is_trusted, language, zone = (
        event.received_ms, event.speaker, event.person, event.trusted, event.language, event.timezone,
    )  # fmt: skip
    who = word if word in _WORDS[is_trusted] else speaker(None, is_trusted=is_trusted, person=person).value
    return Act(
        min(received_ms + SKEW_MS, event.time_ms), received_ms, meaning, who, fact_rank(who, person),
        None if language is UNSET else language, None if zone is UNSET or len(zone) > MAX_ZONE else zone,
        mark_of(event), pack, place,
    )  # fmt: skip
