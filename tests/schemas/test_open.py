"""Readers take what they do not know: each example with one more field, or another word, is an event all the same."""

from pathlib import Path

import orjson
import pytest

from schemas import topics
from schemas.codec import decode, encode
from schemas.errors import DecodeError
from tests import growth

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
CASES = sorted(EXAMPLES.glob("*/*.json"))
OUTSIDE = {"events.raw", "conversions.raw", "email.feedback", "privacy.requests"}  # read, never passed on as they came
COURSE = {"course.level", "course.status", "also.level", "also.status"}
KNOWN_WORDS = {
    "conversions.raw": {"type"},
    "events.raw": {"type"},
    "profile.self": {"kind"},
    "catalog.courses": {"level", "status"},
    "recommendation.requests": {"consent.basis"},
    "recommendations": {"request.consent.basis", *COURSE, "spares.level", "spares.status", "imagined.level"},
    "decisions": {"consent.basis", *COURSE, "imagined.level"},
    "email.outbound": {"consent.basis"},
}
"""Words a reader has to know, by topic; `schemas/README.md` says of each why."""


def _case(part: object) -> str:
    return f"{part.parent.name}/{part.stem}" if isinstance(part, Path) else ".".join(map(str, part))  # type: ignore[call-overload]


OBJECTS = [
    (path, place) for path in CASES for place in growth.objects(path.parent.name, orjson.loads(path.read_bytes()))
]
WORDS = [(path, place) for path in CASES for place in growth.words(path.parent.name, orjson.loads(path.read_bytes()))]


@pytest.mark.parametrize(("path", "place"), OBJECTS, ids=_case)
def test_field_nobody_knows_is_no_error(path: Path, place: growth.Path) -> None:
    """At each object of each example; what is passed on keeps it."""
    topic, value = topics.BY_SHORT[path.parent.name], orjson.loads(path.read_bytes())
    growth.at(value, place)[growth.NEW_FIELD] = growth.NEW_VALUE
    event = decode(topic, orjson.dumps(value))
    if topic.short not in OUTSIDE:
        again = orjson.loads(encode(topic, event))
        assert growth.at(again, place)[growth.NEW_FIELD] == growth.NEW_VALUE


@pytest.mark.parametrize(("path", "place"), WORDS, ids=_case)
def test_word_nobody_knows_is_no_error_where_it_may_be(path: Path, place: growth.Path) -> None:
    """In each field of words of each example; those that a reader has to know are refused, with the bytes."""
    topic, value = topics.BY_SHORT[path.parent.name], orjson.loads(path.read_bytes())
    growth.put(value, place, growth.NEW_WORD)
    raw = orjson.dumps(value)
    if ".".join(each for each in place if isinstance(each, str)) in KNOWN_WORDS.get(topic.short, ()):
        with pytest.raises(DecodeError) as caught:
            decode(topic, raw)
        assert caught.value.raw == raw
    else:
        decode(topic, raw)
