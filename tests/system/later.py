"""A service as a later version of it: `python -m tests.system.later services.profile`, with its words behind it.

Every object of every record it writes has one more field, and every person it stores has one.
"""

import os
import runpy
import sys
from collections.abc import Sequence
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from schemas.changelog_keys import is_person
from schemas.publish import documents
from schemas.topics import BY_NAME, PROFILE_CHANGELOG, STAGES, dead_letters
from services.runtime.kafka_records import Record
from services.runtime.kafka_transaction import Transactor
from tests import growth

MODULE = "tests.system.later"
SECRET = os.environ.get("KINDLING_SECRET", "").encode()
AS_THEY_CAME = frozenset(dead_letters(stage).name for stage in STAGES)  # these bytes are somebody else's
PUBLISHED = {name.removesuffix(".schema.json") for name in documents()}
_send, _commit = AIOKafkaProducer.send, Transactor.commit


def grown(topic: str, value: bytes) -> bytes:
    """What a later version writes in its place; of a topic without a published schema the outermost object grows."""
    if topic in AS_THEY_CAME:
        return value
    short = BY_NAME[topic].short
    if short in PUBLISHED:
        return growth.later(short, value, SECRET)
    return orjson.dumps({**orjson.loads(value), growth.NEW_FIELD: growth.NEW_VALUE})


def is_later(value: bytes) -> bool:
    """True if a later version wrote the record: what it only passes on is not its own."""
    try:
        return growth.NEW_FIELD in orjson.loads(value)
    except orjson.JSONDecodeError:
        return False


async def send(self: Any, topic: str, value: bytes | None = None, *words: Any, **named: Any) -> Any:
    """As the producer's own."""
    return await _send(self, topic, value if value is None else grown(topic, value), *words, **named)


async def commit(
    self: Any, records: Sequence[Record], following: int | None = None, values: dict[bytes, bytes | None] | None = None
) -> int | None:
    """As the transactor's own; the profile's values grow where they lie, since they are stored as well."""
    for key, value in [*(values or {}).items()]:
        if values is not None and value is not None and is_person(key):
            values[key] = grown(PROFILE_CHANGELOG.name, value)
    return await _commit(self, records, following, values)


if __name__ == "__main__":
    AIOKafkaProducer.send, Transactor.commit = send, commit  # type: ignore[assignment, method-assign]
    module, *sys.argv[1:] = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
