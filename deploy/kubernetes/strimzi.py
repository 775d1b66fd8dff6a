"""The topic table as Strimzi's resources: a `KafkaTopic` a topic, a `KafkaUser` with its rights a principal.

`python -m deploy.kubernetes` writes them; a test says when they are stale.
"""

from pathlib import Path
from typing import Any

import yaml

from deploy.kubernetes.access import REDRIVER, SERVICES, Right, principals, redriver
from schemas.topics import ALL, Topic
from services.runtime.kafka_topics import configuration, partitions

FOLDER = Path(__file__).parent / "components" / "strimzi"
API = "kafka.strimzi.io/v1"
LABELS = {"strimzi.io/cluster": "kindling"}
PARTITIONS = 12  # P in production; for life
REPLICAS = 3
GROUP_READS = 0o440  # of a secret's files
HEADER = "# Made of schemas/topics.py by `python -m deploy.kubernetes`: change it there.\n"
STATEFUL = frozenset({"profile", "connector"})


def documents() -> dict[str, str]:
    """Each file's text by its name."""
    return {
        "topics.yaml": _text(map(_topic, ALL)),
        "users.yaml": _text(_user(*each) for each in principals().items()),
        "redriver.yaml": _text([_user(REDRIVER, redriver())]),
        "access.yaml": _text(map(_access, SERVICES)),
    }


def write(folder: Path = FOLDER) -> None:
    """Write every file."""
    for name, text in documents().items():
        (folder / name).write_text(text, encoding="utf-8")


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "KafkaTopic",
        "metadata": {"name": topic.name, "labels": LABELS},
        "spec": {
            "partitions": partitions(topic, PARTITIONS),
            "replicas": REPLICAS,
            "config": {**configuration(topic), "min.insync.replicas": str(REPLICAS - 1)},
        },
    }


def _user(principal: str, rights: tuple[Right, ...]) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "KafkaUser",
        "metadata": {"name": f"kindling-{principal}", "labels": LABELS},
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": [_acl(each) for each in rights]},
        },
    }


def _acl(right: Right) -> dict[str, Any]:
    named = {} if right.kind == "cluster" else _named(right)
    return {"resource": {"type": right.kind, **named}, "operations": list(right.operations)}


def _named(right: Right) -> dict[str, str]:
    """A prefix of nothing is every name, which Strimzi and Kafka spell with a star."""
    if right.is_prefix and not right.name:
        return {"name": "*", "patternType": "literal"}
    return {"name": right.name, "patternType": "prefix" if right.is_prefix else "literal"}


def _access(principal: str) -> dict[str, Any]:
    """How the workload of that name logs in: by the secret that Strimzi makes for its user, and the cluster's CA."""
    secrets = {"kafka": f"kindling-{principal}", "kafka-ca": "kindling-cluster-ca-cert"}
    container = {
        "name": "service",
        "env": [
            {"name": "KINDLING_KAFKA_USERNAME", "value": f"kindling-{principal}"},
            {"name": "KINDLING_KAFKA_PASSWORD_FILE", "value": "/secrets/kafka/password"},
        ],
        "volumeMounts": [{"name": each, "mountPath": f"/secrets/{each}", "readOnly": True} for each in secrets],
    }
    volumes = [
        {"name": each, "secret": {"secretName": secret, "defaultMode": GROUP_READS}} for each, secret in secrets.items()
    ]
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet" if principal in STATEFUL else "Deployment",
        "metadata": {"name": principal},
        "spec": {"template": {"spec": {"containers": [container], "volumes": volumes}}},
    }


class _Dumper(yaml.SafeDumper):
    """Writes a value anew wherever it stands: no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 the library's signature
        return True


def _text(resources: Any) -> str:
    return HEADER + yaml.dump_all(resources, Dumper=_Dumper, sort_keys=False, explicit_start=True, width=120)
