"""From a server's `Content Published` to the request: a title that a browser sent is the business's own."""

from dataclasses import replace
from typing import Any

import orjson

from schemas import topics
from schemas.topics import Topic
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.source import keys_of
from services.ingest.core.window import Windows
from services.ingest.pipeline import handler
from services.profile.adapters.content_view import ContentView
from services.profile.core.content import Content
from services.runtime.fake_seal import FakeSeal
from services.runtime.kafka_records import to_view_message
from tests.fake_kafka import record
from tests.unit.profile.conftest import NOW, World

KEYS = keys_of(b"a secret of a test", FakeSeal())
TITLE = "Maps for small shops"
PIECE = {
    "id": "guide-maps",
    "title": TITLE,
    "url": "https://a.example/guides/maps",
    "topics": ["seo"],
    "language": "en",
}
PUBLISHED = {"type": "track", "event": "Content Published", "messageId": "c-1", "properties": PIECE}
WITHDRAWN = {**PUBLISHED, "event": "Content Withdrawn", "messageId": "c-2"}
PAGE = {"type": "page", "messageId": "p-1", "anonymousId": "b-1", "userId": "ana",
        "properties": {"title": "MAPS for small shops!", "path": "/courses/maps"}}  # fmt: skip
GUIDE = {"type": "track", "event": "Guide Downloaded", "messageId": "g-1", "userId": "ana",
         "properties": {"topic": "seo", "email": "ana@example.com", "title": "Sitemaps"},
         "traits": {"consent": {"marketing": True}}}  # fmt: skip


def _fed(world: World, view: ContentView, *sent: tuple[Topic, dict[str, Any]]) -> dict[str, int]:
    """What ingest makes of the calls is taken by the profile's fold, or by its view; gives why others were refused."""
    batch = handler(KEYS, Windows(100), len)([
        FakeRecord(topic.name, 0, world.now % 1_000_000 + place, orjson.dumps(call), timestamp=world.now)
        for place, (topic, call) in enumerate(sent)
    ])  # fmt: skip
    for each in batch.packs:
        world.raw("events.clean", each.value)
    for each in batch.others:
        if each.topic is topics.CATALOG_CONTENT:
            raw = record(each.topic.name, 0, each.value)
            view.apply(to_view_message(replace(raw, key=each.key)))
    return batch.reasons


def _read_of(request: Any) -> tuple[str, str | None, tuple[str, ...]]:
    [signal] = [each for each in request.snapshot.signals if each.kind != "guide"]
    return signal.title, signal.content, signal.topics


def test_a_title_published_by_a_server_is_the_businesss_own_in_the_request(world: World) -> None:
    """It is read first and published afterwards: what counts is what is published as the request is made."""
    content = Content((), ("seo",))
    view = ContentView(content)
    world.rules = replace(world.rules, registered=content.registered)
    _fed(world, view, (topics.EVENTS_RAW, PAGE), (topics.CONVERSIONS_RAW, GUIDE))
    assert _fed(world, view, (topics.CONVERSIONS_RAW, PUBLISHED)) == {}
    [request] = world.tick(2_000_000)
    assert _read_of(request) == (TITLE, "guide-maps", ("seo",))


def test_what_a_browser_publishes_or_a_server_withdrew_is_not(world: World) -> None:
    """The title stays the browser's word, and the refusal is counted by its reason."""
    content = Content((), ("seo",))
    view = ContentView(content)
    world.rules = replace(world.rules, registered=content.registered)
    own = {**PUBLISHED, "anonymousId": "b-1"}
    assert _fed(world, view, (topics.EVENTS_RAW, own)) == {"not_the_business": 1}
    calls = (topics.CONVERSIONS_RAW, PUBLISHED), (topics.CONVERSIONS_RAW, WITHDRAWN)
    assert _fed(world, view, *calls, (topics.EVENTS_RAW, PAGE), (topics.CONVERSIONS_RAW, GUIDE)) == {}
    assert world.now == NOW
    [request] = world.tick(2_000_000)
    assert _read_of(request) == ("MAPS for small shops!", None, ())
