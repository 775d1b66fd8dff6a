"""Faust's events as a step's inputs, and the dead letters of what a step refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.topics import BY_NAME
from services.profile.core.transition import Input, Transition
from services.runtime.kafka_records import Record, to_dead_letter


@dataclass(frozen=True, slots=True)
class Original:
    """A refused input as the broker held it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


def input_of(event: Any) -> Input:
    """What a step takes."""
    message = event.message
    at_ms = round((message.timestamp or 0) * 1000)  # Faust's seconds; the takeover compares the broker's milliseconds
    topic = BY_NAME[message.topic].short
    return Input(topic, message.partition, message.offset, at_ms, message.key, message.value)


def letters_of(step: Transition, events: Sequence[Any]) -> list[Record]:
    """One letter for each refused record, however many of its events are broken: the first says why."""
    if not step.rejects:
        return []
    headers = {(event.message.topic, event.message.offset): event.message.headers for event in events}
    first = {(each.input.topic, each.input.offset): each for each in reversed(step.rejects)}
    letters = []
    for rejected in reversed(first.values()):
        each, topic = rejected.input, f"kindling.{rejected.input.topic}.v1"
        said = headers.get((topic, each.offset)) or ()
        kept = tuple(said.items() if isinstance(said, Mapping) else said)
        original = Original(topic, each.partition, each.offset, each.key, each.raw, kept)
        letters.append(to_dead_letter("profile", original, rejected.reason, rejected.detail))
    return letters
