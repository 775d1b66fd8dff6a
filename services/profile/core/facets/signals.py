"""What a person did that is worth citing: the most salient signals, and who gave each its title.

Of several who spoke at the time of the title the least trusted counts, so a browser never borrows a server's word.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from math import log2
from typing import Any, ClassVar, NamedTuple, Self

from schemas.clean import said_by
from schemas.recommendation import SignalFact
from schemas.speaker import SPEAKERS, Speaker, browser_of, speaker
from services.profile.core.facet import Arrival, Change, Effect, Look, adding
from services.profile.core.meaning import Meaning
from services.profile.core.rows import Rows
from services.profile.core.rules import Rules
from services.profile.core.times import at

MAX_SIGNALS = 20
SLACK = 10  # rows over the cap before it is enforced: sorting once in ten new signals
MOST_SHOWN = 16
_TRUST = {each.value: place for place, each in enumerate(SPEAKERS)}


class Signal(NamedTuple):
    """One signal, and how many times it came; `weight` is the greatest of its events."""

    kind: str
    title: str
    item: str | None
    topics: Sequence[str]
    last_ms: int
    times: int
    weight: float


class Teller(NamedTuple):
    """Who gave a signal the title of this time; of another time it says nothing."""

    time_ms: int
    word: str


@dataclass(slots=True)
class Signals:
    """The signals by kind and item or title, and who told of each."""

    HEARS_USUAL: ClassVar[bool] = True

    rows: Rows[Signal] = field(default_factory=lambda: Rows(Signal, {}))
    tellers: Rows[Teller] = field(default_factory=lambda: Rows(Teller, {}))

    @classmethod
    def decode(cls, stored: dict[str, Any]) -> Self:
        """Of the parts `sig` and `who`."""
        return cls(Rows(Signal, stored.pop("sig", {})), Rows(Teller, stored.pop("who", {})))

    def encode(self, stored: dict[str, Any]) -> None:
        """As {key: kind, title, item, topics, last, count, weight} and {key: time, who}."""
        stored["sig"], stored["who"] = self.rows.plain, self.tellers.plain

    def apply(self, change: Change) -> Effect | None:
        """Count the event's signal among the salient ones, with who told of it."""
        said = change.meaning
        if said is None or said.weight == 0:
            return None
        if said.weight > 0:
            self._count(said, Teller(change.time_ms, said_by(change.event).value))
            if len(self.rows.plain) > MAX_SIGNALS + SLACK:
                newest_ms, half_life_ms = change.newest_ms, change.rules.half_life_ms
                self._keep(MAX_SIGNALS, lambda row: salience(row, newest_ms, half_life_ms))
        return adding(said.size)

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add the other's signals and tellers, row by row."""
        for key, row in other.rows.all().items():
            self._add(key, row)
        for key, teller in other.tellers.all().items():
            self.note(key, teller)
        if len(self.rows.plain) > MAX_SIGNALS:
            self._keep(MAX_SIGNALS, lambda row: salience(row, arrival.newest_ms, arrival.half_life_ms))

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest."""
        del newest_ms, half_life_ms
        self._keep(MAX_SIGNALS // share, lambda row: row.last_ms)

    def show(self, look: Look) -> dict[str, Any]:
        """The most salient, named in their order."""
        now_ms, half_life_ms = look.now_ms, look.rules.half_life_ms
        scored = [(-salience(row, now_ms, half_life_ms), key, row) for key, row in self.rows.all().items()]
        return {
            "signals": tuple(
                _shown(f"s{place}", row, -score, self._speaker_of(key, row, look.person), look.rules)
                for place, (score, key, row) in enumerate(sorted(scored)[: MOST_SHOWN // look.share], start=1)
            )
        }

    def note(self, key: str, teller: Teller) -> None:
        """Note who gave this signal its title at this time. Laws: order-free, associative, idempotent."""
        known = self.tellers.get(key)
        if known is None or teller.time_ms > known.time_ms or _precedence(teller) > _precedence(known):
            self.tellers.put(key, teller)

    def _speaker_of(self, key: str, row: Signal, person: str) -> Speaker:
        """Who gave the signal the title it has; where no row says, a browser of the person's own kind."""
        teller = self.tellers.get(key)
        if teller is None or teller.time_ms != row.last_ms:
            return browser_of(person)
        return speaker(teller.word, is_trusted=False, person=person)

    def _count(self, said: Meaning, teller: Teller) -> None:
        kind, weight, item, topics, title, _, key, _, _ = said
        time_ms, known = teller.time_ms, self.rows.get(key)
        if known is not None and time_ms > known.last_ms:  # as nearly all: its title stands, and who told of it
            times, greatest = known.times + 1, max(weight, known.weight)
            self.rows.put(key, Signal(kind, title, item, topics, time_ms, times, greatest))
            self.tellers.put(key, teller)
        else:
            row = Signal(kind, title, item, topics, time_ms, 1, weight)
            self.rows.put(key, row if known is None else _joined(known, row))
            self.note(key, teller)

    def _add(self, key: str, row: Signal) -> None:
        known = self.rows.get(key)
        self.rows.put(key, row if known is None else _joined(known, row))

    def _keep(self, most: int, rank: Callable[[Signal], float]) -> None:
        """Keep the greatest, and who told of them."""
        if len(self.rows.plain) > most:
            kept = nlargest(most, ((rank(row), key) for key, row in self.rows.all().items()))
            self.rows.keep({key for _, key in kept})
        self.tellers.keep(self.rows.plain)


def salience(row: Signal, now_ms: int, half_life_ms: float) -> float:
    """A signal's weight, decayed since it was last seen, and more for each doubling of its count."""
    decayed: float = 2.0 ** min(0.0, (row.last_ms - now_ms) / half_life_ms)
    return row.weight * decayed * (1 + log2(row.times))


def _joined(one: Signal, two: Signal) -> Signal:
    late = two if two.last_ms > one.last_ms or _recency(two) > _recency(one) else one
    return Signal(
        one.kind, late.title, late.item, late.topics, late.last_ms, one.times + two.times, max(one.weight, two.weight)
    )


def _recency(row: Signal) -> tuple[int, str, list[str]]:
    return (row.last_ms, row.title, [*row.topics])


def _precedence(teller: Teller) -> tuple[int, int, str]:
    """Later before earlier, then the less trusted; a word of a later version is trusted least."""
    return (teller.time_ms, -_TRUST.get(teller.word, -1), teller.word)


def _shown(name: str, row: Signal, weight: float, who: Speaker, rules: Rules) -> SignalFact:
    title, topics = row.title, row.topics
    piece = rules.registered(row.item, title)
    if piece is not None:
        title, topics = piece.title, topics or piece.topics
    return SignalFact(
        id=name, kind=row.kind, title=title, item=row.item, topics=tuple(topics), last_at=at(row.last_ms),
        count=row.times, weight=round(weight, 6), speaker=who.value, content=piece.id if piece else None,
    )  # fmt: skip
