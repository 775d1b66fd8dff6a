"""A past recommendation composed again: the pipeline itself, at the instant of then."""

from dataclasses import replace

from schemas.decision import Decision
from schemas.replay import Case, recommendation_of
from schemas.suppression import Seen
from schemas.topics import DECISIONS, EMAIL_OUTBOUND, RECOMMENDATIONS
from services.composer.core.offer import ATTEMPT
from services.composer.pipeline import World, compose
from services.composer.ports import Model
from services.runtime.clock import now
from services.runtime.outcome import Emit, Message

NO_MAIL = "the outbound record is gone: a placeholder stands for the address, so what is made of it differs"
OTHER_PROGRAM = "the program is another than the one the words were made by"


class NothingSuppressed:
    """What stopped a mail then is in the record; what would stop it now is no matter."""

    def refused_by(self, address_key: str) -> frozenset[str]:
        """Nothing."""
        del address_key
        return frozenset()

    async def up_to_date(self) -> Seen:
        """There is nothing to read."""
        return Seen({}, now())


async def recomposed(case: Case, world: World, model: Model) -> Case:
    """The case with the mail and the record that this model's replies lead to; nothing is sent.

    Raises:
        NotReplayable: the trigger ended before a course was chosen, or the record does not hold the request.
    """
    recommendation = recommendation_of(case)
    decision = case.decision
    then = replace(world, model=model, suppressions=NothingSuppressed(), now=lambda: decision.ended_at)
    message = Message(RECOMMENDATIONS, 0, 0, decision.person.encode(), recommendation, 0)
    outcome = await compose(message, then)
    events = {send.topic.short: send.event for send in outcome.records} if isinstance(outcome, Emit) else {}
    dropped = tuple(each for each in decision.refusals if each.attempt == ATTEMPT)
    others = tuple(each for each in events[DECISIONS.short].refusals if each.attempt != ATTEMPT)
    again: Decision = events[DECISIONS.short]
    notes = [*case.notes]
    if case.mail is None:
        notes.append(NO_MAIL)
    if decision.program not in {None, world.program_hash}:
        notes.append(OTHER_PROGRAM)
    return case.model_copy(
        update={
            "decision": again.model_copy(update={"refusals": (*dropped, *others)}),
            "mail": events.get(EMAIL_OUTBOUND.short),
            "notes": tuple(notes),
        }
    )
