"""What the business publishes: heard of servers alone, a record of its topic, and about nobody."""

from typing import Any

import orjson
import pytest

from schemas import topics
from schemas.codec import decode
from schemas.content import PublishedPiece
from services.ingest.core.content import ContentNews
from services.ingest.core.records import Outgoing
from tests.unit.ingest.conftest import Collector

GUIDE = {
    "id": "guide-1",
    "title": "Local search",
    "url": "https://a.example/guides/x",
    "topics": "seo",
    "language": "en",
}
PIECE = PublishedPiece(id="guide-1", title="Local search", url="/guides/x", topics=("seo",), language="en")
CALL = {"type": "track", "event": "Content Published", "messageId": "m-1", "properties": GUIDE}
WITHDRAWN = {**CALL, "event": "Content Withdrawn", "properties": {"id": "guide-1", "title": ""}}
SERVER, BROWSER = {"topic": topics.CONVERSIONS_RAW}, {"topic": topics.EVENTS_RAW}


def _content(records: Any) -> list[Outgoing]:
    return [each for each in records if each.topic is topics.CATALOG_CONTENT]


def test_a_server_publishes_a_piece_and_takes_it_back(made: Any) -> None:
    """In the order of the records, keyed by id, with the record's place in the headers; a withdrawal is a tombstone."""
    batch = made(CALL, WITHDRAWN, **SERVER)
    published, withdrawn = _content(batch.others)
    assert (published.key, withdrawn.key, withdrawn.value) == (b"guide-1", b"guide-1", None)
    assert decode(topics.CATALOG_CONTENT, published.value or b"") == PIECE
    assert [dict(each.headers)["ce_id"] for each in (published, withdrawn)] == [
        f"{topics.CONVERSIONS_RAW.name}/0/{offset}".encode() for offset in (0, 1)
    ]
    assert (batch.packs, batch.reasons, batch.tally["content"], batch.tally["events"]) == ((), {}, 2, 0)
    assert len(batch.others) == len((CALL, WITHDRAWN))


def test_a_piece_goes_on_at_every_repeat(made: Any) -> None:
    """The same id of a call is no repeat here: the topic's last word is what it says, however often."""
    assert [each.value for each in _content(made(CALL, CALL, **SERVER).others)].count(None) == 0
    assert len(_content(made(CALL, CALL, first=9, **SERVER).others)) == len((CALL, CALL))


@pytest.mark.parametrize("name", [" content_published ", "content published", "Content Published"])
def test_a_piece_needs_no_person_and_names_none(outcome: Any, name: str) -> None:
    """Whom the call names besides did nothing; what stands beside the piece is left aside."""
    bare = outcome(topics.CONVERSIONS_RAW, event=name, anonymousId=None, properties={**GUIDE, "author": "Bo"})
    named = outcome(topics.CONVERSIONS_RAW, event=name, userId="7", properties=GUIDE)
    assert bare.effects == named.effects == [ContentNews("guide-1", PIECE)]
    assert bare.counted == ("content",)


@pytest.mark.parametrize("event", ["Content Published", "Content Withdrawn", "content_published"])
def test_a_browser_publishes_nothing(made: Any, reason: Any, event: str) -> None:
    """Refused by a reason of its own, and a dead letter; also where it names nobody."""
    assert reason(event=event, properties=GUIDE) == "not_the_business"
    assert reason(event=event, userId="7", properties=GUIDE) == "not_the_business"
    batch = made({**CALL, "event": event, "anonymousId": "b-1"}, **BROWSER)
    assert (_content(batch.others), batch.reasons, batch.tally["content"]) == ([], {"not_the_business": 1}, 0)
    assert reason(event=event, anonymousId=None, properties=GUIDE) == "address_alone"


def test_another_type_of_call_is_about_its_person(events: Any) -> None:
    """A page may be named as it likes."""
    assert events(type="page", name="Content Published")[0]["person"] == "a:b-1"
    assert events(event="Content Published Yesterday")[0]["name"] == "Content Published Yesterday"


@pytest.mark.parametrize(
    "over",
    [
        {"title": "x" * 10_240}, {"title": "Free\u202emoc.live"}, {"title": "Lo\u0007cal"}, {"title": ["Local"]},
        {"title": {"deep": [1]}}, {"url": "javascript:alert(1)"}, {"id": "Guide 1"}, {"language": "english"},
        {"topics": [["seo"]]}, {"id": None},
    ],
    ids=lambda over: repr(over)[:40],
)  # fmt: skip
def test_what_is_no_piece_is_refused_without_its_words(outcome: Any, over: dict[str, Any]) -> None:
    """By its reason; the detail names the field, and nothing that was sent."""
    refusal = outcome(topics.CONVERSIONS_RAW, event="Content Published", properties={**GUIDE, **over})
    [(field, value)] = over.items()
    assert refusal.reason == "bad_content"
    assert f"{field}" in refusal.detail
    assert str(value) not in refusal.detail or value is None
    assert outcome(topics.CONVERSIONS_RAW, event="Content Published").reason == "bad_content"


def test_no_piece_is_withdrawn_without_its_id(outcome: Any) -> None:
    """The title is not enough: it may change."""
    refusal = outcome(topics.CONVERSIONS_RAW, event="Content Withdrawn", properties={"title": "Local search"})
    assert (refusal.reason, "id: " in refusal.detail) == ("bad_content", True)


async def test_the_door_says_what_the_consumer_would(collector: Collector, sign: Any) -> None:
    """A signed call is kept by the id of its piece, so that its later word comes later; a browser's is told why not."""
    body = orjson.dumps({"batch": [CALL, {**WITHDRAWN, "userId": "7", "messageId": "m-2"}]})
    status, answer = await collector.post("/v1/batch", body, **sign(body))
    assert (status, answer["success"]) == (200, True)
    assert [each.key for each in collector.log.of("conversions.raw")] == [b"guide-1", b"guide-1"]
    status, answer = await collector.post("/v1/track", {**CALL, "anonymousId": "b-1"})
    assert (status, answer["errors"][0]["reason"]) == (400, "not_the_business")
    body = orjson.dumps({**CALL, "properties": {**GUIDE, "title": ""}})
    status, answer = await collector.post("/v1/track", body, **sign(body))
    assert (status, answer["errors"][0]["reason"]) == (400, "bad_content")
    assert "title: " in answer["errors"][0]["detail"]
    assert len(collector.log.of("conversions.raw")) == len((CALL, WITHDRAWN))
    assert collector.calls() == []
