"""One request from record to recommendation: understand business and job, shortlist, choose, or say why none."""

from itertools import pairwise, starmap

from schemas.recommendation import RecommendationRequest
from services.recommender.choice import choose
from services.recommender.company import read_company
from services.recommender.core.endings import Made, early_end, records_of
from services.recommender.core.person import person_of
from services.recommender.retrieval import shortlist
from services.recommender.understanding import understand
from services.recommender.world import World
from services.runtime.outcome import Emit, Message, Outcome, Send

STAGES = ("job", "retrieve", "pick")  # as their seconds are recorded, beside those of the company


async def recommend(message: Message, world: World) -> Outcome:
    """The recommendation for one request, or the decision that ends it. Raises `Unavailable` when the index is away."""
    request: RecommendationRequest = message.event
    refused = world.policy.addresses.refused(request.recipient.address)
    if (records := early_end(request, world.clock.now(), refused)) is not None:
        return Emit(tuple(starmap(Send, records)))
    person = person_of(request, world.policy.topics, world.catalogue.courses, world.policy.safety)
    company = await read_company(request, world)
    times = [world.clock.seconds()]
    understood = await understand(request, person, company, world)
    times.append(world.clock.seconds())
    found = await shortlist(person, understood, world)
    times.append(world.clock.seconds())
    picked = await choose(request, person, understood, found.chosen, world)
    times.append(world.clock.seconds())
    spent = dict(zip(STAGES, (end - start for start, end in pairwise(times)), strict=True))
    timings_s = spent if company is None else {"company": company.spent_s} | spent
    made = Made(world.index.generation, world.catalogue.version, world.clock.now(), timings_s)
    return Emit(tuple(starmap(Send, records_of(request, person, understood, found, picked, made))))
