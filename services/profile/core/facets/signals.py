"""What a person did that is worth citing: the most salient signals, and who gave each its title.

Of several who spoke at the time of the title the least trusted counts, so a browser never borrows a server's word.
"""

from dataclasses import dataclass, field
from math import log2
from typing import Any, NamedTuple, Self

from schemas.clean import said_by
from schemas.recommendation import SignalFact
from schemas.speaker import SPEAKERS, Speaker, browser_of, speaker
from services.profile.core.caps import keep_newest_rows
from services.profile.core.facet import Arrival, Change, Effect, Look
from services.profile.core.meaning import Meaning
from services.profile.core.rules import Rules
from services.profile.core.times import at

MAX_SIGNALS = 20
SLACK = 10  # rows over the cap before it is enforced: sorting once in ten new signals
MOST_SHOWN = 16
ROW_BYTES = 80  # bound of a teller beside its key
CHARACTER_BYTES = 4  # UTF-8, of printable text
_TRUST = {each.value: place for place, each in enumerate(SPEAKERS)}


class Signal(NamedTuple):
    """One signal, and how many times it came; `weight` is the greatest of its events."""

    kind: str
    title: str
    item: str | None
    topics: tuple[str, ...]
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

    rows: dict[str, Signal] = field(default_factory=dict)
    tellers: dict[str, Teller] = field(default_factory=dict)

    @classmethod
    def decode(cls, stored: dict[str, Any]) -> Self:
        """Of the parts `sig` and `who`."""
        rows, tellers = stored.pop("sig", {}), stored.pop("who", {})
        return cls(
            {key: _decoded(*row) for key, row in rows.items()}, {key: Teller(*row) for key, row in tellers.items()}
        )

    def encode(self) -> dict[str, Any]:
        """As {key: kind, title, item, topics, last, count, weight} and {key: time, who}."""
        return {
            "sig": {key: tuple(row) for key, row in self.rows.items()},
            "who": {key: tuple(row) for key, row in self.tellers.items()},
        }

    def apply(self, change: Change) -> Effect | None:
        """Count the event's signal among the salient ones, with who told of it."""
        said = change.meaning
        if said is None or said.weight == 0:
            return None
        if said.weight > 0:
            key = self._count(said, change.time_ms)
            self.note(key, Teller(change.time_ms, said_by(change.event).value))
            if len(self.rows) > MAX_SIGNALS + SLACK:
                self._keep_salient(change.newest_ms, change.rules.half_life_ms)
        return Effect(ROW_BYTES + CHARACTER_BYTES * (3 * len(said.title) + 6 * len(said.item or "")))

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add the other's signals and tellers, row by row."""
        for key, row in other.rows.items():
            known = self.rows.get(key)
            self.rows[key] = row if known is None else _joined(known, row)
        for key, teller in other.tellers.items():
            self.note(key, teller)
        if len(self.rows) > MAX_SIGNALS:
            self._keep_salient(arrival.newest_ms, arrival.half_life_ms)

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest."""
        del newest_ms, half_life_ms
        keep_newest_rows(self.rows, MAX_SIGNALS // share, lambda row: row.last_ms)
        self._forget_tellers()

    def show(self, look: Look) -> dict[str, Any]:
        """The most salient, named in their order."""
        score = {key: salience(row, look.now_ms, look.rules.half_life_ms) for key, row in self.rows.items()}
        ranked = sorted(score, key=lambda key: (-score[key], key))[: MOST_SHOWN // look.share]
        return {
            "signals": tuple(
                _shown(f"s{place}", self.rows[key], score[key], self.speaker_of(key, look.person), look.rules)
                for place, key in enumerate(ranked, start=1)
            )
        }

    def note(self, key: str, teller: Teller) -> None:
        """Note who gave this signal its title at this time. Laws: order-free, associative, idempotent."""
        known = self.tellers.get(key)
        if known is None or _precedence(teller) > _precedence(known):
            self.tellers[key] = teller

    def speaker_of(self, key: str, person: str) -> Speaker:
        """Who gave the signal the title it has; where no row says, a browser of the person's own kind."""
        teller = self.tellers.get(key)
        if teller is None or teller.time_ms != self.rows[key].last_ms:
            return browser_of(person)
        return speaker(teller.word, is_trusted=False, person=person)

    def _count(self, meaning: Meaning, time_ms: int) -> str:
        kind, weight, item, topics, title, _ = meaning
        key = f"{kind}|{item or title}"
        row = Signal(kind, title, item, topics, time_ms, 1, weight)
        known = self.rows.get(key)
        self.rows[key] = row if known is None else _joined(known, row)
        return key

    def _keep_salient(self, newest_ms: int, half_life_ms: float) -> None:
        """Keep the most salient, as of the newest event seen."""
        ranked = sorted(self.rows, key=lambda key: (salience(self.rows[key], newest_ms, half_life_ms), key))
        for key in ranked[:-MAX_SIGNALS]:
            del self.rows[key]
        self._forget_tellers()

    def _forget_tellers(self) -> None:
        self.tellers = {key: teller for key, teller in self.tellers.items() if key in self.rows}


def salience(row: Signal, now_ms: int, half_life_ms: float) -> float:
    """A signal's weight, decayed since it was last seen, and more for each doubling of its count."""
    decayed: float = 2.0 ** min(0.0, (row.last_ms - now_ms) / half_life_ms)
    return row.weight * decayed * (1 + log2(row.times))


def _decoded(kind: str, title: str, item: str | None, topics: list[str], *rest: Any) -> Signal:
    return Signal(kind, title, item, tuple(topics), *rest)


def _joined(one: Signal, two: Signal) -> Signal:
    late = one if (one.last_ms, one.title, one.topics) >= (two.last_ms, two.title, two.topics) else two
    return Signal(
        one.kind, late.title, late.item, late.topics, late.last_ms, one.times + two.times, max(one.weight, two.weight)
    )


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
