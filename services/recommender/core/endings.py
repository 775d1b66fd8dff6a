"""The records a request leads to: a recommendation, or the decision that ends it, each with the topic it is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias, get_args

from schemas.decision import Ending, Stage
from schemas.ending import TriggerEnd, decision_of, not_sent
from schemas.recommendation import Arm, Recommendation, RecommendationRequest, Shadow
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, RECOMMENDATIONS, Topic
from services.recommender.core.person import Person
from services.recommender.core.values import Found, NoneFits, Picked, Understanding

ARMS = frozenset(get_args(Arm))
STAGE: Stage = "recommender"
SECONDS_DIGITS = 4
Records: TypeAlias = tuple[tuple[Topic, Any], ...]


class Reason(StrEnum):
    """Why a request led to no recommendation."""

    EXPIRED = "expired"
    HOLDOUT = "holdout"
    UNKNOWN_ARM = "unknown_arm"
    NO_CANDIDATE = "no_candidate"
    NOTHING_FITS = "nothing_fits"
    ADDRESS_NAMED = "address_named"
    ADDRESS_AUTOMATIC = "address_automatic"
    ADDRESS_DUTY = "address_duty"
    ADDRESS_SHARED = "address_shared"
    ADDRESS_DISPOSABLE = "address_disposable"
    ADDRESS_OWN = "address_own"


ENDINGS: Mapping[Reason, Ending] = {
    Reason.EXPIRED: "expired",
    Reason.HOLDOUT: "held_out",
    Reason.UNKNOWN_ARM: "held_out",
    Reason.NO_CANDIDATE: "refused",
    Reason.NOTHING_FITS: "refused",
    **{reason: "refused" for reason in Reason if reason.startswith("address_")},
}


@dataclass(frozen=True, slots=True)
class Made:
    """By which index generation and catalogue a decision was made, when (aware UTC), and the seconds of each stage."""

    generation: str
    catalogue: str
    at: datetime
    timings_s: Mapping[str, float]


def early_end(request: RecommendationRequest, now: datetime, address: str | None) -> Records | None:
    """What ends a request about which nothing is to be thought at all; None for all others.

    `address` is the kind for which its address gets no mail (`AddressRules.refused`).
    """
    if request.expires_at <= now:
        reason = Reason.EXPIRED
    elif request.arm == "holdout":
        reason = Reason.HOLDOUT
    elif request.arm not in ARMS:
        reason = Reason.UNKNOWN_ARM
    elif address is not None:
        reason = Reason(f"address_{address}")
    else:
        return None
    return _ended(request, reason, now)


def records_of(  # noqa: PLR0913, PLR0917 the parts of one record
    request: RecommendationRequest,
    person: Person,
    understood: Understanding,
    found: Found,
    picked: Picked | NoneFits,
    made: Made,
) -> Records:
    """What the composer gets: the request, all that led to the pick, and what the mail shows; or the end without one.

    The end has what was understood, what was found, and who said no.
    """
    led: dict[str, Any] = {
        "company": understood.company,
        "job": understood.job,
        "imagined": understood.imagined,
        "candidates": found.chosen.candidates,
        "asked": (*understood.asked, *picked.asked),
        "rungs": {**understood.rungs, "retrieve": found.chosen.rung} | ({"pick": picked.rung} if picked.rung else {}),
        "left_out": person.left_out,
    }
    if isinstance(picked, NoneFits):
        reason = Reason.NOTHING_FITS if picked.is_any else Reason.NO_CANDIDATE
        return _ended(request, reason, made.at, **led, refusals=picked.refusals)
    course, *also = picked.shown
    event = Recommendation(
        request=request,
        pick=picked.pick,
        course=course,
        also=tuple(also),
        spares=picked.spares,
        generation=made.generation,
        catalogue=made.catalogue,
        shadow=shadow_of(found, picked),
        created_at=made.at,
        timings_s={stage: round(seconds, SECONDS_DIGITS) for stage, seconds in made.timings_s.items()},
        **led,
    )
    return ((RECOMMENDATIONS, event),)


def _ended(request: RecommendationRequest, reason: Reason, now: datetime, **led: Any) -> Records:
    end = TriggerEnd(STAGE, ENDINGS[reason], reason.value, now)
    return ((DECISIONS, decision_of(request, end, **led)), (EMAIL_FEEDBACK, not_sent(request, end)))


def shadow_of(found: Found, picked: Picked) -> Shadow | None:
    """What would have been picked of the candidates no model had a part in; None where there is none."""
    alone = found.alone
    if not alone.candidates:
        return None
    course = alone.courses[alone.base]
    shared = len(alone.courses.keys() & found.chosen.courses.keys())
    return Shadow(course_id=course.id, title=course.title, agrees=course.id == picked.base, shared=shared)
