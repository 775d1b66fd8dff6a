"""Who may do what on the broker: each principal's rights, made of the topic table and of who has which group.

Pure: values only. `strimzi.py` writes them as resources; a broker without Strimzi takes the same by `kafka-acls.sh`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from schemas import topics as table
from schemas.groups import groups_of
from schemas.topics import ALL, Topic, card_of

Kind: TypeAlias = Literal["topic", "group", "transactionalId", "cluster"]

SERVICES: Mapping[str, str] = {
    "collector": "ingest",
    "consumer": "ingest",
    **{each: each for each in ("profile", "recommender", "composer", "connector", "console")},
}
"""The principals that are services of ours, and whose card of the table each has."""

COLLECTED = (*table.STAMPED, table.EMAIL_SUPPRESSIONS)
"""What the collector writes, which the public reaches. It reads nothing; the other half of ingest writes the rest."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    principal: () if principal == "collector" else tuple(each.name for each in groups_of(service))
    for principal, service in SERVICES.items()
}
"""The consumer groups of each; a transactional producer's id is its group, a hyphen, and what it owns."""

UNTRANSACTED = frozenset({"collector", "consumer", "console"})
"""Who has no transactions: ingest repeats and the profile skips, the console only reads."""

OPERATOR = "operator"
SCALER = "scaler"
REDRIVER = "redriver"
OUTSIDE: Mapping[str, tuple[Topic, ...]] = {
    "back-office": tuple(topic for topic in ALL if "back office" in topic.makers),
    "trackers": tuple(topic for topic in ALL if "trackers" in topic.makers),
}
"""Who writes and is none of ours, by the table."""

REDRIVES = "kindling.redrive"
"""The transactional id of `kindling dlq redrive`."""

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
    services = {principal: tuple(_service(principal)) for principal in SERVICES}
    outside = {
        name: (*(_writing(topic) for topic in topics), Right("cluster", "", ("IdempotentWrite",)))
        for name, topics in OUTSIDE.items()
    }
    return {**services, **outside, OPERATOR: tuple(_operator()), SCALER: tuple(_scaler())}


def redriver() -> tuple[Right, ...]:
    """Of who sends dead letters back: a right that is given for it and taken again, for it writes what stages read."""
    letters = tuple(topic for topic in ALL if topic.short.startswith("dlq."))
    stages = {maker for topic in letters for maker in topic.makers}
    origins = (topic for topic in ALL if stages & {*topic.readers} and topic not in (*letters, table.EVENTS_CLEAN))
    return (
        *(Right("topic", topic.name, ("Read", "Describe")) for topic in letters),
        Right("topic", table.REDRIVEN.name, ("Read", "Write", "Describe")),
        *(_writing(topic) for topic in origins),
        Right("transactionalId", REDRIVES, ("Write", "Describe")),
        Right("cluster", "", ("IdempotentWrite",)),
    )


def may_write(rights: tuple[Right, ...]) -> frozenset[str]:
    """The topics that these rights let somebody write to."""
    return frozenset(
        topic.name
        for topic in ALL
        for each in rights
        if each.kind == "topic" and {"Write", "All"} & {*each.operations}
        if (topic.name.startswith(each.name) if each.is_prefix else topic.name == each.name)
    )


def _service(principal: str) -> Iterator[Right]:
    """What it reads and writes, and of its whole card the configuration, which it checks at its start."""
    reads, writes = _reads(principal), _writes(principal)
    for topic in card_of(SERVICES[principal]):
        does = (*(("Read",) if topic in reads else ()), *(("Write",) if topic in writes else ()))
        yield Right("topic", topic.name, (*does, "Describe", "DescribeConfigs"))
    for group in GROUPS[principal]:
        yield Right("group", group, ("Read", "Describe"))
        if principal not in UNTRANSACTED:
            yield Right("transactionalId", f"{group}-", ("Write", "Describe"), is_prefix=True)
    if writes:
        yield Right("cluster", "", ("IdempotentWrite",))


def _reads(principal: str) -> tuple[Topic, ...]:
    return () if principal == "collector" else tuple(each for each in ALL if SERVICES[principal] in each.readers)


def _writes(principal: str) -> tuple[Topic, ...]:
    """What the table gives the service; of ingest each half its own, and suppressions both."""
    made = tuple(each for each in ALL if SERVICES[principal] in each.makers)
    match principal:
        case "collector":
            return tuple(each for each in made if each in COLLECTED)
        case "consumer":
            return tuple(each for each in made if each not in table.STAMPED)
        case _:
            return made


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
