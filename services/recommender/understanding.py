"""What the person is trying to get done, and the course imagined for it: a model is asked, where there is one."""

from dataclasses import replace
from functools import partial

from schemas.recommendation import RecommendationRequest
from services.recommender.core.asking.rules import understood_by_rules
from services.recommender.core.asking.understanding import job_asked, understanding
from services.recommender.core.company.values import CompanyRead
from services.recommender.core.person import Person
from services.recommender.core.values import Understanding
from services.recommender.world import World, replied


async def understand(
    request: RecommendationRequest, person: Person, read: CompanyRead | None, world: World
) -> Understanding:
    """What the model says where its reply is valid, else what the rules say; with the company that was read for it."""
    by_rules = understood_by_rules(person, world.catalogue.courses)
    if request.arm == "usual":
        return replace(by_rules, imagined=None, rungs={"job": by_rules.rungs["job"]})
    prompt, policy = world.prompts.job_imagine, world.policy
    company, spent_s = (None, 0.0) if read is None else (read.company, read.spent_s)
    question = partial(job_asked, person, prompt, policy.topics, company)
    reply = await replied(question, policy.patience_for(request.trigger.playbook) - spent_s, world.model)
    return understanding(person, by_rules, reply, prompt, read)
