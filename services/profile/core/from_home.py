"""What the home of a mailbox says to a person: its answer, and what another who uses the mailbox refuses."""

from schemas.mailbox import Answer, Heard
from services.profile.core.facets.consents import REFUSAL_BYTES
from services.profile.core.reasons import Count
from services.profile.core.refusals import refuse
from services.profile.core.request import Case
from services.profile.core.reserving import answered, is_answered_by, is_to_be_returned
from services.profile.core.turn import Turn


def take_answer(turn: Turn, answer: Answer) -> None:
    """Mark the trigger that waits for the answer, or end it. What is reserved for nobody is given back."""
    by_purpose = turn.person.triggers.by_purpose
    trigger = by_purpose.get(answer.purpose)
    case = None if trigger is None else Case(turn.key, turn.person, trigger, turn.rules, turn.now_ms)
    if case is None or not is_answered_by(case, answer):
        turn.count(Count.ANSWER_LATE)
        if is_to_be_returned(turn.person, answer):
            turn.give_back(answer.mailbox[2:], answer.id)
        return
    del by_purpose[answer.purpose]
    turn.conclude(answer.purpose, answered(case, answer))


def hear(turn: Turn, heard: Heard) -> None:
    """Take over what is refused, or lifted, of the mailbox that the person uses; whoever left it does not."""
    if turn.mailbox != heard.mailbox[2:] or turn.person.identity.forward is not None:
        return
    turn.count(Count.HEARD_HOME)
    if turn.person.identity.erased is not None:
        return
    if heard.word == "erased":
        turn.forget(heard.id, heard.time_ms)
        return
    refuse(turn.person.consents.refusals, heard.word, heard.purposes, heard.time_ms)
    turn.grow(REFUSAL_BYTES * max(1, len(heard.purposes)))
