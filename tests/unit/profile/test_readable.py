"""What is stored of a person, for somebody to read: all of it, by names, with times as instants."""

import re
from typing import Any

import pytest
from msgspec import Raw

from services.profile.core.facets.consents import Consent, Consents
from services.profile.core.person import Person, decode, facets, readable
from services.runtime.yaml_text import read_yaml_text, yaml_of
from tests.unit.profile.conftest import NOW, World
from tests.unit.profile.test_stored_values import VALUES

TIME = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC")


def _texts(value: Any) -> list[str]:
    match value:
        case dict():
            return [text for key, part in value.items() for text in (key, *_texts(part))]
        case list():
            return [text for part in value for text in _texts(part)]
        case _:
            return [str(value)]


@pytest.mark.parametrize("raw", VALUES)
def test_stored_person_is_readable(world: World, raw: bytes) -> None:
    """Each facet that holds something has its name; no number is a time that nobody can read; YAML takes all of it."""
    person = decode(raw)
    shown = readable(person, "u:ana", world.rules, NOW)
    assert shown["person"] == "u:ana"
    full = {type(each).__name__.lower() for each in facets(person) if each != type(each)()}
    assert full == shown.keys() - {"person", "events", "newest"}
    assert [text for text in _texts(shown) if re.fullmatch(r"1[5-9]\d{11}", text)] == []
    assert read_yaml_text(yaml_of(shown)) == shown


def test_what_is_read_says_what_is_meant(world: World) -> None:
    """Weights as of now, titles with who gave them, the hour of the week, whom a consent is of."""
    world.take(world.guide(title="The guide", speaker="server"), world.event(path="/blog/seo/x"))
    shown = readable(world.person("u:ana"), "u:ana", world.rules, world.now)
    assert shown["interests"]["topic:seo"] == 3.5
    assert shown["signals"]["guide|The guide"] == {
        "title": "The guide", "topics": ["seo"], "last": "2026-11-24 06:00:00 UTC", "times": 1, "weight": 3.0,
        "speaker": "server",
    }  # fmt: skip
    assert shown["engagement"]["hours"] == {"Tuesday 06": 2}
    assert shown["identity"] == {"seen": 1, "done": 1}
    assert shown["triggers"]["by_purpose"]["next-step"]["opened"] == "2026-11-24 06:00:00 UTC"
    assert shown["traits"]["address"]["value"] == "ana@example.com"
    assert shown["newest"] == "2026-11-24 06:00:00 UTC"


def test_consent_for_every_address_is_called_so(world: World) -> None:
    """The empty key would say nothing to who reads it."""
    consent = Consent(NOW, is_given=True, source="form", text_version="", rank=2)
    person = Person(consents=Consents({"marketing": {"": consent}}, {"opt_out": NOW}))
    shown = readable(person, "u:ana", world.rules, NOW)["consents"]
    assert shown == {
        "rows": {"marketing": {"every address": {
            "time": "2026-11-24 06:00:00 UTC", "is_given": True, "source": "form", "rank": 2,
        }}},
        "refusals": {"opt_out": "2026-11-24 06:00:00 UTC"},
    }  # fmt: skip


def test_nobody_is_shown_as_nobody(world: World) -> None:
    """Of whom nothing is known there is nothing to read; what a later version knows is named."""
    assert readable(Person(), "u:x", world.rules, NOW) == {"person": "u:x", "events": 0}
    later = Person(rest={"mood": Raw(b"1")})
    assert readable(later, "u:x", world.rules, NOW)["later"] == ["mood"]
