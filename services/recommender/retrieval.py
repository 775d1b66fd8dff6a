"""What is found for a job: the lanes are asked in one round trip, in a wider language where too little comes."""

from collections.abc import Mapping
from contextlib import suppress

from schemas.recommendation import ImaginedCourse, RecommendationRequest
from services.recommender.core.asking.rules import topic_titles
from services.recommender.core.ranking import candidates
from services.recommender.core.retrieval import lanes
from services.recommender.core.retrieval.documents import embedded_text, key_words
from services.recommender.core.values import Filter, Shortlist, Terms, Understanding, Vector
from services.recommender.world import World
from services.runtime.outcome import Unavailable


async def shortlist(request: RecommendationRequest, understood: Understanding, world: World) -> Shortlist:
    """Ten courses to pick from. Raises `Unavailable` when the index is away."""
    where = candidates.own_language(request)
    vectors = {} if request.arm == "usual" else await _vectors(request, understood, world)
    found = await _search(request, understood, where, vectors, world)
    more = candidates.wider(found, where, world.policy)
    return found if more is None else await _search(request, understood, more, vectors, world)


async def _search(
    request: RecommendationRequest,
    understood: Understanding,
    where: Filter,
    vectors: Mapping[str, Vector | None],
    world: World,
) -> Shortlist:
    catalogue = world.catalogue
    market = candidates.Market(catalogue.courses, where, world.standing)
    if understood.imagined is None:
        return candidates.popular_choice(request, market)
    terms = _terms(request, understood.imagined, world)
    asked = lanes.searches(vectors, terms, where, lanes.topic_weights(request.snapshot))
    hits = dict(zip(asked, await world.index.search(tuple(asked.values())), strict=True))
    offsets = lanes.offsets(vectors, catalogue.mean)
    return candidates.concluded(request, understood, hits, market, offsets)


async def _vectors(request: RecommendationRequest, understood: Understanding, world: World) -> dict[str, Vector | None]:
    """What the dense lanes go by. Only a course that a model imagined is embedded, and not where that is away."""
    mean, history = world.catalogue.mean, lanes.history_of(request.snapshot)
    near: Vector | None = None
    if understood.imagined is not None and understood.rungs.get("imagine") == "llm":
        with suppress(Unavailable):
            near = await world.embedder.query(embedded_text(understood.imagined))
    stored = await world.index.vectors(history) if history else {}
    return {
        "imagined": None if near is None else lanes.direction([(1.0, near)], mean),
        "text": lanes.centroid([stored.get(each) for each in history], mean),
        "interests": lanes.interest(lanes.topic_weights(request.snapshot), world.catalogue.topic_means, mean),
    }


def _terms(request: RecommendationRequest, imagined: ImaginedCourse, world: World) -> dict[str, Terms]:
    """The words of the courses she took, and those of the job."""
    courses, words = world.catalogue.courses, world.words
    text = lanes.words_query(request, imagined, topic_titles(request, world.policy.topics))
    taken = [courses[each] for each in lanes.words_history(request.snapshot) if each in courses]
    history = [words.query(key_words(each), each.language) for each in taken]
    return {"words": lanes.decayed(history), "said": words.query(text, request.language)}
