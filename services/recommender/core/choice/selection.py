"""One of the candidates: the model's where its reply is valid, else the first; then the shares given to learning."""

from dataclasses import dataclass, replace
from functools import partial

from schemas.llm import Answer, Ask, Reply
from schemas.recommendation import Asked, Job, Pick, RecommendationRequest, Shadow
from services.recommender.core.asking.prompt_data import citable
from services.recommender.core.asking.questions import STAGE_PICK, pick_question
from services.recommender.core.asking.replies import InvalidReply, asked, kept, pick_doubt, picked
from services.recommender.core.asking.rules import exploration_reason, pick_reason, supporting
from services.recommender.core.choice.exploration import Shares, choose, neighbour_of
from services.recommender.core.person import topic_weights
from services.recommender.core.values import Policy, Prompt, Shortlist


@dataclass(frozen=True, slots=True)
class Picked:
    """The pick, the base choice and which rung made it, and the question if one was asked."""

    pick: Pick
    base: str
    rung: str
    asked: tuple[Asked, ...] = ()


def question(request: RecommendationRequest, job: Job, found: Shortlist, prompt: Prompt, policy: Policy) -> Ask:
    """The second question, with what its answer is held against."""
    ask = pick_question(request, prompt, policy.topics, job, tuple(found.courses.values()))
    return replace(ask, doubt=partial(pick_doubt, ids=tuple(found.courses), cites=citable(request)))


def first(request: RecommendationRequest, found: Shortlist, policy: Policy) -> Picked:
    """The pick of the arm `usual`: the first, always."""
    course = found.courses[found.candidates[0].course_id]
    reason = pick_reason(request, course, policy.topics)
    cites = supporting(request, course.topics)
    return Picked(Pick(course_id=course.id, reason=reason, cites=cites, propensity=1.0), course.id, "popular")


def shadow(alone: Shortlist, found: Shortlist, picked: Picked) -> Shadow | None:
    """What would have been picked of `alone`, the shortlist that no model had a part in; None where it is empty."""
    if not alone.candidates:
        return None
    course = alone.courses[best(alone)]
    shared = len(alone.courses.keys() & found.courses.keys())
    return Shadow(course_id=course.id, title=course.title, agrees=course.id == picked.base, shared=shared)


def best(found: Shortlist) -> str:
    """The base choice without a model: the greatest fused score weighed by its appeal; of equals the first."""
    return max(found.candidates, key=lambda each: each.score * found.appeals.get(each.course_id, 1.0)).course_id


def concluded(
    request: RecommendationRequest, found: Shortlist, reply: Reply | None, prompt: Prompt, policy: Policy
) -> Picked:
    """The base choice by the reply or by rank, unless this decision is one that tries another."""
    by_rank = _Base(best(found))
    if reply is None:
        return Picked(_pick(request, found, by_rank, policy), by_rank.course_id, "posterior")
    base, invalid = by_rank, []
    if isinstance(reply, Answer):
        try:
            base = _Base(*picked(kept(reply), tuple(found.courses), citable(request)))
        except InvalidReply as error:
            invalid.append(error)
    rung = "posterior" if base is by_rank else "llm"
    told = (asked(STAGE_PICK, prompt, reply, invalid),)
    return Picked(_pick(request, found, base, policy), base.course_id, rung, told)


@dataclass(frozen=True, slots=True)
class _Base:
    """The choice where nothing is tried out, with what the model said of it."""

    course_id: str
    reason: str = ""
    cites: tuple[str, ...] = ()


def _pick(request: RecommendationRequest, found: Shortlist, base: _Base, policy: Policy) -> Pick:
    ids = [each.course_id for each in found.candidates]
    beside = neighbour_of(ids, found.courses, tuple(topic_weights(request.snapshot)), policy.topics)
    shares = Shares(policy.exploration_share, policy.neighbour_share)
    choice = choose(request.decision_id, ids, base.course_id, beside, shares)
    course = found.courses[choice.course_id]
    said = _Base(course.id) if choice.is_exploration else base
    return Pick(
        course_id=course.id,
        reason=said.reason
        or (exploration_reason(request) if choice.is_exploration else pick_reason(request, course, policy.topics)),
        cites=said.cites or supporting(request, course.topics),
        propensity=choice.propensity,
        is_exploration=choice.is_exploration,
    )
