"""When all persons read, by their own clocks: what a playbook may hold as its usual hours."""

from dataclasses import replace

import pytest

from schemas.program import SendTime
from services.profile.core.facets.engagement import Engagement
from services.profile.core.facets.traits import Trait, Traits
from services.profile.core.person import Person
from services.profile.core.usual_hours import UsualHours
from services.profile.pipeline import compiled
from tests.reading import ZONES
from tests.unit.profile.conftest import NOW, program

RULES = replace(compiled(program(quiet_hours={"time_zone": "Europe/Madrid", "start": 22, "end": 7})), zones=ZONES)


def reader(zone: str | None, **hours: int) -> Person:
    """Somebody who is about in these hours of UTC, `h33` so many times."""
    said = None if zone is None else Trait(1, 1, zone, "")
    return Person(
        engagement=Engagement(hours={name[1:]: count for name, count in hours.items()}), traits=Traits(timezone=said)
    )


@pytest.fixture
def usual() -> UsualHours:
    """Nobody's hours, in winter."""
    return UsualHours(RULES, NOW)


def told(usual: UsualHours) -> dict[int, float]:
    """The hours in which anything is read."""
    return {hour: share for hour, share in enumerate(usual.shares()) if share}


def test_hours_are_told_by_the_clock_of_each(usual: UsualHours) -> None:
    """Tuesday's nine o'clock in Madrid, in Kolkata, and of who is beyond the end of the week."""
    usual.take(b"u:a", reader("Europe/Madrid", h32=4))
    usual.take(b"u:b", reader("Asia/Kolkata", h28=1))  # from half past nine on: the hour in which it begins
    usual.take(b"u:c", reader("Pacific/Auckland", h160=1))
    assert told(usual) == {33: 112.0, 160 + 13 - 168: 56.0}
    assert usual.persons == 3


def test_nobody_counts_for_more_than_another(usual: UsualHours) -> None:
    """However often they are about."""
    usual.take(b"u:a", reader("Africa/Accra", h1=100_000))
    usual.take(b"u:b", reader("Africa/Accra", h2=1, h3=1))
    assert told(usual) == {1: 84.0, 2: 42.0, 3: 42.0}


def test_the_last_state_of_a_person_counts(usual: UsualHours) -> None:
    """As in the log that they are read from; who was erased counts no more."""
    usual.take(b"u:a", reader("Africa/Accra", h1=1))
    usual.take(b"u:b", reader("Africa/Accra", h9=1))
    usual.take(b"u:a", reader("Africa/Accra", h2=1))
    usual.take(b"u:b", None)
    assert told(usual) == {2: 168.0}
    usual.take(b"u:a", Person())
    assert (usual.shares(), usual.persons) == ((), 0)


@pytest.mark.parametrize("zone", [None, "Mars/Phobos"])
def test_who_is_nobody_knows_where_is_left_out(usual: UsualHours, zone: str | None) -> None:
    """The brand's clock would say nothing of theirs."""
    usual.take(b"u:a", reader(zone, h1=1))
    assert usual.shares() == ()


def test_what_is_told_is_what_a_playbook_may_hold(usual: UsualHours) -> None:
    """168 numbers."""
    usual.take(b"u:a", reader("Africa/Accra", h1=1, h50=7))
    assert SendTime(within_hours=24, usual_hours=usual.shares()).usual_hours == usual.shares()
