"""By which clock a person lives: what they said, else their country's where it has one time, else the brand's."""

from datetime import tzinfo
from typing import NamedTuple

from schemas.recommendation import ZoneSource
from services.profile.core.country_zones import COUNTRY_ZONES
from services.profile.core.rules import Rules


class Said(NamedTuple):
    """What was said of where a person is: a name of the tz database, a code of ISO 3166-1; any text may stand there."""

    timezone: str | None
    country: str | None


class FoundZone(NamedTuple):
    """A zone, its name, and how it was found."""

    zone: tzinfo | None
    name: str | None
    source: ZoneSource


UNKNOWN = FoundZone(None, None, "unknown")


def zone_of(said: Said, rules: Rules) -> FoundZone:
    """The zone, where anybody knows it. A name is only ever looked up, so that none leads to a file."""
    if found := _known(said.timezone, "person", rules):
        return found
    if found := _known(COUNTRY_ZONES.get(said.country or ""), "country", rules):
        return found
    quiet = rules.quiet_hours
    return UNKNOWN if quiet is None else FoundZone(quiet.zone, quiet.name, "brand")


def _known(name: str | None, source: ZoneSource, rules: Rules) -> FoundZone | None:
    zone = None if name is None else rules.zones.get(name)
    return None if zone is None else FoundZone(zone, name, source)
