"""The last moment: what an address refuses, and whether this trigger may still become a mail."""

from datetime import datetime

from schemas.email import Suppression
from schemas.recommendation import Asked, RecommendationRequest
from schemas.signing import is_signed
from services.composer.core.values import Reason

EVERY_PURPOSE = "*"


def stopped(request: RecommendationRequest, refused: frozenset[str], now: datetime) -> Reason | None:
    """Why no mail may go, if so. `refused` are the purposes this address refuses."""
    if now >= request.expires_at:
        return Reason.EXPIRED
    return Reason.SUPPRESSED if refused & {request.consent.purpose, EVERY_PURPOSE} else None


def fold(refused: frozenset[str], suppression: Suppression, key: bytes) -> frozenset[str]:
    """The purposes refused after this record. Law: it only tightens, save by a lift with our signature; idempotent."""
    purposes = frozenset(suppression.purposes)
    if suppression.state == "suppressed":
        return refused | purposes
    signed = suppression.model_dump(mode="json", exclude={"signature"})
    if suppression.signature is None or not is_signed(key, signed, suppression.signature):
        return refused
    return frozenset() if EVERY_PURPOSE in purposes else refused - purposes


def patience_left_s(patience_s: float, asked: tuple[Asked, ...]) -> float:
    """Seconds that the earlier questions of this decision left, 0 or more."""
    return max(0.0, patience_s - sum(each.duration_s for each in asked))
