"""The same traffic as trackers and servers write it: raw calls, out of which ingest makes the events again."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from bench.profile.feed import Fed
from schemas.topics import CONVERSIONS_RAW, EVENTS_RAW
from services.runtime.kafka_records import partition_of

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
PAGE = ("path", "title", "url")
PARTS = ("properties", "traits")
IDS = {"u:": "userId", "a:": "anonymousId"}


def raw_calls(events: Iterable[dict[str, Any]], partitions: int) -> Iterator[Fed]:
    """Each event as the record that the collector would write of it."""
    for event in events:
        topic = CONVERSIONS_RAW if event["kind"] == "conversion" else EVENTS_RAW
        prefix, identifier = event["person"][:2], event["person"][2:]
        key = identifier.encode()
        call = {IDS[prefix]: identifier, **_call(event)}
        yield Fed(topic.name, partition_of(key, partitions), orjson.dumps(call), key, event["received_ms"])


def _call(event: dict[str, Any]) -> dict[str, Any]:
    at = datetime.fromtimestamp(event["time_ms"] / 1_000, UTC).isoformat()
    call: dict[str, Any] = {"messageId": event["id"], "timestamp": at, "originalTimestamp": at}
    call["context"] = {"locale": "en-US", "userAgent": AGENT, "library": {"name": "analytics.js", "version": "2.1.0"}}
    call |= {part: event[part] for part in PARTS if part in event}
    match event["kind"]:
        case "page":
            page = {each: event[each] for each in PAGE}
            call["context"]["page"] = page
            return {"type": "page", **call, "properties": page}
        case "identify":
            return {"type": "identify", **call}
        case _:
            return {"type": "track", "event": event["name"], **call}
