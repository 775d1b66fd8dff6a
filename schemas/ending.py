"""How a stage that got a request ends its trigger: the decision, and `not_sent` where no mail comes of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.decision import Decision, Ending, Stage
from schemas.email import Feedback
from schemas.identity import message_id_of, person_tag
from schemas.recommendation import RecommendationRequest


@dataclass(frozen=True, slots=True)
class TriggerEnd:
    """Which stage ended a trigger, how, by which named rule, and when (aware UTC)."""

    stage: Stage
    ending: Ending
    reason: str
    at: datetime


def decision_of(request: RecommendationRequest, end: TriggerEnd, **led: Any) -> Decision:
    """The record of the end, without address or name; `led` are the fields of `Decision` that say what led there.

    Raises:
        ValueError: a field of `led` is not one of `Decision`, or does not fit it.
    """
    fields = {
        "decision_id": request.decision_id,
        "person": request.person,
        "stage": end.stage,
        "ending": end.ending,
        "reason": end.reason,
        "trigger": request.trigger,
        "experiment": request.experiment,
        "arm": request.arm,
        "language": request.language,
        "snapshot": request.snapshot,
        "consent": request.consent,
        "not_before": request.not_before,
        "expires_at": request.expires_at,
        "ended_at": end.at,
        **led,
    }
    return Decision.model_validate(fields, extra="forbid")


def not_sent(request: RecommendationRequest, end: TriggerEnd) -> Feedback:
    """What gives the person's touch and purpose back. Law: one decision has one such id, however often it ends."""
    return Feedback(
        id=f"{request.decision_id}:not_sent",
        word="not_sent",
        message_id=message_id_of(request.decision_id),
        decision_id=request.decision_id,
        person_tag=person_tag(request.person),
        address_key=request.recipient.address_key,
        occurred_at=end.at,
        source=end.stage,
        reason=end.reason,
    )
