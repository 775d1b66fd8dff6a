"""One decision as its page tells it: weights as shares, citations as titles, lanes as columns."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.decision import Decision
from schemas.recommendation import SignalFact
from services.console.core.clock import hour_words, zone_words
from services.console.core.values import Dossier
from services.console.core.words import reason_words

FACT = "fact:"


@dataclass(frozen=True, slots=True)
class Weighed:
    """A name with its weight; `share` is the part of the heaviest, 0 to 1; a negative weight has none."""

    name: str
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal with its share of the heaviest."""

    signal: SignalFact
    share: float


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """One candidate: its rank in each lane of the table's head, "" where the lane did not find it.

    `is_shown`: not chosen, but one more of the courses the mail shows.
    """

    place: int
    course_id: str
    title: str
    ranks: tuple[str, ...]
    score: float
    is_chosen: bool
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What the page of one decision shows."""

    dossier: Dossier
    headline: str
    signals: tuple[SignalLine, ...]
    interests: tuple[Weighed, ...]
    job_cites: tuple[str, ...]
    pick_cites: tuple[str, ...]
    lanes: tuple[str, ...]
    candidates: tuple[CandidateLine, ...]
    tokens: int
    timings: tuple[tuple[str, float], ...]
    zone: str
    hour: str


def story(dossier: Dossier) -> Story:
    """The story of a decision. Total: whatever a stage left out is empty."""
    decision = dossier.decision
    lanes = tuple(sorted({lane for candidate in decision.candidates for lane in candidate.lanes}))
    return Story(
        dossier=dossier,
        headline=reason_words(decision.reason) if dossier.mail is None else dossier.mail.subject,
        signals=_signals(decision.snapshot.signals),
        interests=_interests(decision),
        job_cites=() if decision.job is None else _cited(decision, decision.job.cites),
        pick_cites=() if decision.pick is None else _cited(decision, decision.pick.cites),
        lanes=lanes,
        candidates=_candidates(decision, lanes),
        tokens=sum(each.prompt_tokens + each.completion_tokens for each in decision.asked),
        timings=tuple(sorted(decision.timings_s.items(), key=lambda each: -each[1])),
        zone=zone_words(decision.snapshot.zone),
        hour=hour_words(decision),
    )


def _signals(signals: tuple[SignalFact, ...]) -> tuple[SignalLine, ...]:
    heaviest = _heaviest(signal.weight for signal in signals)
    ordered = sorted(signals, key=lambda signal: -signal.weight)
    return tuple(SignalLine(signal, _share(signal.weight, heaviest)) for signal in ordered)


def _interests(decision: Decision) -> tuple[Weighed, ...]:
    interests = sorted(decision.snapshot.interests, key=lambda interest: -interest.weight)
    heaviest = _heaviest(interest.weight for interest in interests)
    return tuple(Weighed(each.key, each.weight, _share(each.weight, heaviest)) for each in interests)


def _candidates(decision: Decision, lanes: tuple[str, ...]) -> tuple[CandidateLine, ...]:
    picked = None if decision.pick is None else decision.pick.course_id
    chosen = picked if decision.course is None else decision.course.id
    also = {each.id for each in decision.also}
    return tuple(
        CandidateLine(
            place=place,
            course_id=candidate.course_id,
            title=candidate.title,
            ranks=tuple(str(candidate.lanes.get(lane, "")) for lane in lanes),
            score=candidate.score,
            is_chosen=candidate.course_id == chosen,
            is_shown=candidate.course_id in also,
        )
        for place, candidate in enumerate(decision.candidates, start=1)
    )


def _cited(decision: Decision, cites: tuple[str, ...]) -> tuple[str, ...]:
    """What the citations name; one that resolves to nothing is shown as it is."""
    names = {signal.id: signal.title for signal in decision.snapshot.signals}
    names |= {f"{FACT}{fact.name}": f"{fact.name}: {fact.value}" for fact in decision.snapshot.facts}
    return tuple(names.get(cite, cite) for cite in cites)


def _heaviest(weights: Iterable[float]) -> float:
    return max((weight for weight in weights if weight > 0), default=1.0)


def _share(weight: float, heaviest: float) -> float:
    return max(0.0, weight / heaviest)
