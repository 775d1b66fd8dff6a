"""`kindling topics plan|apply`: the topic table against the broker."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.verbs import group, say, say_json, say_table, verb

if TYPE_CHECKING:
    from services.runtime.kafka_topics import Plan

tree = group("topics", "The topics of Kindling on the broker: what differs from the topic table, and making it so.")
Count = Annotated[
    int | None, typer.Option("--partitions", min=1, help="the shared number, for life; 12 in production, 3 unless told")
]
Replication = Annotated[int, typer.Option("--replication", min=1, help="of topics that are made; 3 in production")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object, for a program")]


@verb(tree, "plan", "kindling topics plan --partitions 12", {0: "told, whether something differs or not"})
def plan(count: Count = None, is_json: AsJson = False) -> int:
    """Say what differs from the topic table, and change nothing. Needs Kafka."""
    return _told(_planned(count, None), is_made=False, is_json=is_json)


@verb(tree, "apply", "kindling topics apply --partitions 12 --replication 3", {})
def apply(count: Count = None, replication: Replication = 1, is_json: AsJson = False) -> int:
    """Make the topics that are missing; let the broker date what is from outside, and forget in time. Needs Kafka."""
    return _told(_planned(count, replication), is_made=True, is_json=is_json)


def _planned(count: int | None, replication: int | None) -> "Plan":
    from services.runtime.commands import DEVELOPMENT_PARTITIONS, planned

    return asyncio.run(planned(DEVELOPMENT_PARTITIONS if count is None else count, replication))


def _told(found: "Plan", *, is_made: bool, is_json: bool) -> int:
    made = "made" if is_made else "missing"
    counts = {"stand": len(found.standing), made: len(found.missing), "undated": len(found.unstamped)}
    bounded = "bounded from now on: what is erased leaves in time" if is_made else "keeps what is erased too long"
    if is_json:
        missing = [
            {"topic": topic.name, "partitions": count, "cleanup": topic.cleanup, "retention_ms": topic.retention_ms}
            for topic, count in found.missing
        ]
        undated = [each.name for each in found.unstamped]
        unbounded = [each.name for each in found.unbounded]
        stand = len(found.standing)
        say_json(
            {"is_applied": is_made, "missing": missing, "undated": undated, "unbounded": unbounded, "stand": stand}
        )
        return 0
    rows = [(topic.name, str(count), topic.cleanup, made) for topic, count in found.missing]
    dated = "dated by the broker from now on" if is_made else "not dated by the broker"
    rows += [(each.name, "", each.cleanup, dated) for each in found.unstamped]
    rows += [(each.name, "", each.cleanup, bounded) for each in found.unbounded]
    if rows:
        say_table(("topic", "partitions", "cleanup", "state"), rows)
    say(f"topics: {counts['stand']} stand, {counts[made]} {made}")
    return 0
