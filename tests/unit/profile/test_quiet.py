"""A time on the wall as an instant: on the days on which clocks are changed too."""

from datetime import datetime

import pytest

from services.profile.core.quiet import instant
from tests.reading import ZONES


@pytest.mark.parametrize(
    ("zone", "wall", "shown"),
    [
        ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T03:00+02:00"),  # not there: the next that is
        ("Europe/Berlin", "2027-03-28T02:00", "2027-03-28T03:00+02:00"),
        ("Europe/Berlin", "2027-03-28T01:59", "2027-03-28T01:59+01:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T02:30+02:00"),  # twice: the first
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:30+11:00"),  # by half an hour
        ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-04T01:45+11:00"),
        ("America/St_Johns", "2026-03-08T02:30", "2026-03-08T03:00-02:30"),
        ("Africa/Cairo", "2026-04-24T00:00", "2026-04-24T01:00+03:00"),  # a day without a midnight
        ("Antarctica/Troll", "2027-03-28T02:10", "2027-03-28T03:00+02:00"),  # by two hours
        ("Pacific/Apia", "2011-12-30T08:00", "2011-12-31T00:00+14:00"),  # a whole day that was not
        ("Asia/Kolkata", "2026-06-01T08:00", "2026-06-01T08:00+05:30"),
    ],
)
def test_a_time_on_the_wall_is_an_instant(zone: str, wall: str, shown: str) -> None:
    """The first of two, and for one that is not shown the next that is."""
    assert instant(datetime.fromisoformat(wall), ZONES[zone]) == datetime.fromisoformat(shown)
