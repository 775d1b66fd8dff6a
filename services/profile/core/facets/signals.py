"""What a person did that is worth citing: the most salient signals, and who gave each its title.

Of several who spoke at the time of the title the least trusted counts, so a browser never borrows a server's word.
"""

from collections.abc import Sequence
from math import log2
from typing import Any, Self

from msgspec import Raw, Struct

from schemas.recommendation import SignalFact
from schemas.speaker import SPEAKERS, speaker
from services.profile.core.facet import Arrival, Facet, Look, Visit
from services.profile.core.meaning import titled
from services.profile.core.readable import moment
from services.profile.core.times import at

MAX_SIGNALS = 20
SLACK = 10  # rows over the cap before it is enforced: sorting once in ten new signals
MOST_SHOWN = 16
_TRUST = {each.value: place for place, each in enumerate(SPEAKERS)}


class Signal(Struct, array_like=True, gc=False):
    """One signal: when it came last, how many times, the greatest weight of its events.

    `title` is the encoded `Titled` of the last event: most rows are only carried along, so it stays bytes until it is
    shown. `speaker` gave that title; empty where nobody knows.
    """

    last_ms: int
    times: int
    weight: float
    speaker: str
    title: Raw


class Signals(Facet):
    """The signals, each by what its meaning names it: its kind, a bar, and its item or else its title."""

    rows: dict[str, Signal] = {}

    def hear(self, visit: Visit) -> int:
        """Count the signals of the acts among the salient ones, with who told of each."""
        size, rows, acts = 0, self.rows, visit.acts
        for place, act in enumerate(acts):
            said = act.meaning
            if said is None or (weight := said.weight) <= 0:
                continue
            time_ms, key = act.time_ms, said.key
            known = rows.get(key)
            if known is not None and time_ms > known.last_ms:  # as nearly all
                if known.title is not said.title:
                    size += said.row_size if known.title != said.title else 0
                    known.title = said.title
                known.last_ms, known.speaker = time_ms, act.speaker
                known.times += 1
                if known.weight != weight:
                    known.weight = max(known.weight, weight)
                continue
            row = Signal(time_ms, 1, weight, act.speaker, said.title)
            rows[key] = row if known is None else joined(known, row)
            size += said.row_size
            if len(rows) > MAX_SIGNALS + SLACK:
                newest_ms = max(visit.newest_ms, *[each.time_ms for each in acts[: place + 1]])
                self._keep_salient(newest_ms, visit.rules.half_life_ms)
                rows = self.rows
        return size

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add the other's signals, row by row."""
        for key, row in other.rows.items():
            known = self.rows.get(key)
            self.rows[key] = row if known is None else joined(known, row)
        self._keep_salient(arrival.newest_ms, arrival.half_life_ms)

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest."""
        del newest_ms, half_life_ms
        self._keep(MAX_SIGNALS // share, {key: row.last_ms for key, row in self.rows.items()})

    def show(self, look: Look) -> dict[str, Any]:
        """The most salient, named in their order."""
        scored = self._scored(look)
        return {
            "signals": tuple(
                _shown(f"s{place}", key, self.rows[key], -score, look)
                for place, (score, key) in enumerate(scored[: MOST_SHOWN // look.share], start=1)
            )
        }

    def readable(self, look: Look) -> dict[str, Any]:
        """The signals by their keys, the most salient first."""
        return {key: _readable(key, self.rows[key]) for _, key in self._scored(look)}

    def topics_of(self, item: str) -> Sequence[str]:
        """The topics of the signal of this item that came last; none where the person never met it."""
        met = sorted(
            ((row.last_ms, key) for key, row in self.rows.items() if key.partition("|")[2] == item), reverse=True
        )
        named = (titled(key, self.rows[key].title) for _, key in met)
        return next((topics for known, _, topics in named if known == item), ())

    def _scored(self, look: Look) -> list[tuple[float, str]]:
        """Salience, negated, and key of each, the most salient first."""
        now_ms, half_life_ms = look.now_ms, look.rules.half_life_ms
        return sorted((-salience(row, now_ms, half_life_ms), key) for key, row in self.rows.items())

    def _keep_salient(self, newest_ms: int, half_life_ms: float) -> None:
        if len(self.rows) > MAX_SIGNALS:
            self._keep(MAX_SIGNALS, {key: salience(row, newest_ms, half_life_ms) for key, row in self.rows.items()})

    def _keep(self, most: int, rank_of: dict[str, float]) -> None:
        """Keep the greatest."""
        if len(self.rows) > most:
            kept = sorted(zip(rank_of.values(), rank_of, strict=True), reverse=True)[:most]
            self.rows = {key: self.rows[key] for _, key in kept}


def salience(row: Signal, now_ms: int, half_life_ms: float) -> float:
    """A signal's weight, decayed since it was last seen, and more for each doubling of its count."""
    last_ms, times, weight = row.last_ms, row.times, row.weight
    if last_ms < now_ms:
        weight *= 2.0 ** ((last_ms - now_ms) / half_life_ms)
    return weight if times == 1 else weight * (1 + log2(times))


def joined(one: Signal, two: Signal) -> Signal:
    """Two rows of one signal as one. Laws: associative, commutative; at one time the less trusted told of it."""
    late = max(one, two, key=lambda row: (row.last_ms, bytes(row.title)))
    who = max(
        (row.speaker for row in (one, two) if row.last_ms == late.last_ms),
        key=lambda word: (bool(word), -_TRUST.get(word, -1), word),
    )
    return Signal(late.last_ms, one.times + two.times, max(one.weight, two.weight), who, late.title)


def _readable(key: str, row: Signal) -> dict[str, Any]:
    _, title, topics = titled(key, row.title)
    shown = {"title": title, "topics": [*topics], "last": moment(row.last_ms), "times": row.times, "weight": row.weight}
    return {**shown, "speaker": row.speaker or "unknown"}


def _shown(name: str, key: str, row: Signal, weight: float, look: Look) -> SignalFact:
    item, title, topics = titled(key, row.title)
    piece = look.rules.registered(item, title)
    if piece is not None:
        title, topics = piece.title, topics or piece.topics
    who = speaker(row.speaker, is_trusted=False, person=look.person)
    return SignalFact(
        id=name, kind=key.partition("|")[0], title=title, item=item, topics=tuple(topics), last_at=at(row.last_ms),
        count=row.times, weight=round(weight, 6), speaker=who.value, content=piece.id if piece else None,
    )  # fmt: skip
