"""By which clock a person lives, and how the hour of a mail was found, in words for somebody to read."""

from datetime import UTC, datetime

from schemas.decision import Decision
from schemas.recommendation import LocalZone, SendTime

SOURCES = {
    "person": "as the person's browser or a server says",
    "country": "the one of the person's country",
    "brand": "the brand's: nobody knows the person's",
}


def zone_words(zone: LocalZone | None) -> str:
    """The zone and where it is from; nothing of a record of before."""
    if zone is None:
        return ""
    return "unknown" if zone.name is None else f"{zone.name}, {SOURCES.get(zone.source, zone.source)}"


def hour_words(decision: Decision) -> str:
    """How the hour was found; nothing where the playbook looks for none. Total: another word than today's stands."""
    found = decision.trigger.send_time
    if found is None:
        return ""
    match found.reason:
        case "too_little":
            return f"as it was due: too little is known of when the person reads (evidence {found.evidence:.1f})"
        case "no_better":
            return f"as it was due: no hour within reach is much better (score {found.score_due:.2f})"
        case "moved" | "control" if found.best_at is not None and found.score_best is not None:
            return _better(found, found.best_at, found.score_best)
    return found.reason


def _better(found: SendTime, best_at: datetime, score_best: float) -> str:
    scores = f"score {found.score_due:.2f} then, {score_best:.2f} at {_instant(best_at)}"
    if found.reason == "control":
        return f"as it was due, as control of {found.experiment}: {scores}"
    return f"moved from {_instant(found.was_due)}: {scores}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z"
