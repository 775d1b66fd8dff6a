"""What the list keeps of a decision, and the decision a key names."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from schemas.decision import Decision
from services.console.core.query import Query
from services.console.core.values import Row

SENT = "sent"


@dataclass(frozen=True, slots=True)
class Facets:
    """What a decision may be filtered and summed by; `marks` are pairs of course, topic or rung, and value.

    `labels`: how people read a value, where that is another text.
    """

    playbook: str
    arm: str
    ending: str
    marks: tuple[tuple[str, str], ...]
    cost_micros: int
    labels: dict[str, str]


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


def facets_of(decision: Decision) -> Facets:
    """What the decision may be filtered by: its topics are those of the course that was chosen."""
    course = decision.course
    of_course = () if course is None else (("course", course.id), *(("topic", each) for each in course.topics))
    rungs = (("rung", f"{stage}:{rung}") for stage, rung in decision.rungs.items())
    return Facets(
        playbook=decision.trigger.playbook,
        arm=decision.arm,
        ending=decision.ending,
        marks=tuple(sorted({*of_course, *rungs})),
        cost_micros=sum(paid_by_stage(decision).values()),
        labels={} if course is None else {course.id: course.title},
    )


def paid_by_stage(decision: Decision) -> Counter[str]:
    """What its questions cost by what they were about, in millionths; a reply of the ledger was paid for once."""
    paid: Counter[str] = Counter()
    for each in decision.asked:
        paid[each.stage] += each.cost_micros
    return paid


def names_of(person: str) -> tuple[str, ...]:
    """The texts whose beginning finds the person: the key, and the id in it; letters folded."""
    folded = person.casefold()
    return folded, folded.partition(":")[2]


def is_asked_for(decision: Decision, query: Query) -> bool:
    """True where the decision has all that the query names, its person and place left aside."""
    facets = facets_of(decision)
    wanted = {name: getattr(query, name) for name in ("course", "topic", "rung") if getattr(query, name)}
    return (
        query.ending in {None, facets.ending}
        and query.playbook in {None, facets.playbook}
        and query.arm in {None, facets.arm}
        and query.day in {None, decision.ended_at.astimezone(UTC).date()}
        and {*wanted.items()} <= {*facets.marks}
    )


def acts_of(decision: Decision) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """What a decision counts as: its end, each rung that answered, each question with its cost in millionths."""
    yield "end", (decision.stage, decision.ending, decision.reason), 0
    for stage, rung in decision.rungs.items():
        yield "rung", (stage, rung), 0
    for stage, cost_micros in paid_by_stage(decision).items():
        yield "asked", (stage,), cost_micros


def decision_of(key: bytes | None) -> str | None:
    """The decision id in a key of the decisions topic, `person|decision`; None where it is no such key."""
    _, bar, decision_id = (key or b"").decode("utf-8", "replace").rpartition("|")
    return decision_id if bar and decision_id else None
