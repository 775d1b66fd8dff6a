"""The last moment: whether this trigger may still become a mail, and how long it may still take."""

from datetime import datetime

from schemas.recommendation import Asked, RecommendationRequest
from schemas.suppression import is_refused
from services.composer.core.values import Reason


def stopped(request: RecommendationRequest, refused: frozenset[str], now: datetime) -> Reason | None:
    """Why no mail may go, if so. `refused` are the purposes this address refuses."""
    if now >= request.expires_at:
        return Reason.EXPIRED
    return Reason.SUPPRESSED if is_refused(refused, request.consent.purpose) else None


def patience_left_s(patience_s: float, asked: tuple[Asked, ...]) -> float:
    """Seconds that the earlier questions of this decision left, 0 or more."""
    return max(0.0, patience_s - sum(each.duration_s for each in asked))
