"""Builders of what ingest reads: a call, a raw record, and what follows from them."""

from collections.abc import Callable
from typing import Any, TypeAlias

import orjson
import pytest

from schemas import topics
from schemas.clean import CleanEvent
from schemas.email import Suppression
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.reasons import Refusal
from services.ingest.core.source import Keys, keys_of

RECEIVED_MS = 1_793_696_400_000  # 2026-11-03T09:00:00Z
SECRET = b"a secret of a test"

Events: TypeAlias = list[CleanEvent]
Cleaner: TypeAlias = Callable[..., Events]


@pytest.fixture
def keys() -> Keys:
    """The keys of the tests' secret."""
    return keys_of(SECRET)


@pytest.fixture
def record() -> Callable[..., FakeRecord]:
    """A raw record holding a call, other JSON, or bytes."""

    def make(value: Any, topic: topics.Topic = topics.EVENTS_RAW, **rest: Any) -> FakeRecord:
        raw = value if isinstance(value, bytes) or value is None else orjson.dumps(value)
        return FakeRecord(topic.name, rest.pop("partition", 0), rest.pop("offset", 0), raw, **rest)

    return make


@pytest.fixture
def outcome(record: Callable[..., FakeRecord], keys: Keys) -> Callable[..., Cleaned | Refusal]:
    """What one call leads to; a track of an anonymous person unless the test says otherwise."""

    def of(topic: topics.Topic = topics.EVENTS_RAW, **call: Any) -> Cleaned | Refusal:
        if topic in (topics.EVENTS_RAW, topics.CONVERSIONS_RAW):
            kind = call.get("type", "track")
            call = {"type": kind, "messageId": "m-1", "anonymousId": "b-1", **call}
            if kind == "track":
                call.setdefault("event", "Guide Downloaded")
        return clean(record(call, topic), keys)

    return of


@pytest.fixture
def events(outcome: Callable[..., Cleaned | Refusal]) -> Cleaner:
    """The events of one call, which must be accepted."""

    def of(*args: Any, **call: Any) -> Events:
        found = outcome(*args, **call)
        assert isinstance(found, Cleaned), found
        return [each for each in found.effects if not isinstance(each, Suppression)]

    return of


@pytest.fixture
def suppressions(outcome: Callable[..., Cleaned | Refusal]) -> Callable[..., list[Suppression]]:
    """The suppressions of one record, which must be accepted."""

    def of(*args: Any, **call: Any) -> list[Suppression]:
        found = outcome(*args, **call)
        assert isinstance(found, Cleaned), found
        return [each for each in found.effects if isinstance(each, Suppression)]

    return of


@pytest.fixture
def reason(outcome: Callable[..., Cleaned | Refusal]) -> Callable[..., str]:
    """Why a call is refused, which it must be."""

    def of(*args: Any, **call: Any) -> str:
        found = outcome(*args, **call)
        assert isinstance(found, Refusal), found
        return found.reason.value

    return of
