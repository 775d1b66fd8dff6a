"""Whether a committed offset still belongs to the log that is there, and so where a partition is read on.

Only offsets are compared. A topic that was made anew and has grown past the committed offset looks like the old one;
Kafka itself forgets a group's offsets with the topic, so that this takes an offset that outlived it.
"""

import logging
from dataclasses import dataclass

from services.runtime import metrics
from services.runtime.errors import Ended, Status

ACCEPT_GAP = "KINDLING_ACCEPT_GAP"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Log:
    """One partition as the broker has it: its first offset, and the one behind its last."""

    topic: str
    partition: int
    beginning: int
    end: int


def start_of(log: Log, committed: int | None, *, accepts_gap: bool, setting: str = ACCEPT_GAP) -> int:
    """The offset to read on at: the committed one where it is still in the log, its beginning where there is none.

    `committed` is behind the last offset that is done, transaction markers with it: who commits behind the last record
    alone would find a gap of markers in a log that retention has emptied. `setting` is what the operator sets once.

    Raises:
        Ended: 76, with what happened and what to do: records were deleted unread, or the log is another one.
    """
    if committed is None:
        return log.beginning
    if log.beginning <= committed <= log.end:
        return committed
    if accepts_gap:
        return log.beginning
    where = f"{log.topic}/{log.partition}"
    if committed < log.beginning:
        what = f"offsets {committed} to {log.beginning - 1} are gone unread (was retention shorter than the downtime?)"
    else:
        what = f"the log ends at {log.end}, before the committed offset {committed}: the topic was made anew or cut off"
    way = f"Start once with {setting}=true to go on at its beginning, offset {log.beginning}"
    raise Ended(Status.GAP, f"{where}: {what}. {way}")


def told_back(stage: str, where: str, before: int, now: int) -> None:
    """Alarm: an offset that this process had committed is behind where it was. What follows was handled once already.

    A reset by the operator looks the same; nothing else may.
    """
    metrics.OFFSETS_BACK.labels(stage).inc()
    log.error("offset_went_back", extra={"stage": stage, "partition": where, "before": before, "now": now})


def told_accepted(stage: str, where: str, before: int, now: int) -> None:
    """Say that records are gone unread, or the log is another one, under a process whose operator accepts that."""
    log.warning("gap_accepted", extra={"stage": stage, "partition": where, "before": before, "now": now})
