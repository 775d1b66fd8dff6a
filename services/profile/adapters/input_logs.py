"""What the broker holds of the inputs when partitions are taken over: where each log begins and ends."""

from collections.abc import Iterable
from typing import Any

from aiokafka import TopicPartition

from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.runtime.log_identity import Log

INPUTS = (EVENTS_CLEAN, PROFILE_SELF)
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
