"""By which clock a person lives: what was said by whom, the country, the brand; and that it is said in the record."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.profile.core.country_zones import COUNTRY_ZONES
from services.profile.core.zone import Said, zone_of
from services.profile.pipeline import compiled
from services.runtime.time_zones import time_zones
from tests.places import HOSTILE
from tests.unit.profile.conftest import World, WorldOf, program

HOUR = 3_600_000
ZONES = time_zones()
RULES = replace(compiled(program()), zones=ZONES)
MADRID = {"time_zone": "Europe/Madrid", "start": 21, "end": 8}


@pytest.fixture
def zoned(world_of: WorldOf) -> World:
    """A world that knows the zones, of a brand in Madrid."""
    world = world_of(quiet_hours=MADRID)
    world.rules = replace(world.rules, zones=ZONES)
    world.now += 6 * HOUR  # noon in UTC: in no one's night of these tests
    return world


def zone_in(world: World, *events: dict[str, Any]) -> tuple[str | None, str]:
    """The zone in the request that the events and a conversion lead to."""
    world.take(*events, world.guide())
    [request] = world.tick(HOUR)
    zone = request.snapshot.zone
    return zone.name, zone.source


def test_a_person_has_the_zone_they_said(zoned: World) -> None:
    """Their own, before their country's."""
    said = zoned.event(timezone="Africa/Lagos", country="DE")
    assert zone_in(zoned, said) == ("Africa/Lagos", "person")


def test_a_country_of_one_time_says_the_zone(zoned: World) -> None:
    """Where nobody named one."""
    assert zone_in(zoned, zoned.event(country="DE")) == ("Europe/Berlin", "country")


@pytest.mark.parametrize("country", ["ES", "US", "ZZ", "", "Spain", "\n\t"])
def test_a_country_of_several_times_says_nothing(zoned: World, country: str) -> None:
    """Spain has the Canaries: the brand's zone stands."""
    assert zone_in(zoned, zoned.event(country=country)) == ("Europe/Madrid", "brand")


def test_an_unknown_zone_is_said(world: World) -> None:
    """Without quiet hours the brand has none."""
    assert zone_in(world) == (None, "unknown")


@pytest.mark.parametrize("name", [*HOSTILE, "Europe/Madrid\0", "x" * 64, "x" * 65])
def test_a_hostile_zone_is_nobodys(zoned: World, name: str) -> None:
    """It is looked up and never read from a disk; the record goes on by the brand's."""
    assert zone_in(zoned, zoned.event(timezone=name)) == ("Europe/Madrid", "brand")


def test_the_last_zone_stands(zoned: World) -> None:
    """By the events' times, in whatever order they come."""
    lagos = zoned.event(timezone="Africa/Lagos", time_ms=zoned.now - 1)
    accra = zoned.event(timezone="Africa/Accra", time_ms=zoned.now - 2)
    assert zone_in(zoned, lagos, accra) == ("Africa/Lagos", "person")


def test_a_servers_zone_stands_before_a_browsers(zoned: World) -> None:
    """As of every fact: whoever knows an id cannot move another's night."""
    proven = zoned.event(timezone="Africa/Lagos", trusted=True, speaker="server", time_ms=zoned.now - HOUR)
    assert zone_in(zoned, proven, zoned.event(timezone="Asia/Tokyo")) == ("Africa/Lagos", "person")


@pytest.mark.parametrize("speaker", ["address_browser", "signed_link", "connector"])
def test_who_may_state_no_fact_states_no_zone(zoned: World, speaker: str) -> None:
    """The table of claims decides, as of the language."""
    trusted = speaker != "address_browser"
    where: dict[str, Any] = {"timezone": "Africa/Accra", "country": "GH", "trusted": trusted, "speaker": speaker}
    expected = ("Africa/Accra", "person") if speaker == "signed_link" else ("Europe/Madrid", "brand")
    assert zone_in(zoned, zoned.event(**where)) == expected


def test_a_zone_goes_with_a_link(zoned: World) -> None:
    """What an anonymous browser said is the known person's, below what is better known."""
    zoned.take(zoned.event(person="a:b", timezone="Africa/Lagos"), zoned.event(person="a:b", country="JP"))
    state = zoned.person("a:b")
    zoned.take(zoned.event(country="DE"))
    zoned.absorb(state)
    zoned.absorb(state, "a:c", "again")
    assert zoned.person().traits.said_zone() == Said("Africa/Lagos", "DE")


def test_a_zone_is_no_stored_byte_until_it_is_said(zoned: World) -> None:
    """Who says none is stored as before."""
    zoned.take(zoned.event(), zoned.event(country="Spain"))
    assert not zoned.person().traits.timezone
    assert not zoned.person().has("traits")


def test_quiet_hours_are_those_of_the_person(zoned: World) -> None:
    """Noon in Madrid is night in Auckland: the mail waits for eight o'clock there."""
    zoned.take(zoned.event(timezone="Pacific/Auckland"), zoned.guide())
    assert zoned.tick(HOUR) == []
    due = zoned.person().triggers.by_purpose["next-step"].due_ms
    local = datetime.fromtimestamp(due / 1000, ZoneInfo("Pacific/Auckland"))
    assert (local.hour, local.minute, zoned.counts["quiet_hours"]) == (8, 0, 1)


@pytest.mark.parametrize(("country", "name"), [*COUNTRY_ZONES.items()])
def test_a_country_of_the_table_has_a_zone(country: str, name: str) -> None:
    """Which the tz database of this machine knows."""
    assert len(country) == 2
    assert zone_of(Said(None, country), RULES).name == name


TABLE = Path("/usr/share/zoneinfo/zone.tab")


@pytest.mark.skipif(not TABLE.exists(), reason="this machine has no zone.tab")
def test_the_table_has_the_countries_of_one_time_and_no_other() -> None:
    """As the tz database of this machine says, which may be of another year than the table."""
    rows = [line.split("\t") for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    names: dict[str, list[str]] = {}
    for row in rows:
        names.setdefault(row[0], []).append(row[2])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    days = [start + timedelta(hours=12 * number) for number in range(2 * 365)]

    def clock(name: str) -> tuple[timedelta | None, ...]:
        return tuple(each.astimezone(ZoneInfo(name)).utcoffset() for each in days)

    assert {country for country, each in names.items() if len({*map(clock, each)}) == 1} == {*COUNTRY_ZONES}
    assert {country for country, name in COUNTRY_ZONES.items() if name not in names[country]} == set()
