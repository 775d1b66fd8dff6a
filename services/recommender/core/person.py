"""The person of one request, read of it once: what every retriever and every ranking goes by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from schemas.course import Course
from schemas.program import Topic
from schemas.recommendation import DeclaredFact, RecommendationRequest, SignalFact, Snapshot
from services.recommender.core.hearing import Hearing, Saying
from services.recommender.core.weights import HISTORY_LAST, TOP_TOPICS
from services.rules.safety import WORDLESS, Safety

ITEM, TOPIC = "item:", "topic:"
FEW_SIGNALS = 1  # of a person who has hardly begun


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of one person.

    Attributes:
        language: theirs; their mail is written in it.
        history: courses taken, newest first, at most 30; without any the person is a lead, with some a learner.
        topics: their strongest topics, strongest first, at most 3, with positive weights.
        items: courses and other content they came back to, with positive weights.
        without: courses never to recommend: completed, taken, recommended, declined.
        taken: courses taken or completed: what a later part of a series may build on.
        sayings: their own words, by where they come from.
        left_out: where what reaches no query came from, being meant for a machine (`hearing`).
        is_beginning: they have hardly begun.
        conversion: the title of what they took, as a line for a model; empty where it has none.
        event: the name of that event.
        learnt: titles of the courses they took, newest first, at most 3; of one that the catalogue lacks none.
        titles: of their topics, in their language; a topic that the business lacks has none.
        signals: what they did, the heaviest first; nothing they turned away from.
        facts: what they, or a server, said of them.
        evidence: the sum of their positive interests.
        passed_over: courses recommended to them, newest first, None in the place of each that they took after all.
        at_ms: the instant that they are asked for.
    """

    language: str
    history: tuple[str, ...] = ()
    topics: Mapping[str, float] = field(default_factory=dict)
    items: Mapping[str, float] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    sayings: tuple[Saying, ...] = ()
    left_out: tuple[str, ...] = ()
    is_beginning: bool = False
    conversion: str = ""
    event: str = ""
    learnt: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    signals: tuple[SignalFact, ...] = ()
    facts: tuple[DeclaredFact, ...] = ()
    evidence: float = 0.0
    passed_over: tuple[str | None, ...] = ()
    at_ms: int = 0


def person_of(
    request: RecommendationRequest,
    topics: Mapping[str, Topic],
    courses: Mapping[str, Course] = MappingProxyType({}),
    safety: Safety = WORDLESS,
) -> Person:
    """The person of a request; `topics` and `courses` are the business's, by name and by id."""
    snapshot, strongest = request.snapshot, topic_weights(request.snapshot)
    taken = frozenset((*snapshot.completed, *(each.course_id for each in snapshot.history)))
    items, declined = _weights(snapshot, ITEM), _declined(snapshot)
    heard = Hearing(topics, courses, safety).heard(request, tuple(strongest))
    return Person(
        language=request.language,
        history=tuple(each.course_id for each in snapshot.history[:HISTORY_LAST]),
        topics=strongest,
        items=items,
        without=taken.union(snapshot.recommended, declined),
        taken=taken,
        sayings=heard.sayings,
        left_out=heard.left_out,
        is_beginning=len(snapshot.signals) <= FEW_SIGNALS,
        conversion=heard.conversion,
        event=heard.event,
        learnt=heard.learnt,
        titles=heard.titles,
        signals=heard.signals,
        facts=heard.facts,
        evidence=snapshot.evidence,
        passed_over=tuple(None if each in taken else each for each in snapshot.recommended),
        at_ms=int(request.created_at.timestamp() * 1000),
    )


def topic_weights(snapshot: Snapshot) -> dict[str, float]:
    """The person's strongest topics with their positive weights, strongest first."""
    weights = _weights(snapshot, TOPIC)
    return dict(sorted(weights.items(), key=lambda each: (-each[1], each[0]))[:TOP_TOPICS])


def _weights(snapshot: Snapshot, kind: str) -> dict[str, float]:
    interests = (each for each in snapshot.interests if each.key.startswith(kind) and each.weight > 0)
    return {each.key.removeprefix(kind): each.weight for each in interests}


def _declined(snapshot: Snapshot) -> frozenset[str]:
    declined = (each for each in snapshot.interests if each.weight < 0 and each.key.startswith(ITEM))
    return frozenset(each.key.removeprefix(ITEM) for each in declined)
