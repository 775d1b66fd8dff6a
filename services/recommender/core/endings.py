"""The records a request leads to: a recommendation, or the decision that ends it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import get_args

from schemas.decision import Decision, Ending, Stage
from schemas.ending import TriggerEnd, decision_of
from schemas.recommendation import MOST_SPARES, Arm, Recommendation, RecommendationRequest, Shadow
from services.recommender.core.choice.digest import digest
from services.recommender.core.choice.selection import NoPick, Picked
from services.recommender.core.values import Shortlist, Understanding

ARMS = frozenset(get_args(Arm))
STAGE: Stage = "recommender"


class Reason(StrEnum):
    """Why a request led to no recommendation."""

    EXPIRED = "expired"
    HOLDOUT = "holdout"
    UNKNOWN_ARM = "unknown_arm"
    NO_CANDIDATE = "no_candidate"
    NOTHING_FITS = "nothing_fits"


ENDINGS: Mapping[Reason, Ending] = {
    Reason.EXPIRED: "expired",
    Reason.HOLDOUT: "held_out",
    Reason.UNKNOWN_ARM: "held_out",
    Reason.NO_CANDIDATE: "refused",
    Reason.NOTHING_FITS: "refused",
}


def early_end(request: RecommendationRequest, now: datetime) -> Reason | None:
    """Why nothing is to be thought about at all, if so."""
    if request.expires_at <= now:
        return Reason.EXPIRED
    if request.arm == "holdout":
        return Reason.HOLDOUT
    return None if request.arm in ARMS else Reason.UNKNOWN_ARM


def recommendation(  # noqa: PLR0913 the parts of one record
    request: RecommendationRequest,
    understood: Understanding,
    found: Shortlist,
    picked: Picked,
    *,
    generation: str,
    catalogue: str,
    shadow: Shadow | None,
    left_out: tuple[str, ...],
    courses: int,
    now: datetime,
    timings_s: Mapping[str, float],
) -> Recommendation:
    """What the composer gets: the request, all that led to the pick, what a mail of so many courses shows, spares."""
    course, *fitting = digest(found, picked.courses, picked.unfit, max(courses, 1 + MOST_SPARES))
    also, spares = fitting[: courses - 1], fitting[courses - 1 :]
    return Recommendation(
        request=request,
        company=understood.company,
        job=understood.job,
        imagined=understood.imagined,
        candidates=found.candidates,
        pick=picked.pick,
        course=course,
        also=tuple(also),
        spares=tuple(spares),
        rungs={**understood.rungs, "retrieve": found.rung, "pick": picked.rung},
        asked=(*understood.asked, *picked.asked),
        generation=generation,
        catalogue=catalogue,
        shadow=shadow,
        left_out=left_out,
        created_at=now,
        timings_s=dict(timings_s),
    )


def end_of(reason: Reason, now: datetime) -> TriggerEnd:
    """The end of a request that leads to no recommendation."""
    return TriggerEnd(STAGE, ENDINGS[reason], reason.value, now)


def unpicked(  # noqa: PLR0913 the parts of one record
    request: RecommendationRequest,
    understood: Understanding,
    found: Shortlist,
    none: NoPick,
    end: TriggerEnd,
    *,
    left_out: tuple[str, ...],
) -> Decision:
    """The record of a request that ends without a course: what was understood, what was found, and who said no."""
    return decision_of(
        request,
        end,
        company=understood.company,
        job=understood.job,
        imagined=understood.imagined,
        candidates=found.candidates,
        rungs={**understood.rungs, "retrieve": found.rung, **none.rungs},
        asked=(*understood.asked, *none.asked),
        refusals=none.refusals,
        left_out=left_out,
    )
