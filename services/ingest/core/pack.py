"""Events to packs by partition. Laws: nothing is lost, a source partition's order stays, no pack mixes partitions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import orjson

from schemas import topics
from schemas.clean import CleanEvent
from services.ingest.core.records import Outgoing

MAX_EVENTS = 200  # of schemas.clean.Pack
MAX_PACK_BYTES = 512 * 1024  # half the broker's default message.max.bytes; one event has at most about 40 KB
_OPEN, _CLOSE = b'{"v":1,"events":[', b"]}"


@dataclass(slots=True)
class Lane:
    """The packs of one partition: those that are full, and the encoded events of the next."""

    partition: int
    full: list[Outgoing] = field(default_factory=list)
    encoded: list[bytes] = field(default_factory=list)
    size: int = 0
    first_id: str = ""

    def add(self, event: CleanEvent, body: bytes) -> None:
        """Add an event and its bytes."""
        encoded = self.encoded
        if encoded and (len(encoded) == MAX_EVENTS or self.size + len(body) > MAX_PACK_BYTES):
            self.close()
            encoded = self.encoded
        if not encoded:
            self.first_id = "/".join(map(str, event["at"]))
        encoded.append(body)
        self.size += len(body) + 1

    def close(self) -> None:
        """Make what is encoded a pack."""
        self.full.append(_outgoing(self.partition, self.first_id, self.encoded))
        self.encoded, self.size = [], 0


@dataclass(slots=True)
class Packing:
    """Events on their way into packs.

    Each is encoded as it comes, while it still lies near: at the end of a batch of 4,000 none does any more.
    """

    partition_of: Callable[[str], int]
    lanes: dict[int, Lane] = field(default_factory=dict)

    def add(self, event: CleanEvent) -> None:
        """Add an event behind those of its partition."""
        partition = self.partition_of(event["person"])
        lane = self.lanes.get(partition)
        if lane is None:
            lane = self.lanes[partition] = Lane(partition)
        lane.add(event, orjson.dumps(event))

    def packs(self) -> tuple[Outgoing, ...]:
        """The packs, those of one partition in the events' order; nothing can be added any more."""
        for lane in self.lanes.values():
            lane.close()
        return tuple(each for lane in self.lanes.values() for each in lane.full)


def pack(events: Iterable[CleanEvent], partition_of: Callable[[str], int]) -> tuple[Outgoing, ...]:
    """The packs of the events."""
    packing = Packing(partition_of)
    for event in events:
        packing.add(event)
    return packing.packs()


def _outgoing(partition: int, event_id: str, encoded: list[bytes]) -> Outgoing:
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
