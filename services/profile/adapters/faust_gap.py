"""The gap guard: a record that does not follow the last applied one is a loss, and stops the worker."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.profile.core.step import Input, Step
from services.runtime.errors import Ended, Status

ACCEPT = "KINDLING_PROFILE_ACCEPT_GAP=true"


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
