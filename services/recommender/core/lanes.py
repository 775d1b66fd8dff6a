"""The ranked lists: what each asks the index for, and how its hits score."""

from collections.abc import Mapping, Sequence

from schemas.course import Course, Level
from schemas.recommendation import ImaginedCourse, RecommendationRequest, Snapshot
from services.recommender.core.plain import for_model
from services.recommender.core.standing import Standing
from services.recommender.core.values import Filter, Hit, Search, Terms, Vector

NEAR_HITS = 100  # of a dense lane: measured on real learners' histories (2026-11)
WORD_HITS = 100
INTEREST_HITS = 50
TOP_TOPICS = 3
HISTORY_DECAY = 0.5  # a step back in history counts half: same measurement
LEVEL_FIT: Mapping[int, float] = {0: 1.0, 1: 0.9, 2: 0.7}  # by steps of level; not measured, so mild
OTHER_LANGUAGE_FIT = 0.6  # a course in the business's language where the person's has too few
LEVELS: tuple[Level, ...] = ("beginner", "intermediate", "advanced")
ITEM, TOPIC = "item:", "topic:"


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


def centroid(history: Sequence[Vector], mean: Vector | None) -> Vector | None:
    """The direction of a history, newest first: Σ ½^r · v_r, less the catalogue's mean; None where there is none.

    Subtracting the mean from the query alone ranks as centring both sides does, up to the courses' centred lengths.
    """
    if not history:
        return None
    weights = [HISTORY_DECAY**place for place in range(len(history))]
    total = sum(weights)
    middle = mean or (0.0,) * len(history[0])
    columns = zip(middle, *history, strict=True)
    direction = tuple(
        sum(weight * value for weight, value in zip(weights, column[1:], strict=True)) / total - column[0]
        for column in columns
    )
    return direction if any(abs(value) > 1e-9 for value in direction) else None  # noqa: PLR2004 float32's own noise


def mean_of(vectors: Sequence[Vector]) -> Vector | None:
    """The mean of the vectors, not of unit length; None where there are none."""
    return tuple(sum(column) / len(vectors) for column in zip(*vectors, strict=True)) if vectors else None


def words_query(request: RecommendationRequest, imagined: ImaginedCourse, titles: Sequence[str]) -> str:
    """What the words lane looks for: the imagined course, titles of top topics, and what the person read."""
    read = (for_model(each.title, 120) for each in request.snapshot.signals[:8] if each.weight > 0)
    conversion = for_model(request.trigger.title or "", 120)
    return " ".join((imagined.title, imagined.description, *imagined.skills, *titles, conversion, *read))


def searches(
    near: Vector | None, centre: Vector | None, words: Terms, where: Filter, topics: Mapping[str, float]
) -> dict[str, Search]:
    """What each lane asks for; a lane with nothing to ask by is left out. `near` is the imagined course's vector."""
    asked: dict[str, Search] = {}
    if near is not None:
        asked["imagined"] = Search(near, where, NEAR_HITS)
    if near is not None and topics:
        asked["interests"] = Search(near, Filter(where.languages, where.without, tuple(topics)), INTEREST_HITS)
    if centre is not None:
        asked["centroid"] = Search(centre, where, NEAR_HITS)
    if words.ids:
        asked["words"] = Search(words, where, WORD_HITS)
    return asked


def near_scores(hits: Sequence[Hit], standing: Standing) -> tuple[Hit, ...]:
    """(max(similarity, 0) / best)² times the course's standing; what is not similar at all is left out."""
    best = max((hit.score for hit in hits), default=0.0)
    return tuple(
        Hit(hit.course_id, (hit.score / best) ** 2 * standing.factor(hit.course_id)) for hit in hits if hit.score > 0
    )


def interest_scores(
    hits: Sequence[Hit], topics: Mapping[str, float], items: Mapping[str, float], courses: Mapping[str, Course]
) -> tuple[Hit, ...]:
    """Σ weight of shared topics, times similarity; and the weight of a course the person came back to."""
    similarity = {hit.course_id: max(hit.score, 0.0) for hit in hits} | {each: 1.0 for each in items if each in courses}
    scored = (
        Hit(each, sum(topics.get(topic, 0.0) for topic in courses[each].topics) * near + items.get(each, 0.0))
        for each, near in similarity.items()
        if each in courses
    )
    return tuple(hit for hit in scored if hit.score > 0)


def popular(courses: Mapping[str, Course], topics: Mapping[str, float], standing: Standing) -> tuple[Hit, ...]:
    """Courses by what everybody likes, those of the person's topics first: nothing personal but the topics."""
    return tuple(
        Hit(each.id, (sum(topics.get(topic, 0.0) for topic in each.topics) + 0.01) * standing.factor(each.id))
        for each in courses.values()
    )


def eligible(courses: Mapping[str, Course], where: Filter) -> dict[str, Course]:
    """The open courses that a filter admits: the last word on what may be recommended."""
    return {
        each.id: each
        for each in courses.values()
        if each.status == "open" and each.language in where.languages and each.id not in where.without
    }


def fit(course: Course, level: Level | None, language: str) -> float:
    """How well level and language suit, in (0, 1]; a level unknown suits all."""
    steps = 0 if level is None else abs(LEVELS.index(course.level) - LEVELS.index(level))
    return LEVEL_FIT[steps] * (1.0 if course.language == language else OTHER_LANGUAGE_FIT)
