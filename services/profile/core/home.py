"""The turn of a mailbox in a step: what comes to its home, the answers, and what those who use it hear."""

from collections.abc import Iterator

from schemas.mailbox import REFUSING, Answer, Heard, Reserve, Tell, ToHome
from schemas.topics import PROFILE_SELF
from services.profile.core.mailbox import Mailbox
from services.profile.core.reasons import Count
from services.profile.core.rules import Rules
from services.runtime.outcome import Send


class HomeTurn:
    """A mailbox while it is its turn: owned, changed in place. No person's turn matters to it."""

    def __init__(self, key: str, mailbox: Mailbox, rules: Rules, now_ms: int) -> None:
        self._key, self.mailbox, self._rules, self._now_ms = key, mailbox, rules, now_ms
        self.sends: list[Send] = []
        self.counts: list[Count] = []

    def take(self, came: ToHome) -> None:
        """Answer who asks, or note what is told."""
        if isinstance(came, Reserve):
            self._reserve(came)
        else:
            self._hear(came)

    def _reserve(self, asked: Reserve) -> None:
        reason, not_before_ms = self.mailbox.reserve(asked, self._rules, self._now_ms)
        verdict, count = "reserved", Count.RESERVED
        if reason is not None:
            verdict, count = ("not_before", Count.WAITS_HOME) if not_before_ms else ("refused", Count.REFUSED_HOME)
        self.counts.append(count)
        self.sends.append(Send(PROFILE_SELF, Answer(
            id=asked.id, person=asked.person, mailbox=self._key, purpose=asked.purpose, verdict=verdict,
            reason=reason or "", not_before_ms=not_before_ms,
        )))  # fmt: skip

    def _hear(self, told: Tell) -> None:
        self.counts.append(Count.MAILBOX_TOLD)
        others = sorted(person for person in self._users(told) if person != told.person)
        if self.mailbox.note(told) and told.word in REFUSING:
            for person in others:
                self.sends.append(Send(PROFILE_SELF, Heard(
                    id=told.id, person=person, mailbox=self._key, word=told.word, purposes=told.purposes,
                    time_ms=told.time_ms,
                )))  # fmt: skip

    def _users(self, told: Tell) -> Iterator[str]:
        """Who uses it; whoever is known by the address alone is erased with the others, also before a first event."""
        yield from self.mailbox.persons
        by_address = f"e:{self._key[2:]}"
        if told.word == "erased" and by_address not in self.mailbox.persons:
            yield by_address
