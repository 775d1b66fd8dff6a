"""What one look at a due trigger gives, as values: a mail is asked for, it waits, or none goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from schemas.topics import DECISIONS, RECOMMENDATION_REQUESTS
from services.profile.core.facets.triggers import TOO_OLD_MS
from services.profile.core.reasons import Count, Reason
from services.profile.core.request import Case, arm_of, decision, decision_id, mailbox_key, request, sent
from services.profile.core.touch import ASK, GHOST, Touch
from services.profile.core.trigger import Trigger
from services.runtime.outcome import Send


@dataclass(frozen=True, slots=True)
class Verdict:
    """A record, what waits on, and what of it is counted.

    `may_go`: every rule of the person is met, and the home of the mailbox is to be asked of what waits.
    """

    send: Send | None
    waits: Trigger | None
    counts: tuple[str, ...]
    is_asked: bool = False
    may_go: bool = False

    def is_reserved_for(self, former: str, mailbox: str) -> bool:
        """True if what the home of the former mailbox may have reserved is made use of, or asked for again."""
        return former == mailbox and (self.may_go or Count.ASKED in self.counts or Count.HELD_OUT in self.counts)


def may_go(case: Case, counts: Sequence[Count] = ()) -> Verdict:
    """Nothing of the person stands against the mail."""
    return Verdict(None, case.trigger, tuple(counts), may_go=True)


def asked(case: Case, counts: Sequence[Count] = ()) -> Verdict:
    """A mail is asked for, or the decision of one held out is made; the state gets the touch of either."""
    playbook = case.rules.playbooks[case.trigger.playbook]
    until_ms = case.now_ms + 1000 * playbook.expires_after_s
    is_held_out = arm_of(case) == "holdout"
    if is_held_out:
        send = sent(DECISIONS, decision(case, "held_out", Reason.HOLDOUT), case)
    else:
        send = sent(RECOMMENDATION_REQUESTS, request(case), case)
    touch = Touch(case.now_ms, until_ms, case.trigger.purpose, playbook.name, GHOST if is_held_out else ASK, word="")
    case.state.touches.reserve(decision_id(case), touch, mailbox_key(case.person, case.state), case.rules.memory_ms)
    became = (Count.HELD_OUT, Reason.HOLDOUT) if is_held_out else (Count.ASKED,)
    return Verdict(send, None, (*counts, *became), not is_held_out)


def waits(case: Case, free_ms: int, reason: Reason) -> Verdict:
    """This attempt ends with its record; the next is made at a time, or when the trigger ends undecided."""
    retry_ms = min(free_ms, deadline_at(case))
    later = replace(case.trigger, due_ms=retry_ms, tries=case.trigger.tries + 1)
    record = decision(case, "waiting", reason, retry_ms=retry_ms)
    return Verdict(sent(DECISIONS, record, case), later, (Count.WAITING,))


def deadline_at(case: Case) -> int:
    """When the trigger ends undecided: a day late where it was never looked at, else as its playbook says."""
    playbook = case.rules.playbooks.get(case.trigger.playbook)
    late_ms = case.trigger.due_ms + TOO_OLD_MS
    if playbook is None or case.trigger.tries == 0:
        return late_ms
    return min(late_ms, case.trigger.opened_ms + 1000 * playbook.expires_after_s)


def not_asked(case: Case, reason: Reason) -> Verdict:
    """The trigger ends with its record, and without a mail."""
    return Verdict(sent(DECISIONS, decision(case, "not_asked", reason), case), None, (Count.NOT_ASKED, reason))
