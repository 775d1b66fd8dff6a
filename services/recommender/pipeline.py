"""One request from record to recommendation: understand the job, shortlist ten courses, pick one, or say why none."""

from dataclasses import dataclass, field

from schemas.ending import not_sent
from schemas.llm import Ask, Fault, NoAnswer, Reply
from schemas.recommendation import RecommendationRequest
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, RECOMMENDATIONS
from services.recommender.core import picking, shortlisting, understanding
from services.recommender.core.documents import embedded_text
from services.recommender.core.endings import Reason, decision, early_end, end_of, recommendation
from services.recommender.core.lanes import centroid, searches, topic_weights, words_query
from services.recommender.core.questions import job_question, pick_question
from services.recommender.core.rules import topic_titles
from services.recommender.core.standing import NEUTRAL, Standing
from services.recommender.core.values import Filter, Policy, Prompts, Shortlist, Understanding, Vector
from services.recommender.ports import Catalogue, Clock, Embedder, Index, Model, Words
from services.runtime.outcome import Emit, Message, Outcome, Send, Unavailable

SHORTEST_ASK_S = 1.0  # no model answers in less: the next rung at once


@dataclass(frozen=True, slots=True)
class World:
    """What one recommender works with."""

    model: Model
    embedder: Embedder
    words: Words
    index: Index
    catalogue: Catalogue
    clock: Clock
    prompts: Prompts
    policy: Policy
    standing: Standing = field(default=NEUTRAL)


async def recommend(message: Message, world: World) -> Outcome:
    """The recommendation for one request, or the decision that ends it. Raises `Unavailable` when the index is away."""
    request: RecommendationRequest = message.event
    if (reason := early_end(request, world.clock.now())) is not None:
        return _ended(request, reason, world)
    times = [world.clock.seconds()]
    understood = await _understand(request, world)
    times.append(world.clock.seconds())
    found = await _shortlist(request, understood, world)
    times.append(world.clock.seconds())
    if not found.candidates:
        return _ended(request, Reason.NO_CANDIDATE, world, understood)
    picked = await _pick(request, understood, found, world)
    times.append(world.clock.seconds())
    event = recommendation(
        request, understood, found, picked,
        generation=world.index.generation, now=world.clock.now(), timings_s=_timings(times),
    )  # fmt: skip
    return Emit((Send(RECOMMENDATIONS, event),))


async def _understand(request: RecommendationRequest, world: World) -> Understanding:
    prompt, policy = world.prompts.job_imagine, world.policy
    if request.arm == "usual":
        return understanding.usual(request, policy)
    ask = job_question(request, prompt, policy.topics)
    reply = await _asked(ask, policy.patience_for(request.trigger.playbook), world.model)
    return understanding.concluded(request, reply, prompt, policy, world.catalogue.courses)


async def _shortlist(request: RecommendationRequest, understood: Understanding, world: World) -> Shortlist:
    where = shortlisting.own_language(request)
    near = await _near(understood, world.embedder)
    centre = await _centre(request, world)
    found = await _search(request, understood, where, (near, centre), world)
    more = shortlisting.wider(found, where, world.policy)
    return found if more is None else await _search(request, understood, more, (near, centre), world)


async def _search(
    request: RecommendationRequest,
    understood: Understanding,
    where: Filter,
    vectors: tuple[Vector | None, Vector | None],
    world: World,
) -> Shortlist:
    market = shortlisting.market(world.catalogue.courses, where, world.standing)
    if understood.imagined is None:
        return shortlisting.popular_choice(request, market)
    text = words_query(request, understood.imagined, topic_titles(request, world.policy.topics))
    terms = world.words.query(text, request.language)
    asked = searches(*vectors, terms, where, topic_weights(request.snapshot))
    hits = dict(zip(asked, await world.index.search(tuple(asked.values())), strict=True))
    return shortlisting.concluded(request, understood, hits, market)


async def _near(understood: Understanding, embedder: Embedder) -> Vector | None:
    """The imagined course's vector; None where none was imagined, or where embeddings are away: the next rung."""
    if understood.imagined is None:
        return None
    try:
        return await embedder.query(embedded_text(understood.imagined))
    except Unavailable:
        return None


async def _centre(request: RecommendationRequest, world: World) -> Vector | None:
    taken = [each.course_id for each in request.snapshot.history]
    if not taken or request.arm == "usual":
        return None
    stored = await world.index.vectors(taken)
    return centroid([stored[each] for each in taken if each in stored], world.catalogue.mean)


async def _pick(
    request: RecommendationRequest, understood: Understanding, found: Shortlist, world: World
) -> picking.Picked:
    prompt, policy = world.prompts.pick, world.policy
    if request.arm == "usual":
        return picking.first(request, found, policy)
    if len(found.candidates) == 1:
        return picking.concluded(request, found, None, prompt, policy)
    ask = pick_question(request, prompt, policy.topics, understood.job, tuple(found.courses.values()))
    left_s = policy.patience_for(request.trigger.playbook) - understood.spent_s
    return picking.concluded(request, found, await _asked(ask, left_s, world.model), prompt, policy)


async def _asked(ask: Ask, within_s: float, model: Model) -> Reply:
    if within_s < SHORTEST_ASK_S:
        return NoAnswer(Fault.TIMEOUT, "the decision's patience was spent before this question")
    return await model.ask(ask, within_s=within_s)


def _ended(
    request: RecommendationRequest, reason: Reason, world: World, understood: Understanding | None = None
) -> Emit:
    end = end_of(reason, world.clock.now())
    return Emit((Send(DECISIONS, decision(request, end, understood)), Send(EMAIL_FEEDBACK, not_sent(request, end))))


def _timings(times: list[float]) -> dict[str, float]:
    stages = ("job", "retrieve", "pick")
    return {stage: round(end - start, 4) for stage, start, end in zip(stages, times, times[1:], strict=False)}
