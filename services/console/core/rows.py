"""What the list keeps of a decision, and the decision a key names."""

from schemas.decision import Decision
from services.console.core.values import Row


def row_of(decision: Decision, subject: str | None, outcome: str | None) -> Row:
    """The decision as one line of the list."""
    trigger = decision.trigger
    return Row(
        decision_id=decision.decision_id,
        person=decision.person,
        stage=decision.stage,
        ending=decision.ending,
        reason=decision.reason,
        event_name=trigger.event_name if trigger.title is None else f"{trigger.event_name}: {trigger.title}",
        ended_at=decision.ended_at,
        retry_at=decision.retry_at,
        course=None if decision.course is None else decision.course.title,
        subject=subject,
        outcome=outcome,
        rungs=dict(decision.rungs),
    )


def decision_of(key: bytes | None) -> str | None:
    """The decision id in a key of the decisions topic, `person|decision`; None where it is no such key."""
    _, bar, decision_id = (key or b"").decode("utf-8", "replace").rpartition("|")
    return decision_id if bar and decision_id else None
