"""The gap guard: a record that does not follow the last applied one is a loss, and stops the worker."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.profile.adapters.input_logs import Logs
from services.profile.core.step import Input, Step
from services.runtime.errors import Ended, Status
from services.runtime.log_identity import start_of

SETTING = "KINDLING_PROFILE_ACCEPT_GAP"
ACCEPT = f"{SETTING}=true"


def within(position: Mapping[str, Any], logs: Logs, *, is_accepted: bool) -> dict[str, Any]:
    """The position, each of its offsets within the log that is there; what is not is forgotten where accepted.

    Raises:
        Ended: 76: records were deleted unread, or an input topic was made anew.
    """
    offsets: dict[str, int] = position.get("offsets", {})
    kept = {
        topic: done
        for topic, done in offsets.items()
        if start_of(logs[topic], done + 1, accepts_gap=is_accepted, setting=SETTING) == done + 1
    }
    return dict(position) if kept == offsets else {**position, "offsets": kept}


def passed(position: Mapping[str, Any], handed_out: Mapping[str, tuple[int, int] | None]) -> dict[str, Any]:
    """The position behind markers: of each input, where the last record handed out ended and where reading is.

    Nothing but markers lies between the two; an input counts where that last record is the last one applied.
    """
    offsets: dict[str, int] = position.get("offsets", {})
    behind = {
        topic: found[1] - 1
        for topic, found in handed_out.items()
        if found is not None and found[0] == offsets.get(topic, -1) + 1 < found[1] and topic in offsets
    }
    return {**position, "offsets": {**offsets, **behind}} if behind else dict(position)


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
