"""The last moment: whether this trigger may still become a mail, and how long it may still take."""

from collections.abc import Callable
from datetime import datetime

from schemas.identity import former_key
from schemas.recommendation import Asked, RecommendationRequest
from schemas.suppression import is_refused
from services.composer.core.values import Reason


def stopped(
    request: RecommendationRequest, refused_by: Callable[[str], frozenset[str]], key: bytes, now: datetime
) -> Reason | None:
    """Why no mail may go, if so.

    `refused_by` tells the purposes that an address refuses by its key, under which `key` puts it; what the address
    refused in its former form holds.
    """
    if now >= request.expires_at:
        return Reason.EXPIRED
    recipient = request.recipient
    keys = (recipient.address_key, former_key(key, recipient.address))
    refused = any(is_refused(refused_by(each), request.consent.purpose) for each in keys if each is not None)
    return Reason.SUPPRESSED if refused else None


def patience_left_s(patience_s: float, asked: tuple[Asked, ...]) -> float:
    """Seconds that the earlier questions of this decision left, 0 or more."""
    return max(0.0, patience_s - sum(each.duration_s for each in asked))
