"""Of the candidates: those the model calls fitting where its reply is valid, else the first; then what is tried out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from schemas.course import Course
from schemas.decision import Refusal
from schemas.llm import Answer, Ask, Reply
from schemas.recommendation import Asked, Job, Pick, Shadow
from services.recommender.core.asking.prompt_data import citable
from services.recommender.core.asking.questions import STAGE_PICK, pick_question
from services.recommender.core.asking.replies import InvalidReply, asked, kept, pick_doubt, picks_of
from services.recommender.core.asking.rules import exploration_reason, pick_reason, supporting
from services.recommender.core.choice.exploration import choose, to_try
from services.recommender.core.person import Person
from services.recommender.core.values import Picks, Policy, Prompt, Shortlist


@dataclass(frozen=True, slots=True)
class Picked:
    """The pick, the base choice and which rung made it, and the question if one was asked.

    `courses` are the pick and what fits beside it, in order and in full; `unfit` are never shown.
    """

    pick: Pick
    base: str
    rung: str
    courses: tuple[Course, ...]
    unfit: frozenset[str] = frozenset()
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Tries:
    """How often another that fits is tried out, and the decision that the draw is a hash of."""

    decision_id: str
    share: float


@dataclass(frozen=True, slots=True)
class NoPick:
    """Nothing is picked: there was no candidate, or the model calls none fitting.

    `refusals`: what was kept back; `unfit`: the candidates, none of which is to be shown.
    """

    asked: tuple[Asked, ...] = ()
    rungs: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    unfit: frozenset[str] = frozenset()


def question(person: Person, job: Job, found: Shortlist, prompt: Prompt, policy: Policy) -> Ask:
    """The second question, with what its answer is held against."""
    ask = pick_question(person, prompt, policy.topics, job, tuple(found.courses.values()))
    return replace(ask, doubt=partial(pick_doubt, ids=tuple(found.courses), cites=citable(person)))


def first(person: Person, found: Shortlist, policy: Policy) -> Picked:
    """The pick of the arm `usual`: the first, always."""
    return _alone(person, found.courses[found.candidates[0].course_id], policy, "popular")


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


def concluded(  # noqa: PLR0913, PLR0917 all that is known
    person: Person, found: Shortlist, reply: Reply, prompt: Prompt, policy: Policy, tries: Tries
) -> Picked | NoPick:
    """What the reply calls fitting; by rank where it is no valid one, and then nothing is tried out."""
    picks, invalid = None, []
    if isinstance(reply, Answer):
        try:
            picks = picks_of(kept(reply), tuple(found.courses), citable(person))
        except InvalidReply as error:
            invalid.append(error)
    told = (asked(STAGE_PICK, prompt, reply, invalid),)
    if picks is None:
        return replace(_alone(person, found.courses[best(found)], policy, "posterior"), asked=told)
    if not picks.fitting:
        return NoPick(told, {"pick": "llm"}, unfit=frozenset(found.courses))
    return replace(_of_fitting(person, found, picks, policy, tries), asked=told)


def pick_of(person: Person, course: Course, picks: Picks | None, policy: Policy) -> Pick:
    """This course, surely: with the reply's reason where that is of this course, else with a rule's."""
    if picks is not None and next(iter(picks.fits)) == course.id:
        return Pick(course_id=course.id, reason=picks.reason, cites=picks.cites, propensity=1.0)
    reason, cites = pick_reason(person, course, policy.topics), supporting(person, course.topics)
    return Pick(course_id=course.id, reason=reason, cites=cites, propensity=1.0)


def _alone(person: Person, course: Course, policy: Policy, rung: str) -> Picked:
    return Picked(pick_of(person, course, None, policy), course.id, rung, (course,))


def _of_fitting(person: Person, found: Shortlist, picks: Picks, policy: Policy, tries: Tries) -> Picked:
    """The first that fits, unless this decision is one that tries another; the others stay in their order."""
    base, *others = picks.fitting
    as_good = [each for each in others if picks.fits[each] == "yes" or picks.fits[base] == "partly"]
    other = to_try(as_good, found.courses, tuple(person.topics), policy.topics)
    choice = choose(tries.decision_id, base, other, tries.share)
    course = found.courses[choice.course_id]
    pick = pick_of(person, course, picks, policy)
    if choice.is_exploration:
        pick = pick.model_copy(update={"reason": exploration_reason(person.language)})
    update = {"propensity": choice.propensity, "is_exploration": choice.is_exploration}
    beside = tuple(found.courses[each] for each in picks.fitting if each != course.id)
    return Picked(pick.model_copy(update=update), base, "llm", (course, *beside), picks.unfit)
