"""Whatever a recommendation holds, the composer shows the same series."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from schemas.recommendation import Recommendation
from services.composer.adapters.counting import counted
from services.composer.pipeline import World, compose
from services.runtime.outcome import Message, Outcome
from tests.series import Series, series, strange


async def test_recommendations_of_strangers_make_no_series(
    recommendation: Callable[..., Recommendation],
    world: Callable[..., World],
    message: Callable[[Recommendation], Message],
) -> None:
    """Rungs and arms of a later version, playbooks, titles, courses and links that no program knows."""

    async def handle(given: Message) -> Outcome:
        return await compose(given, world())

    deliver = counted(handle)
    shown: list[Series] = []
    for number in (1, 2):
        for word in strange(number):
            for changes in _changes(word):
                await deliver(message(recommendation(changes)))
        shown.append(series())
    assert shown[1] - shown[0] == frozenset()


def _changes(word: str) -> list[dict[str, Any]]:
    return [
        {"rungs": {word: word, "job": word, "pick": word}},
        {"request.arm": word},
        {"request.trigger.playbook": word, "request.experiment": word, "request.trigger.event_name": word},
        {"course.title": word[-150:], "course.description": word},
        {"course.url": f"https://{quote(word[-20:])}.example"},
        {"request.language": "xx"},
    ]
