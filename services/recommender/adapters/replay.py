"""A past request decided anew: the pipeline itself, at the instant of then, with the catalogue and model of now."""

import time
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.recommendation import Recommendation
from schemas.replay import Case, request_of, with_recommendation
from schemas.topics import RECOMMENDATION_REQUESTS
from services.recommender.pipeline import recommend
from services.recommender.world import World
from services.runtime.outcome import Emit, Message


@dataclass(frozen=True, slots=True)
class PastClock:
    """The day of a past decision, and seconds of today."""

    at: datetime

    def now(self) -> datetime:
        """The instant the decision was made."""
        return self.at

    def seconds(self) -> float:
        """Seconds of the machine's performance counter."""
        return time.perf_counter()


async def redecided(case: Case, world: World) -> Case:
    """The case with another job, imagined course, candidates and pick, not yet composed; its end where it ends here.

    Raises:
        NotReplayable: the record does not hold the request.
        Unavailable: the index is away.
    """
    request = request_of(case)
    message = Message(RECOMMENDATION_REQUESTS, 0, 0, request.person.encode(), request, 0)
    outcome = await recommend(message, replace(world, clock=PastClock(case.decision.ended_at)))
    event = outcome.records[0].event if isinstance(outcome, Emit) else None
    if isinstance(event, Recommendation):
        return with_recommendation(case, event)
    return case.model_copy(update={"decision": event})
