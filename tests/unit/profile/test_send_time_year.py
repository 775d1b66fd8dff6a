"""A year of mails to one reader, through summer and winter time; and the way from a browser's call to a morning."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.recommendation import RecommendationRequest
from schemas.topics import CONVERSIONS_RAW, EVENTS_RAW
from services.profile.core.quiet import instant
from tests.reading import ZONES, world_that_waits
from tests.town import KEYS, Town
from tests.unit.profile.conftest import World

READS = 7  # o'clock, by the reader's clock, all year
LEARNING = 7  # days of which no mail is judged
QUIET = {"time_zone": "UTC", "start": 21, "end": 6}
FREE = [{"window_hours": 24, "most": 100}]
YEAR = [date(2026, 12, 1) + timedelta(days=number) for number in range(365)]


def in_ms(day: date, hour: int, minute: int, zone: str) -> int:
    """When the zone's clocks show it."""
    wall = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 a clock on the wall
    return round(instant(wall, ZONES[zone]).timestamp() * 1000)


def goes_on(world: World, until_ms: int) -> Iterator[RecommendationRequest]:
    """The requests until then, each when it is due."""
    while world.persons.read("u:ana") is not None:
        waiting = world.person().triggers.by_purpose.values()
        due_ms = min((each.due_ms for each in waiting), default=until_ms)
        if due_ms >= until_ms:
            break
        for each in world.tick(due_ms - world.now):
            if isinstance(each, RecommendationRequest):
                world.take(world.feedback("delivered", each.decision_id))
                yield each
    world.now = until_ms


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_mails_of_a_year_come_in_the_hour_in_which_the_person_reads(zone: str) -> None:
    """Within an hour of it, on every day; none at night, also where the clock is changed in it."""
    world = world_that_waits({"within_hours": 23}, brand={"quiet_hours": QUIET, "caps": FREE}, expires_after_s=172_800)
    requests: list[RecommendationRequest] = []
    for number, day in enumerate(YEAR):
        # A conversion in any hour, and a visit in the usual one.
        said = [(in_ms(day, READS, 10, zone), "page"), (in_ms(day, number * 7 % 24, 30, zone), "conversion")]
        for at_ms, kind in sorted(said):
            requests += goes_on(world, at_ms)
            world.take(world.event(timezone=zone) if kind == "page" else world.guide())
    judged = requests[LEARNING:]
    local = [each.not_before.astimezone(ZONES[zone]) for each in judged]
    assert len(judged) > 250
    assert {each.hour for each in local} & {21, 22, 23, 0, 1, 2, 3, 4, 5} == set()
    moved = [each for each, request in zip(local, judged, strict=True) if _reason(request) == "moved"]
    assert len(moved) > 0.8 * len(judged)
    assert {each.hour for each in moved} <= {READS - 1, READS, READS + 1}
    offsets = {each.utcoffset() for each in moved}
    assert len(offsets) == 2  # of summer and of winter
    assert {each.snapshot.zone.name for each in judged if each.snapshot.zone} == {zone}


def _reason(request: RecommendationRequest) -> str:
    assert request.trigger.send_time is not None
    return request.trigger.send_time.reason


def test_a_browsers_call_with_a_time_zone_leads_to_a_mail_in_the_readers_morning() -> None:
    """Raw calls through ingest and profile: five mornings in New York, a purchase in the evening, a mail at eight."""
    world = world_that_waits({"within_hours": 24}, brand={"quiet_hours": {**QUIET, "time_zone": "Europe/Madrid"}})
    town = Town(world, keys=replace(KEYS, policy=replace(KEYS.policy, zones=frozenset(ZONES))))
    where = {"context": {"timezone": "America/New_York", "locale": "en-US"}}
    page = {"type": "page", "userId": "ana", "properties": {"path": "/blog/seo/x"}, **where}
    for number in range(5):
        world.now = in_ms(date(2026, 11, 2) + timedelta(days=number), 8, 0, "America/New_York")
        for _ in range(3):
            town.say(EVENTS_RAW, page)
    world.now = in_ms(date(2026, 11, 6), 18, 0, "America/New_York")  # midnight in Madrid
    lead = {"email": "ana@example.com", "consent": {"marketing": True}}
    bought = {"type": "track", "userId": "ana", "event": "Guide Downloaded", "properties": {"topic": "seo"}}
    town.say(CONVERSIONS_RAW, {**bought, "traits": lead})
    [request] = goes_on(world, world.now + 86_400_000)
    local = request.not_before.astimezone(ZONES["America/New_York"])
    assert (local.date(), local.hour) == (date(2026, 11, 7), 8)
    assert request.created_at == request.not_before < request.created_at.astimezone(UTC) + timedelta(seconds=1)
    assert request.snapshot.zone is not None
    assert (request.snapshot.zone.name, request.snapshot.zone.source) == ("America/New_York", "person")
    assert _reason(request) == "moved"
