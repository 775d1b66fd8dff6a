"""The gap guard: a record that does not follow the last applied one is a loss, and stops the worker."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.profile.core.step import Input, Step
from services.runtime.errors import Ended, Status

ACCEPT = "KINDLING_PROFILE_ACCEPT_GAP=true"


def within(position: Mapping[str, Any], ends: Mapping[str, int], number: int, *, is_accepted: bool) -> dict[str, Any]:
    """The position, each of its offsets within the log that is there; what lies beyond is forgotten where accepted.

    Raises:
        Ended: 76: an input topic was made anew, and its records would be taken for repeats without a word.
    """
    offsets: dict[str, int] = dict(position.get("offsets", {}))
    beyond = {topic: last for topic, last in offsets.items() if last >= ends.get(topic, last + 1)}
    if beyond and not is_accepted:
        told = ", ".join(
            f"{topic}/{number} ends at {ends[topic]}, {last} was applied" for topic, last in beyond.items()
        )
        raise Ended(Status.GAP, f"{told}: the topic was made anew. Start once with {ACCEPT} to go on with it")
    return {**position, "offsets": {topic: last for topic, last in offsets.items() if topic not in beyond}}


def refuse_strangers(step: Step, *, is_accepted: bool) -> None:
    """A source whose places begin anew is another log: its events would be taken for repeats, without a word.

    Raises:
        Ended: 76, with which and what to do.
    """
    if step.strangers and not is_accepted:
        raise Ended(
            Status.GAP,
            f"{', '.join(step.strangers)}: younger records came at places that were applied already: the topic was "
            f"made anew. Start once with {ACCEPT} to go on with it",
        )


def refuse_gap(inputs: Sequence[tuple[Input, int | None]], position: Mapping[str, Any], *, is_accepted: bool) -> None:
    """Each input with the offset where the one handed out before it ended; transaction markers make no gap.

    Raises:
        Ended: 76, with what was lost and what to do.
    """
    applied: dict[str, int] = dict(position.get("offsets", {}))
    for each, ended in inputs:
        last = applied.get(each.topic)
        if not is_accepted and last is not None and ended is not None and ended > last + 1:
            raise Ended(
                Status.GAP,
                f"{each.topic}/{each.partition}: offsets {last + 1} to {ended - 1} are gone (retention was shorter "
                "than the downtime?). Start once with " + ACCEPT + " to go on without them",
            )
        applied[each.topic] = max(each.offset, -1 if last is None else last)
