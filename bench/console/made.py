"""Decisions of our own making: a business with 300 courses over 90 days, each person with four decisions."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from schemas.codec import decode
from schemas.decision import Decision
from schemas.topics import DECISIONS

EXAMPLES = Path("schemas/examples/decisions")
LAST = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAYS = 90
COURSES, TOPICS, PLAYBOOKS = 300, 40, 6
EACH = 4  # decisions of one person
ENDINGS = {"sent": 60, "not_asked": 20, "waiting": 12, "held_out": 5, "refused": 2, "dead_lettered": 1}
REASONS = {"sent": "composed", "not_asked": "too_little_evidence", "waiting": "cap_reached", "held_out": "holdout"}
ARMS = {"treatment": 80, "usual": 15, "holdout": 5}


def decisions(count: int, seed: int = 1) -> Iterator[Decision]:
    """So many, oldest first; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 figures, not secrets
    sent, other = (decode(DECISIONS, (EXAMPLES / f"{name}.json").read_bytes()) for name in ("sent", "waiting"))
    step = timedelta(days=DAYS) / count
    for number in range(count):
        (ending,) = chance.choices(list(ENDINGS), list(ENDINGS.values()))
        (arm,) = chance.choices(list(ARMS), list(ARMS.values()))
        example: Decision = sent if ending == "sent" else other
        changes = {
            "decision_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "ending": ending, "arm": arm,
            "person": f"u:{chance.randrange(max(1, count // EACH))}", "reason": REASONS.get(ending, "gate"),
            "ended_at": LAST - step * (count - number),
            "trigger": example.trigger.model_copy(update={"playbook": f"playbook-{chance.randrange(PLAYBOOKS)}"}),
        }  # fmt: skip
        if example.course is not None:
            course = int(COURSES * chance.random() ** 2)  # the first are much more popular
            about = {"id": f"course-{course}", "title": f"Course {course}", "topics": (f"topic-{course % TOPICS}",)}
            rungs = {**example.rungs, "copy": "llm" if chance.random() < 0.7 else "template"}  # noqa: PLR2004
            changes |= {"course": example.course.model_copy(update=about), "rungs": rungs, "message_id": None}
        yield example.model_copy(update=changes)
