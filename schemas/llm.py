"""One question to a model and what came back: values that core, pipelines and the client share."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: its stage (job, imagine, pick, copy), prompt id with version, and the JSON Schema of the answer.

    `system` never changes for one prompt id, so that a provider can cache it; `user` holds what differs.
    """

    stage: str
    prompt_id: str
    system: str
    user: str
    schema: dict[str, Any]
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the endpoint counted them; zero where it did not say."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer that is one JSON object of the asked schema's outer shape; what it says is still to be checked."""

    value: dict[str, Any]
    text: str
    model: str
    usage: Usage
    duration_s: float


class Fault(StrEnum):
    """Why a question has no answer; each is also a metric label."""

    OFF = "off"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    QUOTA = "insufficient_quota"
    DENIED = "denied"
    INVALID_REQUEST = "invalid_request"
    SERVER_ERROR = "server_error"
    NOT_JSON = "not_json"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    FILTERED = "filtered"
    TOO_LARGE = "too_large"
    CIRCUIT_OPEN = "circuit_open"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The model gave none: the next rung answers. Never an exception: an LLM that is away is a lower rung."""

    fault: Fault
    detail: str
    duration_s: float = 0.0
    usage: Usage = Usage()


Reply: TypeAlias = Answer | NoAnswer
