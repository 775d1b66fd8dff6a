"""Who may do what on the broker: each principal's rights, made of the topic table and of who has which group.

Pure: values only. `strimzi.py` writes them as resources; a broker without Strimzi takes the same by `kafka-acls.sh`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from schemas.topics import ALL, Topic, card_of

Kind: TypeAlias = Literal["topic", "group", "transactionalId", "cluster"]

GROUPS: Mapping[str, tuple[str, ...]] = {
    "ingest": ("ingest",),
    "profile": ("profile",),
    "recommender": ("kindling.recommender", "kindling.recommender.standing"),
    "composer": ("kindling.composer",),
    "connector": ("kindling.connector",),
    "console": (),
}
"""The consumer groups of each service; a transactional producer's id is its group, a hyphen, and what it owns."""

UNTRANSACTED = frozenset({"ingest", "console"})
"""Who has no transactions: ingest repeats and the profile skips, the console only reads."""

OPERATOR = "operator"
SCALER = "scaler"
OUTSIDE: Mapping[str, tuple[Topic, ...]] = {
    "back-office": tuple(topic for topic in ALL if "back office" in topic.makers),
    "trackers": tuple(topic for topic in ALL if "trackers" in topic.makers),
}
"""Who writes and is none of ours, by the table."""

COMMANDS = frozenset({"import command", "content import", "back office", "operator"})
"""The makers of the table as whom the operator's commands write: imports of courses, content and history, and lifts.

To take an unreadable suppression away (`… suppressions tombstone`) is none of it: for that a right is given, and taken.
"""


@dataclass(frozen=True, slots=True)
class Right:
    """Operations on one resource of the broker, or on all whose name begins so."""

    kind: Kind
    name: str
    operations: tuple[str, ...]
    is_prefix: bool = False


def principals() -> dict[str, tuple[Right, ...]]:
    """Every principal with its rights; each name once, no resource twice."""
    services = {service: tuple(_service(service)) for service in GROUPS}
    outside = {
        name: (*(_writing(topic) for topic in topics), Right("cluster", "", ("IdempotentWrite",)))
        for name, topics in OUTSIDE.items()
    }
    return {**services, **outside, OPERATOR: tuple(_operator()), SCALER: tuple(_scaler())}


def may_write(rights: tuple[Right, ...]) -> frozenset[str]:
    """The topics that these rights let somebody write to."""
    return frozenset(
        topic.name
        for topic in ALL
        for each in rights
        if each.kind == "topic" and {"Write", "All"} & {*each.operations}
        if (topic.name.startswith(each.name) if each.is_prefix else topic.name == each.name)
    )


def _service(service: str) -> Iterator[Right]:
    for topic in card_of(service):
        reads = ("Read",) if service in topic.readers else ()
        writes = ("Write",) if service in topic.makers else ()
        yield Right("topic", topic.name, (*reads, *writes, "Describe", "DescribeConfigs"))
    for group in GROUPS[service]:
        yield Right("group", group, ("Read", "Describe"))
        if service not in UNTRANSACTED:
            yield Right("transactionalId", f"{group}-", ("Write", "Describe"), is_prefix=True)
    if any(service in topic.makers for topic in card_of(service)):
        yield Right("cluster", "", ("IdempotentWrite",))


def _writing(topic: Topic) -> Right:
    return Right("topic", topic.name, ("Write", "Describe"))


def _operator() -> Iterator[Right]:
    """Reads all, writes what the commands write, and makes and describes topics; groups are looked at only."""
    for topic in ALL:
        writes = ("Write",) if COMMANDS & {*topic.makers} else ()
        made = ("Create", "Describe", "DescribeConfigs", "AlterConfigs")
        yield Right("topic", topic.name, ("Read", *writes, *made))
    yield Right("group", "", ("Describe",), is_prefix=True)
    yield Right("cluster", "", ("IdempotentWrite", "Describe"))


def _scaler() -> Iterator[Right]:
    """What asks how far a group is behind: it sees offsets and no record."""
    for service in ("recommender", "composer"):
        group = GROUPS[service][0]
        yield from (
            Right("topic", topic.name, ("Describe",))
            for topic in ALL
            if service in topic.readers and topic.short in {"recommendation.requests", "recommendations"}
        )
        yield Right("group", group, ("Describe",))
