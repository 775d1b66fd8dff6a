"""Persons of tests who are about in some hours of the week, and worlds that look for them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from schemas.decision import Decision
from schemas.recommendation import RecommendationRequest, SendTime
from services.profile.core.reading_hours import hour_of_week
from services.profile.core.rules import HOUR_MS
from services.profile.pipeline import compiled
from services.runtime.time_zones import time_zones
from tests.unit.profile.conftest import World, program

ZONES = time_zones()
GUIDE = {
    "version": 1, "name": "guide", "purpose": "next-step", "entry": ["Guide Downloaded"], "purpose_days": 0,
    "experiment": {"name": "e"},
}  # fmt: skip
DAYS = range(7)


def world_that_waits(send_time: dict[str, Any] | None, **over: Any) -> World:
    """A world whose one playbook looks for an hour so; other values are the playbook's, `brand` the brand's."""
    brand = over.pop("brand", {})
    playbook = {**GUIDE, **({} if send_time is None else {"send_time": send_time}), **over}
    return World(replace(compiled(program((playbook,), **brand)), zones=ZONES))


def about(*hours: int, times: int = 3, days: Iterable[int] = DAYS) -> dict[str, int]:
    """Counts of somebody who is about in these hours of UTC on these days, Monday's is 0, so many times each."""
    return {str(24 * day + hour): times for day in days for hour in hours}


def hour_of_day(time_ms: int) -> int:
    """The hour of the day in UTC."""
    return hour_of_week(time_ms) % 24


def opens(world: World, counts: dict[str, int], **over: Any) -> None:
    """Ana is about in these hours, and a conversion of hers opens a trigger."""
    world.take(world.guide(**over))
    with world.changed() as person:
        person.engagement.hours = dict(counts)


def found(event: Any) -> SendTime:
    """What a record says of its hour."""
    assert isinstance(event, RecommendationRequest | Decision)
    assert event.trigger.send_time is not None
    return event.trigger.send_time


def sends(world: World) -> list[str]:
    """The counts of send time so far."""
    return [each for each in world.counts if each.startswith("send_time")]


__all__ = [
    "DAYS", "GUIDE", "HOUR_MS", "ZONES", "about", "found", "hour_of_day", "opens", "sends", "world_that_waits",
]  # fmt: skip
