"""The zones in which people live, as this machine knows them."""

import pytest

from services.runtime import time_zones as module
from services.runtime.outcome import Misconfigured
from services.runtime.time_zones import time_zones
from tests.places import HOSTILE


def test_zones_are_places() -> None:
    """Some four hundred; each is read, and its name is its own."""
    zones = time_zones()
    assert len(zones) > 300
    assert {name for name, zone in zones.items() if zone.key != name} == set()
    assert {"Europe/Madrid", "America/Argentina/Buenos_Aires", "Asia/Calcutta"} <= zones.keys()
    assert max(map(len, zones)) <= 32
    assert not zones.keys() & {*HOSTILE}


def test_a_machine_without_zones_is_the_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take every person for one of the brand's place, and say nothing."""
    monkeypatch.setattr(module, "available_timezones", lambda: {"UTC", "Factory"})
    with pytest.raises(Misconfigured, match="expected a tz database"):
        time_zones()
