"""Who may do what on the broker is what the topic table says, and what SECURITY.md promises."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from aiokafka.structs import TopicPartition

from deploy.kubernetes.access import (
    GROUPS,
    OPERATOR,
    OUTSIDE,
    REDRIVES,
    SCALER,
    SERVICES,
    UNTRANSACTED,
    Right,
    may_write,
    principals,
    redriver,
)
from deploy.kubernetes.strimzi import FOLDER, documents, write
from schemas import groups, topics
from services.profile.adapters.faust_partition import owner_of
from services.runtime.dead_letters import TRANSACTIONAL_ID
from services.runtime.kafka_topics import configuration
from services.runtime.kafka_transaction import owner_of_input

RIGHTS = principals()
KINDS = {"topic", "group", "transactionalId", "cluster"}
OPERATIONS = {"Read", "Write", "Create", "Describe", "DescribeConfigs", "AlterConfigs", "IdempotentWrite"}
PROMISED: Mapping[str, set[str]] = {
    "events.raw": {"collector", "trackers"},
    "conversions.raw": {"collector", "back-office", OPERATOR},
    "privacy.requests": {"collector", "back-office", OPERATOR},
    "email.suppressions": {"collector", "consumer", "profile"},
    "email.outbound": {"composer"},
    "email.feedback": {"connector", "recommender", "composer", "collector"},
    "events.clean": {"consumer"},
    "profile.self": {"profile"},
    "profile.changelog": {"profile"},
    "recommendation.requests": {"profile"},
    "recommendations": {"recommender"},
    "decisions": {"profile", "recommender", "composer", "operator"},  # the last forgets who is erased
    "catalog.courses": {OPERATOR},
    "catalog.content": {OPERATOR, "consumer"},
    "dlq.ingest": {"consumer"},
}
"""Written by hand: what SECURITY.md trusts a topic with is worth what its writers are."""


def test_files_are_fresh(tmp_path: Path) -> None:
    """`python -m deploy.kubernetes` leaves nothing to do."""
    write(tmp_path)
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        name: (FOLDER / name).read_text() for name in documents()
    }


@pytest.mark.parametrize("principal", RIGHTS)
def test_nobody_may_write_what_the_table_does_not_give(principal: str) -> None:
    """A service writes what it makes, who is outside what is theirs, the operator by commands, the scaler nothing."""
    made = may_write(RIGHTS[principal])
    if principal in {"collector", "consumer"}:
        both = may_write(RIGHTS["collector"]) | may_write(RIGHTS["consumer"])
        assert made < both == {each.name for each in topics.ALL if "ingest" in each.makers}
        return
    makers = {
        "back-office": {"back office"},
        "trackers": {"trackers"},
        OPERATOR: {"import command", "content import", "back office", "operator"},
        SCALER: set(),
    }.get(principal, {principal})
    assert made == {each.name for each in topics.ALL if makers & {*each.makers}}


@pytest.mark.parametrize("short", PROMISED)
def test_topic_has_the_writers_that_it_is_trusted_with(short: str) -> None:
    """By name, so that a new maker in the table is a decision that this page sees."""
    name = topics.BY_SHORT[short].name
    assert {principal for principal, rights in RIGHTS.items() if name in may_write(rights)} == PROMISED[short]


@pytest.mark.parametrize("service", SERVICES)
def test_service_may_read_and_describe_its_card_and_nothing_else(service: str) -> None:
    """What it reads by the table; of all it names, the configuration, which it checks at its start."""
    rights = [each for each in RIGHTS[service] if each.kind == "topic"]
    assert [each.name for each in rights] == [each.name for each in topics.card_of(SERVICES[service])]
    reads = {each.name for each in topics.ALL if SERVICES[service] in each.readers and service != "collector"}
    assert {each.name for each in rights if "Read" in each.operations} == reads
    assert all({"Describe", "DescribeConfigs"} <= {*each.operations} for each in rights)


def test_groups_are_those_of_the_table() -> None:
    """Every group belongs to one principal, which the service is; the collector reads nothing, nor does the console."""
    given = {name: SERVICES[principal] for principal, names in GROUPS.items() for name in names}
    assert given == {each.name: each.service for each in groups.ALL}
    assert GROUPS["collector"] == GROUPS["console"] == ()


@pytest.mark.parametrize("service", sorted(set(SERVICES) - UNTRANSACTED))
def test_transactional_ids_are_those_of_the_code(service: str) -> None:
    """The ids by which the service's partitions are owned begin as its rights say."""
    prefixes = [each.name for each in RIGHTS[service] if each.kind == "transactionalId"]
    inputs = [each for each in topics.ALL if service in each.readers]
    ids = [
        owner_of(7).transactional_id
        if service == "profile"
        else owner_of_input(TopicPartition(topic.name, 7), service, group).transactional_id
        for topic in inputs
        for group in GROUPS[service]
    ]
    assert [each for each in ids if not each.startswith(tuple(prefixes))] == []


def test_nobody_owns_the_transactions_of_another() -> None:
    """No prefix of one principal begins the prefix of another."""
    owned = [(who, each.name) for who, rights in RIGHTS.items() for each in rights if each.kind == "transactionalId"]
    assert [
        (one, other) for one, mine in owned for other, theirs in owned if one != other and theirs.startswith(mine)
    ] == []
    assert {who for who, _ in owned} == set(SERVICES) - UNTRANSACTED


@pytest.mark.parametrize("principal", RIGHTS)
def test_right_is_one_that_the_broker_knows(principal: str) -> None:
    """Kinds and operations are known, a resource has one right and a name but for the cluster; no topic by prefix."""
    rights = RIGHTS[principal]
    assert {each.kind for each in rights} <= KINDS
    assert {operation for each in rights for operation in each.operations} <= OPERATIONS
    assert len({(each.kind, each.name) for each in rights}) == len(rights)
    assert [each for each in rights if each.is_prefix and each.kind == "topic"] == []
    assert all(each.name or each == Right("group", "", ("Describe",), is_prefix=True) or each.kind == "cluster"
               for each in rights)  # fmt: skip


def test_who_redrives_may_write_what_a_letter_may_come_from_and_its_mark() -> None:
    """What some stage reads, less packs, which are never sent back; and no document grants it but its own."""
    stages = {maker for topic in topics.ALL if topic.short.startswith("dlq.") for maker in topic.makers}
    read = {each.name for each in topics.ALL if stages & {*each.readers} and not each.short.startswith("dlq.")}
    assert may_write(redriver()) == read - {topics.EVENTS_CLEAN.name} | {topics.REDRIVEN.name}
    assert REDRIVES == TRANSACTIONAL_ID
    assert [name for name, text in documents().items() if "kindling-redriver" in text] == ["redriver.yaml"]
    assert "redriver" not in (FOLDER / "kustomization.yaml").read_text(encoding="utf-8")


def test_scaler_sees_offsets_and_no_record() -> None:
    """What grows the deployments may describe, and nothing else."""
    assert {operation for each in RIGHTS[SCALER] for operation in each.operations} == {"Describe"}


def test_outside_may_only_write() -> None:
    """Neither trackers nor a back office read anything, and they own no group."""
    for name in OUTSIDE:
        operations = {operation for each in RIGHTS[name] for operation in each.operations}
        assert operations == {"Write", "Describe", "IdempotentWrite"}


def test_prefix_gives_what_begins_so() -> None:
    """Should a right ever be a prefix, it counts for every topic that it covers."""
    every = may_write((Right("topic", "kindling.", ("All",), is_prefix=True),))
    assert every == {each.name for each in topics.ALL}
    assert may_write((Right("group", "kindling.", ("Write",), is_prefix=True),)) == frozenset()


def test_topic_of_strimzi_is_the_topic_of_the_command() -> None:
    """Name, partitions and configuration as `topics apply` makes them, and replicated."""
    made = {each["metadata"]["name"]: each["spec"] for each in yaml.safe_load_all((FOLDER / "topics.yaml").read_text())}
    assert set(made) == {each.name for each in topics.ALL}
    for each in topics.ALL:
        spec = made[each.name]
        assert spec["config"].items() >= configuration(each).items()
        assert spec["partitions"] == (1 if each.partitions == "one" else 12)
        assert spec["replicas"] > int(spec["config"]["min.insync.replicas"]) > 1


def test_every_process_comes_as_itself() -> None:
    """Each workload has its own user, and nobody can write what only another makes."""
    patches = list(yaml.safe_load_all((FOLDER / "access.yaml").read_text()))
    assert [each["metadata"]["name"] for each in patches] == list(SERVICES)
    for each in patches:
        (container,) = each["spec"]["template"]["spec"]["containers"]
        names = {row["name"]: row["value"] for row in container["env"]}
        secrets = {row["secret"]["secretName"] for row in each["spec"]["template"]["spec"]["volumes"]}
        assert names["KINDLING_KAFKA_USERNAME"] == f"kindling-{each['metadata']['name']}"
        assert names["KINDLING_KAFKA_USERNAME"] in secrets
