"""What a person chose on the page behind a mail's link: a pause, a language. Nobody else says it for them."""

from typing import Self

from msgspec import Struct

from schemas.clean import said_by
from services.profile.core.facet import Arrival, Change, Effect, Facet, Homeward
from services.profile.core.text import clipped
from services.rules.claims import Claim, Hearing, hearing

CHOICE = "choice"  # the kind of event that tells of it
MAX_LANGUAGE = 35  # characters: RFC 5646 advises 35
CHOICE_BYTES = 4 * MAX_LANGUAGE + 120  # bound of one, with the names of facet and field


class Paused(Struct, array_like=True, frozen=True, order=True, gc=False):
    """When a pause was asked for, and until when it lasts; of two the one asked for last stands, then the longer."""

    said_ms: int
    until_ms: int


class Chosen(Struct, array_like=True, frozen=True, order=True, gc=False):
    """When a language was chosen, and its code; of two the one chosen last stands."""

    said_ms: int
    code: str


class Choices(Facet):
    """The last of each. Laws: any order and any repeats give one answer.

    It is small, and nothing of it may be forgotten where a person is too large. No later stage asks for it.
    """

    paused: Paused | None = None
    language: Chosen | None = None

    def apply(self, change: Change) -> Effect | None:
        """Note what the person chose, where the event has their proof."""
        event = change.event
        if event["kind"] != CHOICE:
            return None
        who, homeward = said_by(event), list[Homeward]()
        if "until_ms" in event and hearing(Claim.PAUSE, who) is Hearing.PROVEN:
            self._pause(Paused(change.time_ms, event["until_ms"]))
            homeward.append(Homeward("paused", change.time_ms, until_ms=event["until_ms"]))
        if "language" in event and hearing(Claim.FACT, who) is Hearing.PROVEN:
            self._speak(Chosen(change.time_ms, clipped(event["language"], MAX_LANGUAGE)))
        return Effect(CHOICE_BYTES, homeward=homeward)

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Keep the last of both. Law: idempotent too."""
        del arrival
        if other.paused is not None:
            self._pause(other.paused)
        if other.language is not None:
            self._speak(other.language)

    def paused_until_ms(self) -> int:
        """Until when no mail is asked for, in milliseconds; 0 where no pause was."""
        return 0 if self.paused is None else self.paused.until_ms

    def _pause(self, said: Paused) -> None:
        self.paused = said if self.paused is None else max(self.paused, said)

    def _speak(self, said: Chosen) -> None:
        self.language = said if self.language is None else max(self.language, said)
