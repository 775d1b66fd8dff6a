"""What Kafka lets this principal do, topic by topic, as the broker says it itself: nothing is tried out.

aiokafka 0.14.0 knows Metadata up to version 5; since version 8 it tells of rights (KIP-430). Private names, so pinned.
"""

from typing import Any

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String

METADATA, VERSION = 3, 8
OPERATIONS = {3: "Read", 4: "Write", 8: "Describe", 10: "DescribeConfigs"}
"""Those that Kindling needs, by their bit. Source: Kafka's AclOperation."""
UNTOLD = -(2**31)  # what stands in place of rights where the broker does not tell them


class _Answer(Response):  # type: ignore[misc]
    API_KEY, API_VERSION = METADATA, VERSION
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node", Int32), ("host", String("utf-8")), ("port", Int32), ("rack", String("utf-8")))),
        ("cluster_id", String("utf-8")),
        ("controller_id", Int32),
        ("topics", Array(
            ("error_code", Int16), ("topic", String("utf-8")), ("is_internal", Boolean),
            ("partitions", Array(
                ("error_code", Int16), ("partition", Int32), ("leader", Int32), ("leader_epoch", Int32),
                ("replicas", Array(Int32)), ("isr", Array(Int32)), ("offline_replicas", Array(Int32)),
            )),
            ("rights", Int32),
        )),
        ("cluster_rights", Int32),
    )  # fmt: skip


class _Question(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION = METADATA, VERSION
    RESPONSE_TYPE = _Answer
    SCHEMA = Schema(
        ("topics", Array(String("utf-8"))),
        ("makes_topics", Boolean),
        ("tells_cluster_rights", Boolean),
        ("tells_rights", Boolean),
    )


class AskRights(Request[_Question]):  # type: ignore[misc]
    """Metadata of these topics, with the rights on each; it makes no topic."""

    API_KEY = METADATA

    def __init__(self, topics: list[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_Question]) -> _Question:
        """The request of the one version that is known here."""
        return request_struct_class(self._topics, False, False, True)  # noqa: FBT003 as the schema names them


def rights_of(answer: Any) -> dict[str, frozenset[str]]:
    """The rights on each topic that the broker knows and tells of."""
    return {
        topic: frozenset(name for bit, name in OPERATIONS.items() if rights >> bit & 1)
        for error, topic, _, _, rights in answer.topics
        if not error and rights != UNTOLD
    }
