"""The time zones in which people live, from the tz database of this machine: read once, then a value."""

from collections.abc import Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from services.runtime.outcome import Misconfigured

AREAS = frozenset({
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
})  # fmt: skip
"""The first part of a name that is a place. UTC and its kind are what a server says, or a browser that hides where."""


def time_zones() -> Mapping[str, ZoneInfo]:
    """The zones by their names, as Europe/Madrid; a name that came from outside is only ever looked up here.

    Raises:
        Misconfigured: the machine has no tz database.
    """
    names = [name for name in available_timezones() if name.partition("/")[0] in AREAS and "/" in name]
    if not names:
        raise Misconfigured("expected a tz database; none is here: install the system's tzdata, or PyPI's")
    return MappingProxyType({name: ZoneInfo(name) for name in sorted(names)})
