"""Which course goes: a model is asked about the candidates, where there is one; and why, in the person's language."""

from functools import partial

from schemas.recommendation import MOST_SPARES, RecommendationRequest
from services.recommender.core.asking.rules import pick_of
from services.recommender.core.choice.digest import digest
from services.recommender.core.choice.exploration import Tries
from services.recommender.core.choice.otherwise import select_otherwise
from services.recommender.core.choice.selection import pick_asked, select, select_first
from services.recommender.core.person import Person
from services.recommender.core.values import NoneFits, Picked, Selected, Shortlist, Understanding
from services.recommender.world import World, replied


async def choose(
    request: RecommendationRequest, person: Person, understood: Understanding, found: Shortlist, world: World
) -> Picked | NoneFits:
    """The pick with what the mail shows beside it; where none fits, what the playbook has for that, if anything."""
    policy, playbook = world.policy, request.trigger.playbook
    if not found.candidates:
        selected: Selected | NoneFits = NoneFits()
    elif request.arm == "usual":
        selected = select_first(found, "popular")
    else:
        question = partial(pick_asked, person, understood.job, found, world.prompts.pick, policy)
        reply = await replied(question, policy.patience_for(playbook) - understood.spent_s, world.model)
        tries = Tries(request.decision_id, policy.playbook_explore.get(playbook, 0.0))
        selected = select(person, found, reply, world.prompts.pick, policy, tries)
    if isinstance(selected, NoneFits):
        instead = policy.playbook_otherwise.get(playbook)
        selected = select_otherwise(person, selected, instead, world.catalogue.courses, policy.default_language)
    if isinstance(selected, NoneFits):
        return selected
    pick, n = pick_of(person, selected, policy.topics), policy.courses_for(playbook)
    courses = (selected.course, *selected.beside)
    shown = digest(found, courses, selected.unfit, max(n, 1 + MOST_SPARES))
    return Picked(pick, shown[:n], shown[n:], selected.base, selected.rung, selected.asked)
