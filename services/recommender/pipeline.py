"""One request from record to recommendation: understand business and job, shortlist, pick, or say why none."""

from collections.abc import Callable
from functools import partial

from schemas.decision import Decision
from schemas.ending import TriggerEnd, decision_of, not_sent
from schemas.llm import Ask, Fault, NoAnswer, Reply
from schemas.recommendation import RecommendationRequest
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, RECOMMENDATIONS
from services.recommender.core.asking import understanding
from services.recommender.core.choice import otherwise, selection
from services.recommender.core.company.sites import site_of
from services.recommender.core.company.telling import or_declared, unread
from services.recommender.core.company.values import CompanyRead, Why
from services.recommender.core.endings import early_end, end_of, recommendation, unpicked
from services.recommender.core.person import Person, person_of
from services.recommender.core.values import Shortlist, Understanding
from services.recommender.ports import Model
from services.recommender.retrieval import shortlist
from services.recommender.world import World
from services.runtime.outcome import Emit, Message, Outcome, Send

COMPANY_SHARE = 0.5  # of the patience, at most: the job is asked for in any case


async def recommend(message: Message, world: World) -> Outcome:
    """The recommendation for one request, or the decision that ends it. Raises `Unavailable` when the index is away."""
    request: RecommendationRequest = message.event
    if (reason := early_end(request, world.clock.now())) is not None:
        end = end_of(reason, world.clock.now())
        return _ended(request, decision_of(request, end), end)
    person = person_of(request, world.policy.topics)
    company = await _company(request, world)
    times = [world.clock.seconds()]
    understood = await _understand(request, person, company, world)
    times.append(world.clock.seconds())
    both = await shortlist(person, understood, world)
    found = both.chosen
    times.append(world.clock.seconds())
    picked = await _pick(request, person, understood, found, world)
    if isinstance(picked, selection.NoPick):
        end = end_of(otherwise.why_none(person, world.catalogue.courses, world.policy), world.clock.now())
        return _ended(request, unpicked(request, understood, found, picked, end, left_out=person.left_out), end)
    times.append(world.clock.seconds())
    event = recommendation(
        request, understood, found, picked,
        generation=world.index.generation, catalogue=world.catalogue.version,
        shadow=selection.shadow(both.alone, found, picked), left_out=person.left_out,
        courses=world.policy.courses_for(request.trigger.playbook),
        now=world.clock.now(), timings_s=_timings(times, company),
    )  # fmt: skip
    return Emit((Send(RECOMMENDATIONS, event),))


async def _company(request: RecommendationRequest, world: World) -> CompanyRead | None:
    """What the business does, by its site or as declared; None where nobody is to be asked."""
    if world.companies is None or request.arm == "usual":
        return None
    within_s = COMPANY_SHARE * world.policy.patience_for(request.trigger.playbook)
    site = site_of(request)
    read = unread(site) if isinstance(site, Why) else await world.companies.about(site, within_s=within_s)
    return or_declared(read, request)


async def _understand(
    request: RecommendationRequest, person: Person, read: CompanyRead | None, world: World
) -> Understanding:
    prompt, policy = world.prompts.job_imagine, world.policy
    if request.arm == "usual":
        return understanding.usual(person)
    company, spent_s = (None, 0.0) if read is None else (read.company, read.spent_s)
    question = partial(understanding.question, person, prompt, policy, company)
    reply = await _asked(question, policy.patience_for(request.trigger.playbook) - spent_s, world.model)
    understood = understanding.concluded(person, reply, prompt, world.catalogue.courses, company)
    return understanding.knowing(understood, read)


async def _pick(
    request: RecommendationRequest, person: Person, understood: Understanding, found: Shortlist, world: World
) -> selection.Picked | selection.NoPick:
    """What is picked of the shortlist; where nothing of it fits, what the playbook has for that, if anything."""
    picked = await _fitting(request, person, understood, found, world)
    if isinstance(picked, selection.NoPick):
        course_id = world.policy.playbook_otherwise.get(request.trigger.playbook)
        return otherwise.instead(person, picked, course_id, world.catalogue.courses, world.policy)
    return picked


async def _fitting(
    request: RecommendationRequest, person: Person, understood: Understanding, found: Shortlist, world: World
) -> selection.Picked | selection.NoPick:
    prompt, policy = world.prompts.pick, world.policy
    if not found.candidates:
        return selection.NoPick()
    if request.arm == "usual":
        return selection.first(person, found, policy)
    question = partial(selection.question, person, understood.job, found, prompt, policy)
    left_s = policy.patience_for(request.trigger.playbook) - understood.spent_s
    tries = selection.Tries(request.decision_id, policy.playbook_explore.get(request.trigger.playbook, 0.0))
    return selection.concluded(person, found, await _asked(question, left_s, world.model), prompt, policy, tries)


async def _asked(question: Callable[[], Ask], within_s: float, model: Model | None) -> Reply:
    """The model's reply. Where nobody is to be asked the question is not even made."""
    if model is None:
        return NoAnswer(Fault.OFF, "no model is set")
    return await model.ask(question(), within_s=within_s)


def _ended(request: RecommendationRequest, record: Decision, end: TriggerEnd) -> Emit:
    return Emit((Send(DECISIONS, record), Send(EMAIL_FEEDBACK, not_sent(request, end))))


def _timings(times: list[float], company: CompanyRead | None) -> dict[str, float]:
    stages = ("job", "retrieve", "pick")
    read = {} if company is None else {"company": round(company.spent_s, 4)}
    return read | {stage: round(end - start, 4) for stage, start, end in zip(stages, times, times[1:], strict=False)}
