"""Whether to ask for one email: named rules, the first that matches wins; its reason is stored and counted.

Profile alone knows consent and caps, so nobody asks again later but for suppressions and expiry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from msgspec.structs import replace

from schemas.topics import DECISIONS, RECOMMENDATION_REQUESTS
from services.profile.core.arms import arm
from services.profile.core.facets.interests import evidence
from services.profile.core.facets.touches import Touch
from services.profile.core.facets.triggers import TOO_OLD_MS
from services.profile.core.rank import VERIFIED
from services.profile.core.reasons import Count, Reason
from services.profile.core.request import Case, decision, decision_id, request, sent
from services.profile.core.rules import DAY_MS
from services.profile.core.send_time import settled
from services.profile.core.times import at
from services.profile.core.trigger import HELD_BYTES, Trigger, is_to_wait, unheld, was_in_vain
from services.profile.core.turn import Turn
from services.runtime.outcome import Send

TOUCH_BYTES = 900  # bound of one row of touches
EVIDENCE_DIGITS = 2  # so that the minutes an event was on its way cost it nothing
Rule: TypeAlias = Callable[[Case, int], bool]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one look at a due trigger gives: a record, what waits on, and what of it is counted."""

    send: Send | None
    waits: Trigger | None
    counts: tuple[str, ...]
    is_asked: bool = False


def decide_due(turn: Turn, purpose: str, spent: int) -> int:
    """Decide the person's due trigger of a purpose, or let it wait for a state that is on its way.

    Gives the day's count of asks after it.
    """
    person, now_ms = turn.person, turn.now_ms
    waiting, awaited_until_ms = person.triggers.by_purpose, person.identity.awaited_until_ms()
    trigger = waiting.pop(purpose)
    if is_to_wait(trigger, awaited_until_ms, now_ms):
        waiting[purpose] = replace(trigger, held_ms=now_ms)
        turn.count(Count.LINK_AWAITED)
        turn.grow(HELD_BYTES)
        return spent
    if was_in_vain(trigger, awaited_until_ms):
        turn.count(Count.LINK_OVERDUE)
    verdict = decide(Case(turn.key, person, unheld(trigger), turn.rules, now_ms), spent)
    turn.count(*verdict.counts)
    if verdict.waits is not None:
        waiting[purpose] = verdict.waits
    turn.grow(TOUCH_BYTES)
    if verdict.send is not None:
        turn.send(verdict.send)
    return spent + (1 if verdict.is_asked else 0)


def decide(case: Case, spent: int) -> Verdict:
    """The verdict on a due trigger; the state gets the touch it reserves. `spent` is the day's count of asks."""
    deadline_ms = _deadline_ms(case)
    if case.now_ms >= deadline_ms:
        return _not_asked(case, _late(case, deadline_ms))
    for reason, rule in RULES:
        if rule(case, spent):
            return _not_asked(case, reason)
    paused_ms = case.state.choices.paused_until_ms()
    if paused_ms > case.now_ms:
        return _waits(case, min(paused_ms, deadline_ms), Reason.PAUSED)
    free_ms = case.state.touches.free_at(case.now_ms, case.rules.caps, case.rules.memory_ms)
    if free_ms > case.now_ms:
        return _waits(case, min(free_ms, deadline_ms), Reason.CAP_REACHED)
    goes = settled(case, deadline_ms)
    if goes.waits:
        return Verdict(None, goes.case.trigger, goes.counts)
    return _asked(goes.case, goes.counts)


def day_of(now_ms: int) -> str:
    """The UTC day of a budget."""
    return at(now_ms).date().isoformat()


def day_spent(checkpoint: Mapping[str, Any], now_ms: int) -> int:
    """How many mails the partition asked for today, as its checkpoint says."""
    spent = checkpoint.get("spent", {})
    return int(spent["decisions"]) if spent.get("day") == day_of(now_ms) else 0


def _deadline_ms(case: Case) -> int:
    """When the trigger ends undecided: a day late where it was never looked at, else as its playbook says."""
    playbook = case.rules.playbooks.get(case.trigger.playbook)
    late_ms = case.trigger.due_ms + TOO_OLD_MS
    if playbook is None or case.trigger.tries == 0:
        return late_ms
    return min(late_ms, case.trigger.opened_ms + 1000 * playbook.expires_after_s)


def _late(case: Case, deadline_ms: int) -> Reason:
    """Why the deadline came first: a pause that lasts beyond it, else a cap; or nobody looked before."""
    if case.trigger.tries == 0:
        return Reason.TOO_OLD
    return Reason.PAUSED if case.state.choices.paused_until_ms() >= deadline_ms else Reason.CAP_REACHED


def _asked(case: Case, counts: tuple[Count, ...]) -> Verdict:
    playbook = case.rules.playbooks[case.trigger.playbook]
    until_ms = case.now_ms + 1000 * playbook.expires_after_s
    is_held_out = arm(playbook.experiment, case.person) == "holdout"
    if is_held_out:
        send = sent(DECISIONS, decision(case, "held_out", Reason.HOLDOUT), case)
    else:
        send = sent(RECOMMENDATION_REQUESTS, request(case), case)
    kind = "ghost" if is_held_out else "ask"
    touch = Touch(case.now_ms, until_ms, case.trigger.purpose, playbook.name, kind, word="")
    case.state.touches.reserve(decision_id(case), touch, case.rules.memory_ms)
    became = (Count.HELD_OUT, Reason.HOLDOUT) if is_held_out else (Count.ASKED,)
    return Verdict(send, None, (*counts, *became), not is_held_out)


def _waits(case: Case, retry_ms: int, reason: Reason) -> Verdict:
    later = replace(case.trigger, due_ms=retry_ms, tries=case.trigger.tries + 1)
    record = decision(case, "waiting", reason, retry_ms=retry_ms)
    return Verdict(sent(DECISIONS, record, case), later, (Count.WAITING,))


def _not_asked(case: Case, reason: Reason) -> Verdict:
    return Verdict(sent(DECISIONS, decision(case, "not_asked", reason), case), None, (Count.NOT_ASKED, reason))


def _is_playbook_gone(case: Case, _spent: int) -> bool:
    return case.trigger.playbook not in case.rules.playbooks


def _is_erased(case: Case, _spent: int) -> bool:
    return case.state.identity.erased is not None


def _is_shared(case: Case, _spent: int) -> bool:
    return case.state.sharing.is_shared


def _is_suppressed(case: Case, _spent: int) -> bool:
    address = case.state.traits.address
    said_ms = 0 if address is None else address.time_ms
    return case.state.consents.is_suppressed(case.rules.playbooks[case.trigger.playbook].consent, said_ms)


def _is_bouncing(case: Case, _spent: int) -> bool:
    return case.state.bounces.is_paused(case.now_ms)


def _has_no_consent(case: Case, _spent: int) -> bool:
    address = case.state.traits.address
    key = None if address is None else address.key
    return not case.state.consents.permits(case.rules.playbooks[case.trigger.playbook].consent, key)


def _has_no_address(case: Case, _spent: int) -> bool:
    return case.state.traits.address is None


def _is_address_unproven(case: Case, _spent: int) -> bool:
    """Only servers prove conversions, and what they proved goes to no address that only a browser gave."""
    address = case.state.traits.address
    return address is not None and address.rank < VERIFIED


def _is_purpose_taken(case: Case, _spent: int) -> bool:
    days = case.rules.playbooks[case.trigger.playbook].purpose_days
    return case.state.touches.is_taken(case.trigger.purpose, case.now_ms, days * DAY_MS)


def _has_too_little_evidence(case: Case, _spent: int) -> bool:
    least = case.rules.playbooks[case.trigger.playbook].minimum_evidence
    state = case.state
    as_of_opening = state.interests.weights(case.trigger.opened_ms, state.newest_ms, case.rules.half_life_ms)
    return round(evidence(as_of_opening), EVIDENCE_DIGITS) < least


def _is_budget_spent(case: Case, spent: int) -> bool:
    return spent >= case.rules.decisions_per_day


RULES: tuple[tuple[Reason, Rule], ...] = (
    (Reason.ERASED, _is_erased),
    (Reason.SHARED_ID, _is_shared),
    (Reason.PLAYBOOK_GONE, _is_playbook_gone),
    (Reason.SUPPRESSED, _is_suppressed),
    (Reason.BOUNCING, _is_bouncing),
    (Reason.NO_CONSENT, _has_no_consent),
    (Reason.NO_ADDRESS, _has_no_address),
    (Reason.ADDRESS_UNPROVEN, _is_address_unproven),
    (Reason.PURPOSE_TAKEN, _is_purpose_taken),
    (Reason.TOO_LITTLE_EVIDENCE, _has_too_little_evidence),
    (Reason.BUDGET_SPENT, _is_budget_spent),
)
"""In this order; then pause and caps, which wait, and last the holdout, so that arms compare like with like."""
