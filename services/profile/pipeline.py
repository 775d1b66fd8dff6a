"""The profile on one screen: records in, one step out; and a due trigger, decided. Pure and synchronous."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.profile.core.arrivals import arrivals
from services.profile.core.decide import day_of, day_spent, decide_due
from services.profile.core.fold import fold
from services.profile.core.mailbox import Mailbox
from services.profile.core.packs import held
from services.profile.core.person import Person, decode, encode
from services.profile.core.rules import Rules, compiled
from services.profile.core.timers import dues, is_due
from services.profile.core.transition import Input, Read, Rejected, Transition
from services.profile.core.turn import Turn
from services.profile.core.turns import Turns

__all__ = [
    "Input",
    "Read",
    "Rejected",
    "Rules",
    "Transition",
    "advance",
    "compiled",
    "decode",
    "dues",
    "encode",
    "fire",
]


def advance(
    inputs: Sequence[Input], checkpoint: Mapping[str, Any], read: Read, rules: Rules, now_ms: int
) -> Transition:
    """What the records lead to. An input at or below its offset is skipped whole; any bytes give a step.

    What cannot be read is rejected: of a pack each bad event, of which its dead letter holds the whole.

    Law: one call over many records equals one call after another over each, in values, checkpoint, counts, and in the
    sends of each person in their order. The order of sends of different persons is free.
    """
    came = arrivals(checkpoint, rules)
    for each in inputs:
        if came.passes_to(each):
            came.gather(each, held(each.topic, each.raw))
    turns = Turns(came, now_ms)
    for key, arrived in came.by_person.items():
        turn = Turn(turns, key, read.person(key) or Person())
        for each_of_them in arrived:
            fold(turn, each_of_them)
        turn.end()
    for key, told in came.by_mailbox.items():
        turns.at_home(key, read.home(key) or Mailbox(), told)
    return turns.transition()


def fire(person: str, value: Person, checkpoint: Mapping[str, Any], rules: Rules, now_ms: int) -> Transition | None:
    """What a person's due triggers and mails that had their time lead to, or None where none is due; the state decides.

    `checkpoint` holds the day's count of asks, which the step's checkpoint continues.
    Law: firing the state it gives, at the same `now`, gives None.
    """
    if not is_due(value, now_ms):
        return None
    turns = Turns(arrivals(checkpoint, rules), now_ms)
    turn = Turn(turns, person, value)
    due = value.triggers.due(value.identity.awaited_until_ms(), now_ms)
    turn.end_mails()
    spent = day_spent(checkpoint, now_ms)
    for purpose in due:
        spent = decide_due(turn, purpose, spent)
    turn.end()
    turns.came.rest["spent"] = {"day": day_of(now_ms), "decisions": spent}
    return turns.transition()
