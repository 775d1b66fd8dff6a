"""The topic table as one AsyncAPI 3 document: channels, messages, and who sends and receives what.

Payloads are the published JSON Schemas, by reference. `python -m schemas` writes it, a test says when it is stale.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from schemas.dead_letter import HEADERS
from schemas.topics import ALL, STAGES, Topic

FOLDER = Path(__file__).parent / "asyncapi"
FILE = "kindling.json"
SERVICES = (*STAGES, "console")
P = 12  # of production; the number is the operator's, and for life
BINDING = "0.5.0"  # of AsyncAPI's Kafka bindings
FORMAT = "application/schema+json;version=draft-2020-12"
Node = dict[str, Any]

CLOUD_EVENTS: Mapping[str, str] = {
    "ce_specversion": "1.0, of CloudEvents",
    "ce_id": "the same at every attempt",
    "ce_type": "the topic's name",
    "ce_source": "the source that the record was made from",
    "content-type": "application/json",
}
"""The headers of what Kindling writes, in CloudEvents' binary mode; what comes from outside needs none."""

OFTEN: Mapping[str, str] = {
    "ce_time": "when what led to the record happened: ISO 8601",
    "traceparent": "W3C trace context",
}
"""Those beside them that a batch of ingest does without: each of its events has its own."""


def document() -> bytes:
    """The document as JSON, keys in the order of the table."""
    whole = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kindling",
            "version": "1.0.0",
            "description": "What services, trackers, back offices and connectors say to each other over Kafka. "
            "email.outbound is the public contract for connectors; docs/connector.md tells how to keep it.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": {"host": "127.0.0.1:9092", "protocol": "kafka", "description": "your brokers"}},
        "channels": {_id(topic): _channel(topic) for topic in ALL},
        "operations": dict(operation for service in SERVICES for operation in _operations(service)),
        "components": {
            "messageTraits": {
                "cloudEvents": {"headers": _headers({**CLOUD_EVENTS, **OFTEN}, CLOUD_EVENTS)},
                "fromOutside": {"headers": _headers({**CLOUD_EVENTS, **OFTEN}, ())},
                "deadLetter": {"headers": _headers(HEADERS, HEADERS)},
            }
        },
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2) + b"\n"


def write(folder: Path = FOLDER) -> None:
    """Write the document."""
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_bytes(document())


def _id(topic: Topic) -> str:
    """An identifier that tools can make code of: `email.outbound` is `emailOutbound`."""
    first, *others = topic.short.split(".")
    return first + "".join(each.capitalize() for each in others)


def _channel(topic: Topic) -> Node:
    return {
        "address": topic.name,
        "title": topic.short,
        "description": f"{topic.what}. Made by {', '.join(topic.makers)}; read by {', '.join(topic.readers)}.",
        "messages": {"record": _message(topic)},
        "bindings": {"kafka": {**_partitions(topic), "topicConfiguration": _kept(topic), "bindingVersion": BINDING}},
    }


def _message(topic: Topic) -> Node:
    key = {"type": "string", "description": topic.key_is}
    made: Node = {
        "name": topic.name,
        "title": topic.short,
        "bindings": {"kafka": {"key": key, "bindingVersion": BINDING}},
    }
    if topic.event is not None:
        trait = "fromOutside" if topic.partitions == "any" else "cloudEvents"
        return {**made, **_trait(trait), "payload": _payload(topic)}
    untouched = {**made, "contentType": "application/octet-stream"}
    return {**untouched, **_trait("deadLetter")} if topic.partitions == "any" else untouched


def _payload(topic: Topic) -> Node:
    return {"schemaFormat": FORMAT, "schema": {"$ref": f"../json/{topic.short}.schema.json"}}


def _trait(name: str) -> Node:
    return {"traits": [{"$ref": f"#/components/messageTraits/{name}"}]}


def _partitions(topic: Topic) -> Node:
    return {"P": {"partitions": P}, "one": {"partitions": 1}, "any": {}}[topic.partitions]


def _kept(topic: Topic) -> Node:
    cleanup: Node = {"cleanup.policy": topic.cleanup.split(",")}
    return cleanup if topic.retention_ms is None else {**cleanup, "retention.ms": topic.retention_ms}


def _operations(service: str) -> list[tuple[str, Node]]:
    sends = [("send", topic) for topic in ALL if service in topic.makers]
    receives = [("receive", topic) for topic in ALL if service in topic.readers]
    return [
        (
            f"{service}{action.capitalize()}s{_id(topic)[0].upper()}{_id(topic)[1:]}",
            {
                "action": action,
                "channel": {"$ref": f"#/channels/{_id(topic)}"},
                "messages": [{"$ref": f"#/channels/{_id(topic)}/messages/record"}],
                "tags": [{"name": service}],
            },
        )
        for action, topic in (*receives, *sends)
    ]


def _headers(names: Mapping[str, str], required: Iterable[str]) -> Node:
    properties = {name: {"type": "string", "description": what} for name, what in names.items()}
    return {"type": "object", "properties": properties, "required": list(required)}
