"""Ten courses to pick from: lanes scored, ranked, fused, and held against the catalogue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from schemas.course import Course, Level
from schemas.recommendation import Candidate, RecommendationRequest, Snapshot
from services.recommender.core.ranking.fusion import SCORE_DIGITS, fused, matched, ranks, with_new
from services.recommender.core.ranking.outcome_prior import ignored, novelty, posterior
from services.recommender.core.ranking.reranker import NO_EVIDENCE, Evidence, multiplied, nearness, told
from services.recommender.core.retrieval.cooccurrence import history_topics, together_scores, topic_scores
from services.recommender.core.retrieval.lanes import (
    admits,
    excluded,
    fit,
    history_of,
    in_shares,
    interest_scores,
    item_weights,
    near_scores,
    popular,
    similar,
    topic_weights,
)
from services.recommender.core.standing import Standing
from services.recommender.core.values import Filter, Hit, Policy, Shortlist, Understanding
from services.recommender.core.weights import LANES, PLACES, RARITY, RARITY_GROWTH, WEIGHED

FEW_SIGNALS = 1  # of a person who has hardly begun
FEWEST = 3  # below it the business's own language is searched too
NEAR_LANES, WORD_LANES = (
    ("imagined", "text"),
    ("said", "words"),
)  # what a course nobody took is found by; words only where
# nothing is near: measured, the two together find .016 of stripped courses, nearness alone .019
Ranks = Mapping[str, Mapping[str, int]]


def own_language(request: RecommendationRequest) -> Filter:
    """What may be found: the person's language, and no course she took, finished, got or declined."""
    return Filter((request.language,), excluded(request.snapshot))


def wider(found: Shortlist, where: Filter, policy: Policy) -> Filter | None:
    """The filter to search again by, where too few were found in the person's language; else None."""
    if len(found.candidates) >= FEWEST or policy.default_language in where.languages:
        return None
    return Filter((*where.languages, policy.default_language), where.without)


@dataclass(frozen=True, slots=True)
class Market:
    """All courses, which of them may be recommended to this person, and what everybody's behaviour says of them."""

    courses: Mapping[str, Course]
    where: Filter
    standing: Standing

    def admits(self, course_id: str) -> bool:
        """True for a course that may be recommended here."""
        course = self.courses.get(course_id)
        return course is not None and admits(self.where, course)


@dataclass(frozen=True, slots=True)
class Person:
    """What the lanes go by: courses taken, newest first; weights of topics and items; language, and level if known."""

    history: Sequence[str]
    language: str
    topics: Mapping[str, float]
    items: Mapping[str, float]
    level: Level | None = None


def person(snapshot: Snapshot, language: str, level: Level | None) -> Person:
    """The person of a snapshot."""
    return Person(history_of(snapshot), language, topic_weights(snapshot), item_weights(snapshot), level)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Each lane's ranks, and what those that go by the courses a person took say in figures."""

    ranks: Ranks
    evidence: Evidence = NO_EVIDENCE


def ranked(who: Person, hits: Mapping[str, Sequence[Hit]], of: Market, offsets: Mapping[str, float]) -> Lanes:
    """The lanes: of the index's hits by lane, and of the counts. A lane that is off, or finds nothing, is none.

    `offsets` are what the similarities of a lane's hits have too much (`similar`).
    """
    near = {name: similar(found, offsets.get(name, 0.0)) for name, found in hits.items() if name not in WORD_LANES}
    scores = {name: _near(name, who, found, of) for name, found in near.items()}
    scores |= {name: _by_words(found) for name, found in hits.items() if name in WORD_LANES}
    taken = set(who.history)
    scores["together"] = together_scores(who.history, of.where.without | taken, of.standing)
    known = [of.courses[each].topics for each in who.history if each in of.courses]
    scores["topic"] = topic_scores(
        history_topics(known) or in_shares(who.topics), of.where.without | taken, of.standing
    )
    found = {name: ranks(lane, LANES[name].depth, of.admits) for name, lane in scores.items() if LANES[name].is_on}
    evidence = NO_EVIDENCE if not who.history else Evidence(
        near=nearness(near.get("text", {})),
        words=scores.get("words", {}),
        together=scores["together"],
        topic=scores["topic"],
    )  # fmt: skip
    return Lanes({name: lane for name, lane in found.items() if lane}, evidence)


def rarity_of(who: Person) -> float:
    """How much what many took before counts against a course: more, the more courses she took."""
    return RARITY + RARITY_GROWTH * log(max(len(who.history), 1))


def weighed(who: Person, lanes: Lanes, of: Market) -> tuple[Hit, ...]:
    """The lanes fused, each course weighed by how it fits the person and by everybody's favour.

    Of a person who took courses the best of them are ordered by the odds; no histories of leads without courses were
    there to measure odds on.
    """
    standing = of.standing

    def fitting(course_id: str) -> float:
        return fit(of.courses[course_id], who.level, who.language)

    all_fit = who.level is None and of.where.languages == (who.language,)
    if not who.history:
        return fused(lanes.ranks, standing.favour if all_fit else lambda each: fitting(each) * standing.favour(each))
    rarity = rarity_of(who)
    return likely(lanes, standing, lambda each: standing.chance(each, rarity) * (1.0 if all_fit else fitting(each)))


def likely(lanes: Lanes, standing: Standing, chance: Callable[[str], float]) -> tuple[Hit, ...]:
    """The first places by the odds: the best of the fused ranks, ordered by all that is said of them."""
    found = fused(lanes.ranks, standing.favour, WEIGHED)
    return multiplied(found, told(lanes.ranks), lanes.evidence, chance, PLACES)


def first(who: Person, lanes: Lanes, hits: Mapping[str, Sequence[Hit]], of: Market) -> tuple[Hit, ...]:
    """The first places. The odds know how to welcome a new course; where ranks are fused, the last is kept for one."""
    places = weighed(who, lanes, of)
    if who.history:
        return places
    near = [_new_ranks(hits[name], of) for name in NEAR_LANES if name in hits]
    new = near or [_new_ranks(hits[name], of) for name in WORD_LANES if name in hits]
    return with_new(places, lanes.ranks, matched(new), of.standing.events, PLACES)


def concluded(
    request: RecommendationRequest,
    understood: Understanding,
    hits: Mapping[str, Sequence[Hit]],
    of: Market,
    offsets: Mapping[str, float],
) -> Shortlist:
    """The fused lanes; where none found anything, what is popular."""
    level = _level(request, understood)
    who = person(request.snapshot, request.language, level)
    lanes = ranked(who, hits, of, offsets)
    places = first(who, lanes, hits, of)
    if not places:
        return popular_choice(request, of)
    rung = "lanes" if lanes.ranks.keys() - set(WORD_LANES) else "words"
    return _shortlist(request, places, lanes.ranks, of, rung)


def _level(request: RecommendationRequest, understood: Understanding) -> Level | None:
    """What a model says or the history shows; a beginner's of one who has hardly begun; else it is not known."""
    snapshot = request.snapshot
    is_known = understood.rungs.get("imagine") == "llm" or bool(snapshot.history)
    level = understood.imagined.level if understood.imagined else None
    return level if is_known or len(snapshot.signals) <= FEW_SIGNALS else None


def popular_choice(request: RecommendationRequest, of: Market) -> Shortlist:
    """The popular courses of the person's language and topics, with nothing else personal."""
    admitted = [each for each in of.courses.values() if admits(of.where, each)]
    scores = popular(admitted, topic_weights(request.snapshot), of.standing)
    lanes = Lanes({"popular": ranks(scores, LANES["popular"].depth)})
    who = Person((), request.language, {}, {})
    return _shortlist(request, first(who, lanes, {}, of), lanes.ranks, of, "popular")


def _near(lane: str, who: Person, near: Mapping[str, float], of: Market) -> Mapping[str, float]:
    scores = near_scores(near, of.standing)
    return interest_scores(scores, who.topics, who.items, of.courses) if lane == "interests" else scores


def _by_words(hits: Sequence[Hit]) -> Mapping[str, float]:
    return {hit.course_id: round(hit.score, SCORE_DIGITS) for hit in hits}


def _new_ranks(hits: Sequence[Hit], of: Market) -> dict[str, int]:
    places = enumerate(hits, start=1)
    return {hit.course_id: place for place, hit in places if of.standing.is_new(hit.course_id)}


def _shortlist(request: RecommendationRequest, places: Sequence[Hit], lanes: Ranks, of: Market, rung: str) -> Shortlist:
    courses = {hit.course_id: of.courses[hit.course_id] for hit in places}
    passed_over = ignored(request.snapshot)
    now_ms = int(request.created_at.timestamp() * 1000)
    appeals = {
        each.id: posterior(each.id, now_ms, of.standing) * novelty(each, passed_over, of.courses)
        for each in courses.values()
    }
    return Shortlist(tuple(_candidate(hit, lanes, courses) for hit in places), courses, rung, appeals)


def _candidate(hit: Hit, lanes: Ranks, courses: Mapping[str, Course]) -> Candidate:
    at = {name: lanes[name][hit.course_id] for name in sorted(lanes) if hit.course_id in lanes[name]}
    return Candidate(course_id=hit.course_id, title=courses[hit.course_id].title, lanes=at, score=hit.score)
