"""What the broker holds of the inputs when partitions are taken over: where each log begins and ends, and a record."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import TopicPartition

from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.runtime.kafka_clients import POLL_MS
from services.runtime.log_identity import Log

INPUTS = (EVENTS_CLEAN, PROFILE_SELF)
BY_SHORT = {each.short: each for each in INPUTS}
Logs = dict[str, Log]  # by the topic's short name


async def logs_of(reader: Any, numbers: Iterable[int]) -> dict[int, Logs]:
    """The inputs' logs of each partition. Two questions for all: each waits for the reader's fetch in flight."""
    places = {number: {each.short: TopicPartition(each.name, number) for each in INPUTS} for number in numbers}
    every = [place for of in places.values() for place in of.values()]
    begins, ends = await reader.beginning_offsets(every), await reader.end_offsets(every)
    return {
        number: {short: Log(place.topic, number, begins[place], ends[place]) for short, place in of.items()}
        for number, of in places.items()
    }


async def records_at(reader: Any, wanted: Mapping[int, Mapping[str, int]]) -> dict[int, dict[str, tuple[int, int]]]:
    """Offset and time of the first record at or behind each offset, by partition and topic; none where there is none.

    `wanted` lies within the logs. The reader's assignment is another one afterwards.
    """
    places = {
        TopicPartition(BY_SHORT[short].name, number): (number, short) for number, of in wanted.items() for short in of
    }
    found: dict[int, dict[str, tuple[int, int]]] = {number: {} for number in wanted}
    reader.assign(list(places))
    for place, (number, short) in places.items():
        reader.seek(place, wanted[number][short])
    ends = await reader.end_offsets(list(places))
    waiting = set(places)
    while waiting := {each for each in waiting if await reader.position(each) < ends[each]}:
        for place, (record,) in (await reader.getmany(*waiting, timeout_ms=POLL_MS, max_records=1)).items():
            number, short = places[place]
            found[number][short] = (record.offset, record.timestamp)
            reader.pause(place)
            waiting.discard(place)
    return found
