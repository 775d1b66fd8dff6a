"""When a mail that may go does go: in an hour in which the person reads, and never in quiet hours.

Asked once the caps allow the mail, so that the better hour is one after they do; a trigger moves at most once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from msgspec.structs import replace

from schemas.arms import share
from schemas.program import SendTime as Wish
from schemas.recommendation import SendTimeReason
from services.profile.core.quiet import quiet_until
from services.profile.core.reading_hours import HOUR_MS, ReadingHours
from services.profile.core.reasons import Count
from services.profile.core.request import Case, mailbox_key, with_trigger
from services.profile.core.rules import Zone
from services.profile.core.times import at
from services.profile.core.trigger import SendTime
from services.profile.core.zone import FoundZone, zone_of

WORTH = 1.25  # how many times as good an hour must be, so that no mail waits for a difference that is noise
LEEWAY_MS = 600_000  # before the trigger expires: who is due may be looked at a little late
DIGITS = 3  # of scores, as they are stored


COUNTS: Mapping[SendTimeReason, Count] = MappingProxyType({
    "moved": Count.SEND_TIME_MOVED, "control": Count.SEND_TIME_CONTROL, "no_better": Count.SEND_TIME_NO_BETTER,
    "too_little": Count.SEND_TIME_TOO_LITTLE,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settled:
    """The case with what was found out of its hour, whether it waits for `trigger.due_ms`, and what is counted."""

    case: Case
    waits: bool
    counts: tuple[Count, ...]


def settled(case: Case, deadline_ms: int) -> Settled:
    """Whether the mail goes now: it waits for its hour, or else for the end of quiet hours, `deadline_ms` at most."""
    zone = zone_of(case.state.traits.said_zone(), case.rules)
    quiet = _quiet_hours(case, zone)
    counts: tuple[Count, ...] = ()
    playbook, trigger = case.rules.playbooks[case.trigger.playbook], case.trigger
    if playbook.send_time is not None and trigger.send_time is None:
        last_ms = min(
            trigger.due_ms + HOUR_MS * playbook.send_time.within_hours,
            trigger.opened_ms + 1000 * playbook.expires_after_s - LEEWAY_MS,
        )
        found = _found(case, playbook.send_time, zone, quiet, last_ms)
        counts, trigger = (COUNTS[found.reason],), replace(trigger, send_time=found)
        if found.reason == "moved" and found.best_ms is not None:
            return Settled(with_trigger(case, replace(trigger, due_ms=found.best_ms)), waits=True, counts=counts)
    quiet_ms = quiet_until(quiet, case.now_ms)
    if quiet_ms > case.now_ms:
        later = replace(trigger, due_ms=min(quiet_ms, deadline_ms))
        return Settled(with_trigger(case, later), waits=True, counts=(*counts, Count.QUIET_HOURS))
    return Settled(with_trigger(case, trigger), waits=False, counts=counts)


def _found(case: Case, wish: Wish, zone: FoundZone, quiet: Zone | None, last_ms: int) -> SendTime:
    """What was found out of the trigger's hour, until `last_ms`."""
    hours = ReadingHours(case.state.engagement.hours, wish.usual_hours, wish.minimum_evidence)

    def score(time_ms: int) -> float:
        return hours.score(time_ms, None if zone.zone is None else at(time_ms).astimezone(zone.zone))

    first_ms = quiet_until(quiet, case.now_ms)
    found = SendTime(
        "too_little", case.trigger.due_ms, round(hours.evidence, DIGITS), round(score(first_ms), DIGITS), zone.source,
        zone.name, wish.experiment,
    )  # fmt: skip
    if hours.evidence < wish.minimum_evidence:
        return found
    best_ms = max(_candidates(case, first_ms, last_ms, quiet), key=lambda each: (score(each), -each), default=first_ms)
    best = score(best_ms)
    if best <= score(first_ms) or best < WORTH * score(first_ms):
        return replace(found, reason="no_better")
    reason = "moved" if _is_moved(case, wish) else "control"
    return replace(found, reason=reason, best_ms=best_ms, score_best=round(best, DIGITS))


def _candidates(case: Case, first_ms: int, last_ms: int, quiet: Zone | None) -> Iterator[int]:
    """An instant in each hour, the same minute of all of them; another of each trigger, so that not all go at once."""
    minute_ms = int(share(f"minute {case.trigger.event}", case.person) * HOUR_MS)
    for hour_ms in range(first_ms // HOUR_MS * HOUR_MS, last_ms + 1, HOUR_MS):
        if first_ms < (time_ms := hour_ms + minute_ms) <= last_ms and quiet_until(quiet, time_ms) == time_ms:
            yield time_ms


def _is_moved(case: Case, wish: Wish) -> bool:
    """True for the drawn share of mailboxes; who has none is drawn by who they are."""
    return share(wish.experiment, mailbox_key(case.person, case.state) or case.person) < wish.share


def _quiet_hours(case: Case, zone: FoundZone) -> Zone | None:
    """The brand's quiet hours by the person's clock."""
    quiet = case.rules.quiet_hours
    return quiet if quiet is None or zone.zone is None else Zone(zone.zone, quiet.start, quiet.end, quiet.name)
