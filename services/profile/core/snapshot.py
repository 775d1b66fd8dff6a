"""The profile as it is at a decision: without address or name, at most 8 KB."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.recommendation import DeclaredFact, Interest, SignalFact, Snapshot, TakenCourse
from schemas.speaker import Speaker
from services.profile.core import interests
from services.profile.core.declared import VERIFIED
from services.profile.core.memory import telling
from services.profile.core.rules import Rules
from services.profile.core.speaking import speaker_of_rank, speaker_of_signal
from services.profile.core.state import State, encode, stored

MOST_BYTES = 8 * 1024
MOST_INTERESTS = 24
MOST_SIGNALS = 16
MOST_COURSES = 60
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(time_ms: int) -> datetime:
    """Milliseconds since 1970 as aware UTC."""
    return EPOCH + timedelta(milliseconds=time_ms)


def weights(state: State, now_ms: int, rules: Rules) -> dict[str, float]:
    """Every interest's weight at `now`."""
    return {
        key: interests.value(buckets, now_ms, state["new"], rules.half_life_ms) for key, buckets in state["i"].items()
    }


def evidence(weight_of: dict[str, float]) -> float:
    """The sum of the positive interests."""
    return sum(weight for weight in weight_of.values() if weight > 0)


def snapshot(state: State, now_ms: int, rules: Rules, person: str) -> Snapshot:
    """The state as the later stages may see it; what is lightest or oldest is left out beyond 8 KB."""
    share = 1
    taken = _snapshot(state, now_ms, rules, person, share)
    while len(taken.model_dump_json().encode()) > MOST_BYTES:
        share *= 2
        taken = _snapshot(state, now_ms, rules, person, share)
    return taken


def _snapshot(state: State, now_ms: int, rules: Rules, person: str, share: int) -> Snapshot:
    weight_of = weights(state, now_ms, rules)
    heaviest = sorted(weight_of, key=lambda key: (-abs(weight_of[key]), key))[: MOST_INTERESTS // share]
    done = _newest(state["done"])[: MOST_COURSES // share]
    return Snapshot(
        interests=tuple(Interest(key=key, weight=round(weight_of[key], 6)) for key in heaviest),
        signals=_signals(state, now_ms, rules, person, MOST_SIGNALS // share),
        facts=_facts(state, person) if share < MOST_INTERESTS else (),
        history=tuple(
            TakenCourse(course_id=course, taken_at=at(state["hist"][course]))
            for course in _newest(state["hist"])[: MOST_COURSES // share]
        ),
        completed=tuple(done),
        recommended=tuple(_newest(state["reco"])[: MOST_COURSES // share]),
        evidence=round(evidence(weight_of), 6),
        version=state["n"],
        hash=hashlib.sha256(encode(stored(state))).hexdigest(),
    )


def _signals(state: State, now_ms: int, rules: Rules, person: str, most: int) -> tuple[SignalFact, ...]:
    rows = state["sig"]
    score = {key: telling(row, now_ms, rules.half_life_ms) for key, row in rows.items()}
    ranked = sorted(rows, key=lambda key: (-score[key], key))[:most]
    return tuple(
        _signal(f"s{place}", rows[key], score[key], speaker_of_signal(state, key, person), rules)
        for place, key in enumerate(ranked, start=1)
    )


def _signal(name: str, row: list[Any], weight: float, who: Speaker, rules: Rules) -> SignalFact:
    kind, title, item, topics, last, count, _ = row
    piece = rules.registered(item, title)
    if piece is not None:
        title, topics = piece.title, topics or piece.topics
    return SignalFact(
        id=name, kind=kind, title=title, item=item, topics=tuple(topics), last_at=at(last), count=count,
        weight=round(weight, 6), speaker=who.value, content=piece.id if piece else None,
    )  # fmt: skip


def _facts(state: State, person: str) -> tuple[DeclaredFact, ...]:
    return tuple(_fact(name, row, person) for name, row in sorted(state["fact"].items()))


def _fact(name: str, row: list[Any], person: str) -> DeclaredFact:
    rank, time_ms, value, source = row
    return DeclaredFact(
        name=name, value=value, source=source, is_verified=rank == VERIFIED, said_at=at(time_ms),
        speaker=speaker_of_rank(rank, VERIFIED, person).value,
    )  # fmt: skip


def _newest(times: dict[str, int]) -> list[str]:
    return sorted(times, key=lambda name: (-times[name], name))
