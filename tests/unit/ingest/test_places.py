"""Which time zone and which country a call names; what is no such name is left out."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.topics import CONVERSIONS_RAW
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.source import Keys
from services.runtime.time_zones import time_zones
from tests.places import HOSTILE

ZONES = frozenset(time_zones())


@pytest.fixture
def placed(keys: Keys, record: Any) -> Any:
    """What a call names, by an ingest that knows the zones of this machine."""
    known = replace(keys, policy=replace(keys.policy, zones=ZONES))

    def read(**call: Any) -> tuple[str | None, str | None]:
        topic = {"topic": call.pop("topic")} if "topic" in call else {}
        about = {"type": "page", "messageId": "m", "anonymousId": "a1"}
        cleaned = clean(record({**about, **call}, **topic), known)
        assert isinstance(cleaned, Cleaned)
        event = cleaned.effects[0]
        assert isinstance(event, dict)
        return event.get("timezone"), event.get("country")

    return read


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ({"context": {"timezone": "Europe/Madrid"}}, "Europe/Madrid"),
        ({"context": {"timezone": "America/Argentina/Buenos_Aires"}}, "America/Argentina/Buenos_Aires"),
        ({"context": {"timezone": "Asia/Calcutta"}}, "Asia/Calcutta"),  # what Chromium says of India
        ({"traits": {"timezone": "Asia/Tokyo"}, "context": {"timezone": "Europe/Madrid"}}, "Asia/Tokyo"),
        ({"traits": {"timezone": "Tokyo"}, "context": {"timezone": "Europe/Madrid"}}, "Europe/Madrid"),
        *[({"context": {"timezone": each}}, None) for each in (None, 7, True, ["Europe/Madrid"], {"a": 1})],
    ],
)
def test_the_zone_is_the_traits_or_the_browsers(placed: Any, said: dict[str, Any], zone: str | None) -> None:
    """A name of the tz database that is a place, letter by letter."""
    assert placed(**said)[0] == zone


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_name_of_a_place_is_no_zone(placed: Any, name: str) -> None:
    """Nor is UTC: a server says it, and a browser that hides where it is."""
    assert placed(context={"timezone": name})[0] is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"traits": {"address": {"country": "ES"}}}, "ES"),
        ({"traits": {"country": "de"}}, "DE"),
        ({"context": {"location": {"country": "uk"}}}, "GB"),
        ({"traits": {"address": {"country": "FR"}, "country": "DE"}}, "FR"),
        ({"traits": {"address": "1 Street, Spain", "country": "X"}, "context": {"location": {"country": "ES"}}}, "ES"),
        *[({"traits": {"country": each}}, None) for each in ("", "ESP", "E", "E1", "ÄÖ", "ES\n", 7, None, ["ES"])],
    ],
)  # fmt: skip
def test_the_country_is_a_code_of_two_letters(placed: Any, said: dict[str, Any], code: str | None) -> None:
    """Of the address, the traits, or the place of the call; a country's name in some language is none."""
    assert placed(type="identify", **said)[1] == code


def test_a_server_may_say_where_somebody_is(placed: Any) -> None:
    """By a signed call, as by a browser's."""
    said = {"timezone": "Europe/Madrid", "address": {"country": "ES"}}
    assert placed(topic=CONVERSIONS_RAW, type="identify", userId="ana", traits=said) == ("Europe/Madrid", "ES")


def test_who_refuses_to_be_measured_is_nowhere(placed: Any) -> None:
    """Of such a call stays who and when."""
    refuses = {"consent": {"categoryPreferences": {"analytics": False}}}
    where = {"timezone": "Europe/Madrid", "location": {"country": "ES"}}
    assert placed(context=where) == ("Europe/Madrid", "ES")
    assert placed(context={**where, **refuses}) == (None, None)


def test_an_ingest_that_knows_no_zones_believes_none(events: Any) -> None:
    """The names are a value that its start gives it."""
    assert "timezone" not in events(context={"timezone": "Europe/Madrid"})[0]
