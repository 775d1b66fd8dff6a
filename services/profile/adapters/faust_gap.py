"""The gap guard: a record that does not follow the last applied one is a loss, and stops the worker."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.profile.adapters.input_logs import BY_SHORT, Logs
from services.profile.core.transition import Input, Transition
from services.runtime.errors import Ended, Status
from services.runtime.log_identity import start_of

SETTING = "KINDLING_PROFILE_ACCEPT_GAP"
ACCEPT = f"{SETTING}=true"
ANEW = "KINDLING_PROFILE_MADE_ANEW"


def within(checkpoint: Mapping[str, Any], logs: Logs, *, is_accepted: bool) -> dict[str, Any]:
    """The checkpoint, each of its offsets within the log that is there; what is not is forgotten where accepted.

    Raises:
        Ended: 76: records were deleted unread, or an input topic was made anew.
    """
    others = {
        topic
        for topic, done in checkpoint.get("offsets", {}).items()
        if topic in logs and start_of(logs[topic], done + 1, accepts_gap=is_accepted, setting=SETTING) != done + 1
    }
    return _without(checkpoint, others)


def to_recognise(checkpoint: Mapping[str, Any], logs: Logs) -> dict[str, int]:
    """The offsets of the last records applied, as far as the logs still hold them; an older checkpoint has none."""
    return {
        topic: row[0]
        for topic, row in checkpoint.get("last", {}).items()
        if topic in logs and logs[topic].beginning <= row[0] < logs[topic].end
    }


def recognised(
    checkpoint: Mapping[str, Any], logs: Logs, standing: Mapping[str, tuple[int, int]], *, is_accepted: bool
) -> dict[str, Any]:
    """The checkpoint, where the records it was made by still stand there; what another log has grown past is forgotten.

    Kafka forgets a group's offsets with the topic, the changelog does not. `standing`: offset and time of what stands
    at the offsets to recognise.

    Raises:
        Ended: 76, where that is not accepted: what the new log holds so far would never be read.
    """
    others = set()
    for topic, offset in to_recognise(checkpoint, logs).items():
        if standing.get(topic) != tuple(checkpoint["last"][topic][:2]):
            others.add(topic)
            if not is_accepted:
                log = logs[topic]
                raise Ended(
                    Status.GAP,
                    f"{log.topic}/{log.partition}: another record than the applied one stands at offset {offset}: the "
                    f"topic was made anew. Start once with {ACCEPT} to go on at its beginning, offset {log.beginning}",
                )
    return _without(checkpoint, others)


def passed(checkpoint: Mapping[str, Any], handed_out: Mapping[str, tuple[int, int] | None]) -> dict[str, Any]:
    """The checkpoint behind markers: of each input, where the last record handed out ended and where reading is.

    Nothing but markers lies between the two; an input counts where that last record is the last one applied.
    """
    offsets: dict[str, int] = checkpoint.get("offsets", {})
    behind = {
        topic: found[1] - 1
        for topic, found in handed_out.items()
        if found is not None and found[0] == offsets.get(topic, -1) + 1 < found[1] and topic in offsets
    }
    return {**checkpoint, "offsets": {**offsets, **behind}} if behind else dict(checkpoint)


def forgetting(checkpoint: Mapping[str, Any], made_anew: frozenset[str]) -> dict[str, Any]:
    """The checkpoint without the coordinates of raw topics that were made anew, whatever their age or stamp."""
    sources: dict[str, Any] = checkpoint.get("sources", {})
    kept = {source: row for source, row in sources.items() if source.rpartition("/")[0] not in made_anew}
    return dict(checkpoint) if kept == sources else {**checkpoint, "sources": kept}


def refuse_strangers(step: Transition, *, is_accepted: bool) -> None:
    """An input or a source whose places begin anew is another log: all of it would be taken for repeats, unsaid.

    Raises:
        Ended: 76, with which and what to do.
    """
    topics = {each: each.rpartition("/")[0] for each in step.strangers}
    sources = sorted({topic for topic in topics.values() if topic not in BY_SHORT})
    ways = [f"{ANEW}={','.join(sources)}"] if sources else []
    if len(sources) < len(set(topics.values())) and not is_accepted:
        ways.append(ACCEPT)
    if ways:
        raise Ended(
            Status.GAP,
            f"{', '.join(step.strangers)}: younger records came at places that were applied already: the topic was "
            f"made anew. Start every worker once with {' and '.join(ways)} to go on with it",
        )


def refuse_gap(inputs: Sequence[tuple[Input, int | None]], checkpoint: Mapping[str, Any], *, is_accepted: bool) -> None:
    """Each input with the offset where the one handed out before it ended; transaction markers make no gap.

    Raises:
        Ended: 76, with what was lost and what to do.
    """
    applied: dict[str, int] = dict(checkpoint.get("offsets", {}))
    for each, ended in inputs:
        last = applied.get(each.topic)
        if not is_accepted and last is not None and ended is not None and ended > last + 1:
            raise Ended(
                Status.GAP,
                f"{each.topic}/{each.partition}: offsets {last + 1} to {ended - 1} are gone (retention was shorter "
                "than the downtime?). Start once with " + ACCEPT + " to go on without them",
            )
        applied[each.topic] = max(each.offset, -1 if last is None else last)


def _without(checkpoint: Mapping[str, Any], topics: set[str]) -> dict[str, Any]:
    """The checkpoint as if nothing of these inputs had been applied."""
    if not topics:
        return dict(checkpoint)
    parts = {
        part: {topic: kept for topic, kept in checkpoint[part].items() if topic not in topics}
        for part in ("offsets", "last")
        if part in checkpoint
    }
    return {**checkpoint, **parts}
