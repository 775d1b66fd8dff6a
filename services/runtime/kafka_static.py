"""Static membership of a group (KIP-345): a process with a name of its own, whose restart moves no partition.

The broker gives a name to whoever came last and refuses who had it before. What aiokafka 0.14.0 lacks for that is put
right here: its heartbeats and commits do not tell the name, so a refused member hears only that it is unknown, joins
again and pushes the other out, each at the other's next heartbeat, for ever. Private names, so the version is pinned.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiokafka import errors as kafka_errors
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.api import Request, RequestStruct
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.group import HeartbeatRequest, HeartbeatResponse_v1, JoinGroupRequest
from aiokafka.protocol.types import Int32, Schema, String

FENCED_INSTANCE_ID = 82  # protocol guide, "Error Codes"; the library has no class for it
UNKNOWN_MEMBER_ID = 25
HEARTBEAT_S = 2.0  # a name that another took is heard of at the next one
HEARTBEAT_SHARE = 0.2  # of a session, at most

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Static:
    """The name of a process in its groups, and how long its partitions wait for it."""

    instance_id: str
    session_s: float


def membership(static: Static | None, session_s: float) -> dict[str, Any]:
    """A consumer's words for how it is a member: its session, its heartbeat, and its name where the process has one."""
    lasts_s = session_s if static is None else static.session_s
    words: dict[str, Any] = {
        "session_timeout_ms": int(lasts_s * 1_000),
        "heartbeat_interval_ms": int(min(HEARTBEAT_S, HEARTBEAT_SHARE * lasts_s) * 1_000),
    }
    return words if static is None else {**words, "group_instance_id": static.instance_id}


@dataclass(frozen=True, slots=True)
class Member:
    """As whom a process joined a group last: what the broker knows it by."""

    generation: int
    member_id: str


class _NamedAnswer(HeartbeatResponse_v1):  # type: ignore[misc] # aiokafka has no types
    API_VERSION = 3


class _NamedBeat(RequestStruct):  # type: ignore[misc] # as above
    API_KEY = HeartbeatRequest.API_KEY
    API_VERSION = 3  # the first that tells the name; every broker since 2.3 takes it
    RESPONSE_TYPE = _NamedAnswer
    SCHEMA = Schema(
        ("group", String("utf-8")),
        ("generation_id", Int32),
        ("member_id", String("utf-8")),
        ("group_instance_id", String("utf-8")),
    )


class NamedHeartbeat(Request[_NamedBeat]):  # type: ignore[misc] # as above
    """A heartbeat that tells the name, so that the broker can say that another has it now."""

    API_KEY = HeartbeatRequest.API_KEY

    def __init__(self, group: str, member: Member, instance_id: str) -> None:
        self._words = (group, member.generation, member.member_id, instance_id)

    def build(self, request_struct_class: type[_NamedBeat]) -> _NamedBeat:
        """The request as it is sent."""
        return request_struct_class(*self._words)


joined: dict[tuple[str, str], Member] = {}
"""By group and name: as whom a member of this process joined last."""
on_refused: dict[str, Callable[[str], object]] = {}
"""By name: who is to hear of which group the broker refused it; called from any thread."""


def tell_names() -> None:
    """Let every member that has a name tell it with each heartbeat, and hear when another has it. Idempotent."""
    if getattr(GroupCoordinator._send_req, "is_naming", False):  # noqa: SLF001
        return
    plain = GroupCoordinator._send_req  # noqa: SLF001

    async def named(self: Any, request: Any) -> Any:
        instance_id = self._group_instance_id
        if instance_id is None:
            return await plain(self, request)
        member = Member(self.generation, self.member_id)
        beat = NamedHeartbeat(self.group_id, member, instance_id)
        answer = await plain(self, beat if isinstance(request, HeartbeatRequest) else request)
        if isinstance(request, OffsetCommitRequest):  # tells no name, and is answered "unknown": then it is asked for
            codes = [code for _, partitions in answer.topics for _, code in partitions]
            if UNKNOWN_MEMBER_ID not in codes or not member.member_id:
                return answer
            asked = await plain(self, beat)
            if asked.error_code == FENCED_INSTANCE_ID:
                _tell(instance_id, self.group_id)
                raise kafka_errors.KafkaError(f"another member of {self.group_id} has the name {instance_id}")
            return answer
        if isinstance(request, JoinGroupRequest) and answer.error_code == 0:
            joined[self.group_id, instance_id] = Member(answer.generation_id, answer.member_id)
        if getattr(answer, "error_code", 0) == FENCED_INSTANCE_ID:
            _tell(instance_id, self.group_id)
        return answer

    named.is_naming = True  # type: ignore[attr-defined]
    named.is_judging = getattr(plain, "is_judging", False)  # type: ignore[attr-defined]
    GroupCoordinator._send_req = named  # noqa: SLF001


def _tell(instance_id: str, group: str) -> None:
    log.error("instance_refused", extra={"instance_id": instance_id, "group": group})
    if (tell := on_refused.get(instance_id)) is not None:
        tell(group)
