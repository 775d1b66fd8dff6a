"""Laws of send time: where a mail may be moved to, whatever is known of its reader and of clocks."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profile.core.facet import Arrival
from services.profile.core.facets.engagement import Engagement
from services.profile.core.quiet import instant, quiet_until
from services.profile.core.reading_hours import ReadingHours
from services.profile.core.rules import Zone
from services.profile.core.times import at
from tests.reading import HOUR_MS, ZONES, opens, world_that_waits
from tests.unit.profile.conftest import NOW

SECOND = timedelta(seconds=1)
DAY_MS = 24 * HOUR_MS
YEAR_S = 366 * 86_400
counts = st.dictionaries(st.integers(0, 167).map(str), st.integers(1, 300), max_size=40)
CHANGING = [
    "Africa/Cairo", "America/Havana", "America/New_York", "America/Santiago", "America/St_Johns", "Asia/Beirut",
    "Antarctica/Troll", "Atlantic/Azores", "Australia/Lord_Howe", "Europe/Berlin", "Europe/London", "Pacific/Auckland",
]  # fmt: skip
usuals: st.SearchStrategy[list[float]] = st.just([]) | st.lists(st.floats(0.1, 10), min_size=24, max_size=24)
quiets = st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23))


@dataclass(frozen=True)
class Scene:
    """Who reads when, by which clock, and what the business wants: hours, and an hour of the week to begin with."""

    seen: dict[str, int]
    zone: str | None
    usual: list[float]
    quiet: tuple[int, int] | None
    within_h: int
    expires_h: int
    hour: int


scenes = st.builds(
    Scene, counts, st.sampled_from([None, *ZONES]), usuals, quiets, st.integers(1, 168), st.integers(1, 336),
    st.integers(0, 168),
)  # fmt: skip


@given(scenes)
def test_a_mail_moves_to_an_hour_between_due_and_its_end_outside_quiet_hours(scene: Scene) -> None:
    """And to no other; what does not move goes when it is due, or when quiet hours end."""
    quiet, zone = scene.quiet, scene.zone
    brand = {"quiet_hours": {"time_zone": "Europe/Madrid", "start": quiet[0], "end": quiet[1]}} if quiet else {}
    wish: dict[str, Any] = {"within_hours": scene.within_h, "usual_hours": scene.usual}
    world = world_that_waits(wish, brand=brand, expires_after_s=3_600 * scene.expires_h)
    world.now = NOW + scene.hour * HOUR_MS
    opens(world, scene.seen, **({} if zone is None else {"timezone": zone}))
    opened_ms = world.now
    [due_ms] = [each.due_ms for each in world.person().triggers.by_purpose.values()]
    world.now = due_ms
    sent = world.tick()
    waiting = world.person().triggers.by_purpose.get("next-step")
    night = None if not quiet or quiet[0] == quiet[1] else Zone(ZONES[zone or "Europe/Madrid"], *quiet, "")
    if waiting is None:
        assert quiet_until(night, due_ms) == due_ms
        assert sent[0].trigger.send_time.reason in {"no_better", "too_little"}
        return
    assert waiting.send_time is not None
    if waiting.send_time.reason == "moved":
        assert waiting.due_ms == waiting.send_time.best_ms
        assert due_ms < waiting.due_ms <= due_ms + scene.within_h * HOUR_MS
        assert waiting.due_ms < opened_ms + scene.expires_h * HOUR_MS
        assert waiting.send_time.evidence >= 8
    else:
        assert waiting.due_ms == quiet_until(night, due_ms) > due_ms
    assert quiet_until(night, waiting.due_ms) == waiting.due_ms


@given(counts, usuals, st.integers(1, 50), st.integers(1, 300))
def test_more_visits_in_the_best_hour_leave_it_the_best(
    seen: dict[str, int], usual: list[float], weight: int, more: int
) -> None:
    """Evidence moves a choice towards itself and never away."""

    def best(hours: dict[str, int]) -> int:
        reading = ReadingHours(hours, usual, weight)
        return max(
            range(168), key=lambda hour: (round(reading.score(MONDAY_MS + hour * HOUR_MS, LOCAL[hour]), 9), -hour)
        )

    chosen = best(seen)
    assert best({**seen, str(chosen): seen.get(str(chosen), 0) + more}) == chosen


MONDAY_MS = 1_795_392_000_000  # 23 November 2026
LOCAL = [at(MONDAY_MS + hour * HOUR_MS).astimezone(ZoneInfo("Europe/Madrid")) for hour in range(168)]


@given(counts, usuals, st.integers(1, 50))
def test_scores_of_a_week_are_one_on_the_average(seen: dict[str, int], usual: list[float], weight: int) -> None:
    """So that they can be compared between persons."""
    reading = ReadingHours(seen, usual, weight)
    scores = [reading.score(MONDAY_MS + hour * HOUR_MS, LOCAL[hour]) for hour in range(168)]
    assert min(scores) >= 0
    assert sum(scores) / 168 == pytest.approx(1)


@given(counts, counts, usuals)
def test_hours_of_persons_that_are_merged_score_in_any_order(
    one: dict[str, int], other: dict[str, int], usual: list[float]
) -> None:
    """What an anonymous browser was counted for, and the known person."""
    merged = []
    for first, second in ((one, other), (other, one)):
        into = Engagement(hours=dict(first))
        into.merge(Engagement(hours=dict(second)), Arrival("a:b", NOW, 1.0))
        merged.append(ReadingHours(into.hours, usual, 8))
    here, there = merged
    assert here.evidence == pytest.approx(there.evidence)
    assert [here.score(MONDAY_MS + hour * HOUR_MS, LOCAL[hour]) for hour in range(168)] == pytest.approx(
        [there.score(MONDAY_MS + hour * HOUR_MS, LOCAL[hour]) for hour in range(168)]
    )


def _changes(name: str) -> list[datetime]:
    """When the zone's clocks are changed, to within the hour before, in two years."""
    hours = [at(NOW + number * HOUR_MS) for number in range(2 * 366 * 24)]
    return [
        one for one, next_ in pairwise(hours)
        if one.astimezone(ZONES[name]).utcoffset() != next_.astimezone(ZONES[name]).utcoffset()
    ]  # fmt: skip


@cache
def changes() -> list[tuple[str, datetime]]:
    """Of every zone of `CHANGING`."""
    return [(name, each) for name in CHANGING for each in _changes(name)]


@given(st.deferred(lambda: st.sampled_from(changes())), st.integers(-180, 180))
def test_a_time_on_the_wall_is_the_first_of_two_or_the_next_that_is_shown(
    change: tuple[str, datetime], minutes: int
) -> None:
    """Three hours around every change of the clocks, to the minute."""
    name, instant_of_it = change
    zone = ZONES[name]
    wall = instant_of_it.astimezone(zone).replace(tzinfo=None, fold=0, second=0, microsecond=0)
    wall += timedelta(minutes=minutes)
    found = instant(wall, zone)
    local, before = found.astimezone(zone), (found - SECOND).astimezone(zone)
    if local.replace(tzinfo=None, fold=0) == wall:
        assert local.fold == 0
    else:
        assert before.replace(tzinfo=None) < wall < local.replace(tzinfo=None)


@given(st.sampled_from(CHANGING), st.integers(0, 4 * YEAR_S), st.integers(0, 23), st.integers(0, 23))
def test_quiet_hours_end_in_an_hour_that_is_none(name: str, second: int, start: int, end: int) -> None:
    """However the clocks change in the night: nothing is quiet when they end, and everything until then."""
    zone = Zone(ZONES[name], start, end, name)
    now_ms = NOW + 1000 * second
    until_ms = quiet_until(zone, now_ms)
    assert now_ms <= until_ms <= now_ms + DAY_MS + 2 * HOUR_MS
    if until_ms == now_ms:
        return
    assert quiet_until(zone, until_ms) == until_ms
    for earlier, _ in pairwise(range(now_ms, until_ms, HOUR_MS // 4)):
        assert quiet_until(zone, earlier) > earlier
    assert at(until_ms).tzinfo is UTC
