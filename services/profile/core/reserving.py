"""A mail that waits for its mailbox: the home is asked, and what it answers. The home reserves, the person decides.

An answer only marks the trigger: the decision is made at the next look, on the profile of that moment.
"""

from msgspec.structs import replace

from schemas.mailbox import Answer, Reserve, mailbox_of
from schemas.topics import PROFILE_SELF
from services.profile.core.person import Person
from services.profile.core.reasons import Reason
from services.profile.core.request import Case, arm_of, decision_id, with_trigger
from services.profile.core.trigger import ANSWER_MS, Asked, Trigger, unheld
from services.profile.core.verdict import Verdict, not_asked, waits
from services.runtime.outcome import Send


def is_reserved(trigger: Trigger, mailbox: str, now_ms: int) -> bool:
    """True if this mailbox's home has reserved the mail, and that is fresh."""
    asked = trigger.asked
    return asked is not None and asked.is_reserved and asked.mailbox == mailbox and now_ms < asked.time_ms + ANSWER_MS


def reserving(case: Case, waiting: Trigger, mailbox: str) -> tuple[Trigger, Send]:
    """The waiting trigger of the case with what it waits for, and the question.

    What is reserved lasts as long as the mail of a decision that is made at the last moment.
    """
    trigger, playbook = case.trigger, case.rules.playbooks[case.trigger.playbook]
    question = Reserve(
        id=decision_id(case),
        mailbox=mailbox_of(mailbox),
        person=case.person,
        purpose=trigger.purpose,
        playbook=playbook.name,
        consent=playbook.consent,
        is_ghost=arm_of(case) == "holdout",
        asked_ms=case.now_ms,
        until_ms=case.now_ms + ANSWER_MS + 1000 * playbook.expires_after_s,
    )
    return replace(waiting, asked=Asked(case.now_ms, mailbox, is_reserved=False)), Send(PROFILE_SELF, question)


def is_answered_by(case: Case, answer: Answer) -> bool:
    """True if the case's trigger, as it is stored, has asked what this answers."""
    asked = case.trigger.asked
    return asked is not None and mailbox_of(asked.mailbox) == answer.mailbox and decision_id(case) == answer.id


def answered(case: Case, answer: Answer) -> Verdict:
    """What the answer makes of the trigger that waits for it.

    A verdict that only a later version knows is no leave: it is taken for a refusal. Of two answers the last stands:
    whoever asked twice may be refused what was reserved.
    """
    trigger, asked = case.trigger, case.trigger.asked
    if answer.verdict == "reserved" and asked is not None:
        return Verdict(None, replace(trigger, asked=replace(asked, is_reserved=True)), ())
    bare = with_trigger(case, unheld(trigger))
    if answer.verdict == "not_before":
        return waits(bare, answer.not_before_ms, _reason(answer, Reason.CAP_REACHED))
    return not_asked(bare, _reason(answer, Reason.SUPPRESSED))


def is_to_be_returned(person: Person, answer: Answer) -> bool:
    """True if what the answer reserves is of use to nobody: no mail was asked for by it, and none waits for it."""
    return answer.verdict == "reserved" and answer.id not in person.touches.rows


def _reason(answer: Answer, otherwise: Reason) -> Reason:
    try:
        return Reason(answer.reason)
    except ValueError:
        return otherwise
