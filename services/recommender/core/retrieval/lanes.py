"""The ranked lists: what of a person each goes by, what it asks the index for, and how its hits score."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from schemas.course import Course, Level
from schemas.recommendation import ImaginedCourse, RecommendationRequest, Snapshot
from services.recommender.core.asking.sanitised import for_model
from services.recommender.core.standing import Standing
from services.recommender.core.values import Filter, Hit, Search, Terms, Vector
from services.recommender.core.weights import (
    HISTORY_DECAY,
    HISTORY_LAST,
    LANES,
    LEVEL_FIT,
    OTHER_LANGUAGE_FIT,
    TOP_TOPICS,
    WORDS_LAST,
)

LEVELS: tuple[Level, ...] = ("beginner", "intermediate", "advanced")
STEP: Mapping[Level, int] = MappingProxyType({level: step for step, level in enumerate(LEVELS)})
ITEM, TOPIC = "item:", "topic:"
NOISE = 1e-9  # of float32
SIMILARITY_DIGITS = 5  # engines differ beyond this many decimals of one score


def excluded(snapshot: Snapshot) -> frozenset[str]:
    """Courses never to recommend: completed, taken, already recommended, or declined."""
    declined = (each.key.removeprefix(ITEM) for each in snapshot.interests if each.weight < 0 and ITEM in each.key[:5])
    taken = (each.course_id for each in snapshot.history)
    return frozenset((*snapshot.completed, *snapshot.recommended, *taken, *declined))


def topic_weights(snapshot: Snapshot) -> dict[str, float]:
    """The person's strongest content topics with their positive weights, strongest first."""
    topics = [
        (each.key.removeprefix(TOPIC), each.weight)
        for each in snapshot.interests
        if each.key.startswith(TOPIC) and each.weight > 0
    ]
    return dict(sorted(topics, key=lambda each: (-each[1], each[0]))[:TOP_TOPICS])


def item_weights(snapshot: Snapshot) -> dict[str, float]:
    """Content items the person came back to, with their positive weights."""
    return {
        each.key.removeprefix(ITEM): each.weight
        for each in snapshot.interests
        if each.key.startswith(ITEM) and each.weight > 0
    }


def in_shares(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights as shares of the greatest."""
    greatest = max(weights.values(), default=1.0)
    return {each: weight / greatest for each, weight in weights.items()}


def history_of(snapshot: Snapshot) -> tuple[str, ...]:
    """The courses that speak for the person, newest first."""
    return tuple(each.course_id for each in snapshot.history[:HISTORY_LAST])


def direction(weighted: Iterable[tuple[float, Vector]], mean: Vector | None) -> Vector | None:
    """Σ w·v / Σ w less the catalogue's mean, of unit length; None where there is none.

    The vectors of one language model point nearly one way; what tells them apart is what is left without their mean.
    A mean of another length is of another generation, which has just gone or is just coming: it is left aside.
    """
    pairs = list(weighted)
    if not pairs:
        return None
    total = sum(weight for weight, _ in pairs)
    middle = mean if mean is not None and len(mean) == len(pairs[0][1]) else (0.0,) * len(pairs[0][1])
    left = [-value for value in middle]
    for weight, vector in pairs:
        share = weight / total
        left = [so_far + share * value for so_far, value in zip(left, vector, strict=True)]
    length = sum(value * value for value in left) ** 0.5
    return tuple(value / length for value in left) if length > NOISE else None


def centroid(history: Sequence[Vector | None], mean: Vector | None) -> Vector | None:
    """The direction of a history, newest first, each step back half; a course without a vector keeps its place."""
    steps = ((HISTORY_DECAY**place, each) for place, each in enumerate(history))
    return direction(((weight, each) for weight, each in steps if each is not None), mean)


def interest(topics: Mapping[str, float], means: Mapping[str, Vector], mean: Vector | None) -> Vector | None:
    """The direction of a person's topics by the means of their courses' vectors: no text is embedded."""
    return direction(((weight, means[each]) for each, weight in topics.items() if each in means), mean)


def words_query(request: RecommendationRequest, imagined: ImaginedCourse, titles: Sequence[str]) -> str:
    """What the lane `said` looks for: the imagined course, titles of top topics, and what the person read."""
    read = (for_model(each.title, 120) for each in request.snapshot.signals[:8] if each.weight > 0)
    conversion = for_model(request.trigger.title or "", 120)
    return " ".join((imagined.title, imagined.description, *imagined.skills, *titles, conversion, *read))


def decayed(history: Sequence[Terms]) -> Terms:
    """The terms of a history, newest first, each step back half."""
    weights: dict[int, float] = {}
    for place, terms in enumerate(history):
        for each in terms.ids:
            weights[each] = weights.get(each, 0.0) + HISTORY_DECAY**place
    ids = sorted(weights)
    return Terms(tuple(ids), tuple(weights[each] for each in ids))


def searches(
    vectors: Mapping[str, Vector | None], words: Mapping[str, Terms], where: Filter, topics: Mapping[str, float]
) -> dict[str, Search]:
    """What each lane asks the index; a lane that is off, or has nothing to ask by, is left out.

    Args:
        vectors: direction by lane: `imagined`, `text`, `interests`.
        words: terms by lane: `words` of the history, `said` of the job.
        where: which courses may be found.
        topics: the person's topics: `interests` looks among their courses only.
    """
    asked = {
        name: Search(near, _within(name, where, topics), LANES[name].hits)
        for name, near in vectors.items()
        if near is not None
    }
    asked |= {name: Search(terms, where, LANES[name].hits) for name, terms in words.items() if terms.ids}
    return {name: search for name, search in asked.items() if LANES[name].is_on}


def words_history(snapshot: Snapshot) -> tuple[str, ...]:
    """The courses whose words are looked for, newest first: an older one's would weigh less than a fiftieth."""
    return history_of(snapshot)[:WORDS_LAST]


def offsets(vectors: Mapping[str, Vector | None], mean: Vector | None) -> dict[str, float]:
    """What each lane's similarities have too much: the query is without the mean, the stored vectors are with it."""
    if mean is None:
        return {}
    return {
        name: sum(a * b for a, b in zip(vector, mean, strict=True))
        for name, vector in vectors.items()
        if vector is not None and len(vector) == len(mean)
    }


def similar(hits: Sequence[Hit], offset: float = 0.0) -> dict[str, float]:
    """The similarity of each hit; what is not similar at all is left out.

    `offset` is what every similarity has too much: where the stored vectors hold the mean that the query has not.
    """
    return {hit.course_id: score for hit in hits if (score := round(hit.score - offset, SIMILARITY_DIGITS)) > 0}


def near_scores(near: Mapping[str, float], standing: Standing) -> dict[str, float]:
    """(similarity / best)² times the course's standing."""
    best = max(near.values(), default=1.0)
    return {each: (score / best) ** 2 * standing.factor(each) for each, score in near.items()}


def interest_scores(
    near: Mapping[str, float], topics: Mapping[str, float], items: Mapping[str, float], courses: Mapping[str, Course]
) -> dict[str, float]:
    """Σ weight of shared topics, times nearness; and the weight of a course the person came back to."""
    scores = {
        each: sum(topics.get(topic, 0.0) for topic in courses[each].topics) * score
        for each, score in near.items()
        if each in courses
    }
    for each, weight in items.items():
        if each in courses:
            scores[each] = scores.get(each, 0.0) + weight
    return scores


def popular(courses: Iterable[Course], topics: Mapping[str, float], standing: Standing) -> dict[str, float]:
    """Courses by what everybody likes, those of the person's topics first: nothing personal but the topics."""
    return {
        each.id: (sum(topics.get(topic, 0.0) for topic in each.topics) + 0.01) * standing.factor(each.id)
        for each in courses
    }


def admits(where: Filter, course: Course) -> bool:
    """True for an open course that a filter lets through: the last word on what may be recommended."""
    return course.status == "open" and course.language in where.languages and course.id not in where.without


def fit(course: Course, level: Level | None, language: str) -> float:
    """How well level and language suit, in (0, 1]; a level unknown suits all."""
    suits = 1.0 if level is None else LEVEL_FIT[abs(STEP[course.level] - STEP[level])]
    return suits if course.language == language else suits * OTHER_LANGUAGE_FIT


def _within(name: str, where: Filter, topics: Mapping[str, float]) -> Filter:
    return Filter(where.languages, where.without, tuple(topics)) if name == "interests" else where
