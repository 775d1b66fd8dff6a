"""Whatever a request or a course holds, the recommender shows the same series."""

from collections.abc import Awaitable, Callable
from typing import Any

from schemas.course import Course
from schemas.recommendation import RecommendationRequest
from services.recommender.adapters import measure
from services.recommender.pipeline import recommend
from services.recommender.world import World
from services.runtime.outcome import Message
from tests.series import Series, series, strange


def _changes(word: str) -> list[dict[str, Any]]:
    return [
        {"arm": word},
        {"playbook": word, "purpose": word, "event_name": word, "title": word},
        {"interests": ({"key": f"topic:{word}", "weight": 1.0},)},
        {"facts": ({"name": word, "value": word, "source": word, "is_verified": False,
                    "said_at": "2026-11-03T08:00:00Z", "speaker": word},)},
    ]  # fmt: skip


async def test_requests_of_strangers_make_no_series(
    request_of: Callable[..., RecommendationRequest],
    world_of: Callable[..., Awaitable[World]],
    ask_for: Callable[..., Message],
    course_of: Callable[..., Course],
) -> None:
    """Arms of a later version, playbooks, interests, facts and speakers that no program knows."""
    measure.begin()
    world = await world_of([course_of("a"), course_of("b", topics=("crm",))])
    shown: list[Series] = []
    for number in (1, 2):
        for word in strange(number):
            for changes in _changes(word):
                measure.measured(await recommend(ask_for(request_of(**changes)), world))
        shown.append(series())
    assert shown[1] - shown[0] == frozenset()
    known = ("explored", "no"), ("new_topic", "yes")
    assert ("kindling_picks_total", known) in shown[0]
