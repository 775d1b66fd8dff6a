"""Quiet hours by a clock on the wall, which may leave an hour out or show it twice."""

from datetime import UTC, datetime, timedelta, tzinfo

from services.profile.core.rules import Zone
from services.profile.core.times import at

SECOND = timedelta(seconds=1)  # the tz database knows no shorter step


def quiet_until(zone: Zone | None, now_ms: int) -> int:
    """When the quiet hours that hold now end, in milliseconds; `now` where none hold."""
    if zone is None:
        return now_ms
    local = at(now_ms).astimezone(zone.zone)
    is_quiet = zone.start <= local.hour < zone.end or (
        zone.start > zone.end and not zone.end <= local.hour < zone.start
    )
    if not is_quiet:
        return now_ms
    day = local.date() + timedelta(days=1 if local.hour >= zone.end else 0)
    end = instant(datetime(day.year, day.month, day.day, zone.end), zone.zone)  # noqa: DTZ001 a clock on the wall
    return max(now_ms + 1, int(end.timestamp() * 1000))


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """When the wall's clock shows this time: the first of two, else the next time that it does show."""
    early, late = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    is_shown = early.astimezone(zone).replace(tzinfo=None) == wall
    return early if is_shown else _change(early, late, zone)  # else the clock was put forward over it


def _change(early: datetime, late: datetime, zone: tzinfo) -> datetime:
    """The first second of the offset that holds at `late`; another one holds at `early`."""
    before = early.astimezone(zone).utcoffset()
    while late - early > SECOND:
        middle = early + (late - early) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late
