"""Whether to ask for one email: named rules, the first that matches wins; its reason is stored and counted.

Profile alone knows consent and caps, so nobody asks again later but for suppressions and expiry.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from msgspec.structs import replace

from services.profile.core.facets.interests import evidence
from services.profile.core.rank import VERIFIED
from services.profile.core.reasons import Count, Reason
from services.profile.core.request import Case, decision_id
from services.profile.core.reserving import is_reserved, reserving
from services.profile.core.rules import DAY_MS
from services.profile.core.send_time import settled
from services.profile.core.times import at
from services.profile.core.trigger import ASKED_BYTES, HELD_BYTES, is_to_wait, unheld, was_in_vain
from services.profile.core.turn import Turn
from services.profile.core.verdict import Verdict, asked, deadline_at, may_go, not_asked, waits

EVIDENCE_DIGITS = 2  # so that the minutes an event was on its way cost it nothing
Rule: TypeAlias = Callable[[Case, int], bool]


def decide_due(turn: Turn, purpose: str, spent: int) -> int:
    """Decide the person's due trigger of a purpose, or let it wait: for a state, or for its mailbox.

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
    if trigger.asked is None and was_in_vain(trigger, awaited_until_ms):
        turn.count(Count.LINK_OVERDUE)
    case = Case(turn.key, person, unheld(trigger), turn.rules, now_ms)
    mailbox = turn.mailbox
    verdict = decide(case, spent, is_held=is_reserved(trigger, mailbox, now_ms))
    if trigger.asked is not None and not verdict.is_reserved_for(trigger.asked.mailbox, mailbox):
        turn.give_back(trigger.asked.mailbox, decision_id(case))
    if verdict.waits is not None and verdict.may_go:
        waiting[purpose], question = reserving(case, replace(verdict.waits, held_ms=trigger.held_ms), mailbox)
        turn.send(question)
        turn.count(*verdict.counts, Count.RESERVING)
        turn.grow(ASKED_BYTES)
        return spent
    turn.conclude(purpose, verdict)
    return spent + (1 if verdict.is_asked else 0)


def decide(case: Case, spent: int, *, is_held: bool) -> Verdict:
    """The verdict on a due trigger; the state gets the touch of a mail. `spent` is the day's count of asks.

    `is_held`: the home of the mailbox has said that the mail may go. Before that nothing is asked for.
    """
    deadline_ms = deadline_at(case)
    if case.now_ms >= deadline_ms:
        return not_asked(case, _late(case, deadline_ms))
    for reason, rule in RULES:
        if rule(case, spent):
            return not_asked(case, reason)
    paused_ms = case.state.choices.paused_until_ms()
    if paused_ms > case.now_ms:
        return waits(case, paused_ms, Reason.PAUSED)
    free_ms = case.state.touches.free_at(case.trigger.purpose, case.now_ms, case.rules.caps, case.rules.memory_ms)
    if free_ms > case.now_ms:
        return waits(case, free_ms, Reason.CAP_REACHED)
    goes = settled(case, deadline_ms)
    if goes.waits:
        return Verdict(None, goes.case.trigger, goes.counts)
    return asked(goes.case, goes.counts) if is_held else may_go(goes.case, goes.counts)


def day_of(now_ms: int) -> str:
    """The UTC day of a budget."""
    return at(now_ms).date().isoformat()


def day_spent(checkpoint: Mapping[str, Any], now_ms: int) -> int:
    """How many mails the partition asked for today, as its checkpoint says."""
    spent = checkpoint.get("spent", {})
    return int(spent["decisions"]) if spent.get("day") == day_of(now_ms) else 0


def _late(case: Case, deadline_ms: int) -> Reason:
    """Why the deadline came first: a pause that lasts beyond it, else a cap; or nobody looked before."""
    if case.trigger.tries == 0:
        return Reason.TOO_OLD
    return Reason.PAUSED if case.state.choices.paused_until_ms() >= deadline_ms else Reason.CAP_REACHED


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
    (Reason.NO_CONSENT, _has_no_consent),
    (Reason.NO_ADDRESS, _has_no_address),
    (Reason.ADDRESS_UNPROVEN, _is_address_unproven),
    (Reason.PURPOSE_TAKEN, _is_purpose_taken),
    (Reason.TOO_LITTLE_EVIDENCE, _has_too_little_evidence),
    (Reason.BUDGET_SPENT, _is_budget_spent),
)
"""In this order; then pause and caps, which wait; then the mailbox, by its own rules (`mailbox.py`); and last the
holdout, so that arms compare like with like."""
