"""The records a request leads to: a recommendation, or the decision that ends it with `not_sent`."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from schemas.decision import Decision
from schemas.email import Feedback
from schemas.identity import message_id_of, person_tag
from schemas.recommendation import Recommendation, RecommendationRequest
from services.recommender.core.picking import Picked
from services.recommender.core.values import Shortlist, Understanding

STAGE = "recommender"


class Reason(StrEnum):
    """Why a request led to no recommendation."""

    EXPIRED = "expired"
    HOLDOUT = "holdout"
    NO_CANDIDATE = "no_candidate"


ENDINGS: Mapping[Reason, str] = {Reason.EXPIRED: "expired", Reason.HOLDOUT: "held_out", Reason.NO_CANDIDATE: "refused"}


def early_end(request: RecommendationRequest, now: datetime) -> Reason | None:
    """Why nothing is to be thought about at all, if so."""
    if request.expires_at <= now:
        return Reason.EXPIRED
    return Reason.HOLDOUT if request.arm == "holdout" else None


def recommendation(  # noqa: PLR0913 the parts of one record
    request: RecommendationRequest,
    understood: Understanding,
    found: Shortlist,
    picked: Picked,
    *,
    generation: str,
    now: datetime,
    timings_s: Mapping[str, float],
) -> Recommendation:
    """What the composer gets: the request and all that led to the pick."""
    return Recommendation(
        request=request,
        job=understood.job,
        imagined=understood.imagined,
        candidates=found.candidates,
        pick=picked.pick,
        course=found.courses[picked.pick.course_id],
        rungs={**understood.rungs, "retrieve": found.rung, "pick": picked.rung},
        asked=(*understood.asked, *picked.asked),
        generation=generation,
        created_at=now,
        timings_s=dict(timings_s),
    )


def decision(
    request: RecommendationRequest, reason: Reason, now: datetime, understood: Understanding | None = None
) -> Decision:
    """The record of a request that ends here; without address or name."""
    return Decision.model_validate(
        {
            "decision_id": request.decision_id,
            "person": request.person,
            "stage": STAGE,
            "ending": ENDINGS[reason],
            "reason": reason.value,
            "trigger": request.trigger,
            "experiment": request.experiment,
            "arm": request.arm,
            "language": request.language,
            "snapshot": request.snapshot,
            "job": understood.job if understood else None,
            "imagined": understood.imagined if understood else None,
            "rungs": dict(understood.rungs) if understood else {},
            "asked": understood.asked if understood else (),
            "ended_at": now,
        }
    )


def not_sent(request: RecommendationRequest, reason: Reason, now: datetime) -> Feedback:
    """What gives the person's touch and purpose back; the same however often it is decided."""
    return Feedback(
        id=f"{request.decision_id}:not_sent",
        word="not_sent",
        message_id=message_id_of(request.decision_id),
        decision_id=request.decision_id,
        person_tag=person_tag(request.person),
        address_key=request.recipient.address_key,
        occurred_at=now,
        source=STAGE,
        reason=reason.value,
    )
