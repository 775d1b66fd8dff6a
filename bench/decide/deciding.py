"""One request decided by the shipped pipeline, and the line of JSON that tells of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bench.decide.reading import Asked
from bench.scripted import Scripted, answer
from schemas.decision import Decision
from schemas.recommendation import Recommendation
from schemas.topics import RECOMMENDATION_REQUESTS
from services.recommender.adapters.replay import PastClock
from services.recommender.core.company.extracting import STAGE as STAGE_COMPANY
from services.recommender.core.company.extracting import concluded
from services.recommender.core.company.values import CompanyRead, Page, Site
from services.recommender.core.values import Prompt
from services.recommender.pipeline import recommend
from services.recommender.world import World
from services.runtime.outcome import Emit, Message

SILENT = Scripted()


@dataclass(frozen=True, slots=True)
class Told:
    """A business by the answer given for it, where no page is read: its quotes count as standing in the page."""

    value: Mapping[str, Any]
    prompt: Prompt
    clock: PastClock

    async def about(self, site: Site, *, within_s: float) -> CompanyRead:  # noqa: ARG002 it takes no time
        """What the answer says of the site."""
        page = Page(" ".join(_quotes(self.value)))
        company, asked = concluded(site, page, answer(self.value), self.prompt, self.clock.now())
        return CompanyRead(company, (asked,))


async def decided(asked: Asked, model: Scripted | None, world: World) -> str:
    """The line of one request, decided at the instant it was made. `model` None: nobody answers any stage."""
    request, script, clock = asked.request, model or SILENT, PastClock(asked.request.created_at)
    site = script.answers.get(STAGE_COMPANY)
    companies = None if site is None else Told(site, world.prompts.company, clock)
    message = Message(RECOMMENDATION_REQUESTS, 0, 0, request.person.encode(), request, 0)
    outcome = await recommend(message, replace(world, model=script, clock=clock, companies=companies))
    if not isinstance(outcome, Emit):
        raise TypeError(f"expected a recommendation or an end, {outcome!r} came")
    return json.dumps({"id": asked.id} | _told(outcome.records[0].event), ensure_ascii=False)


def _told(event: Any) -> dict[str, Any]:
    if isinstance(event, Decision):
        return _record(event) | {"end": {"ending": event.ending, "reason": event.reason}}
    if isinstance(event, Recommendation):
        return _record(event) | {"end": None}
    raise TypeError(f"expected a recommendation or a decision, {type(event).__name__} came")


def _record(event: Decision | Recommendation) -> dict[str, Any]:
    return {
        "candidates": [
            {"id": each.course_id, "title": each.title, "score": each.score, "lists": each.lanes}
            for each in event.candidates
        ],
        "pick": None if event.pick is None else event.pick.model_dump(mode="json"),
        "rungs": event.rungs,
        "job": None if event.job is None else event.job.text,
        "imagined": None if event.imagined is None else event.imagined.title,
        "asked": [{"stage": each.stage, "outcome": each.outcome, "detail": each.detail} for each in event.asked],
    }


def _quotes(value: Any) -> list[str]:
    """Every quote of an answer, however deep; whitespace as a page has it."""
    if isinstance(value, list):
        return [each for part in value for each in _quotes(part)]
    if not isinstance(value, Mapping):
        return []
    own = [" ".join(value["quote"].split())] if isinstance(value.get("quote"), str) else []
    return own + [each for part in value.values() for each in _quotes(part)]
