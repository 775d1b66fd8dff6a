"""Events to packs by partition. Laws: nothing is lost, a source partition's order stays, no pack mixes partitions."""

from collections.abc import Callable, Iterable

import orjson

from schemas import topics
from schemas.clean import CleanEvent
from services.ingest.core.records import Outgoing

MAX_EVENTS = 200  # of schemas.clean.Pack
MAX_PACK_BYTES = 512 * 1024  # half the broker's default message.max.bytes; one event has at most about 40 KB
_OPEN, _CLOSE = b'{"v":1,"events":[', b"]}"


def pack(events: Iterable[CleanEvent], partition_of: Callable[[str], int]) -> tuple[Outgoing, ...]:
    """The packs of the events, those of one partition in the events' order."""
    lanes: dict[int, list[CleanEvent]] = {}
    for event in events:
        partition = partition_of(event["person"])
        lane = lanes.get(partition)
        if lane is None:
            lanes[partition] = [event]
        else:
            lane.append(event)
    return tuple(each for partition, lane in lanes.items() for each in _packs(partition, lane))


def _packs(partition: int, lane: list[CleanEvent]) -> Iterable[Outgoing]:
    encoded: list[bytes] = []
    size = first = 0
    for place, event in enumerate(lane):
        body = orjson.dumps(event)
        if encoded and (len(encoded) == MAX_EVENTS or size + len(body) > MAX_PACK_BYTES):
            yield _outgoing(partition, lane[first], encoded)
            encoded, size, first = [], 0, place
        encoded.append(body)
        size += len(body) + 1
    yield _outgoing(partition, lane[first], encoded)


def _outgoing(partition: int, first: CleanEvent, encoded: list[bytes]) -> Outgoing:
    event_id = "/".join(map(str, first["at"]))
    return Outgoing(
        topics.EVENTS_CLEAN,
        None,
        _OPEN + b",".join(encoded) + _CLOSE,
        cloud_headers(topics.EVENTS_CLEAN, event_id),
        partition,
    )


def cloud_headers(topic: topics.Topic, event_id: str) -> tuple[tuple[str, bytes], ...]:
    """CloudEvents' binary mode. Source: CloudEvents 1.0.2, Kafka protocol binding, 3.2."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", topic.name.encode()),
        ("ce_source", b"/kindling/ingest"),
        ("content-type", b"application/json"),
    )
