"""One question to a model and what came back: values that core, pipelines and the client share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias


def no_doubt(_: dict[str, Any]) -> str | None:
    """None: any JSON object will do."""
    return None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: its stage (company, job, imagine, pick, copy, reader), prompt id with version, schema of the answer.

    `system` never changes for one prompt id, so that a provider can cache it; `user` holds what differs.
    `room`: tokens to reason with beyond what every question of the model has, where one went into reasoning whole.
    `attempt` counts the answers that were refused before: a later one goes to a larger model.
    `doubt` says why an answer is not to be kept from a smaller model, or None.
    """

    stage: str
    prompt_id: str
    system: str
    user: str
    schema: dict[str, Any]
    max_tokens: int
    attempt: int = 0
    room: int = 0
    doubt: Callable[[dict[str, Any]], str | None] = field(default=no_doubt, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them, zero where it did not say; and what they cost.

    `cost_micros` is in millionths of the currency that the prices are in. `reasoning_tokens`, where the endpoint tells
    them, are part of `completion_tokens`.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_micros: int = 0
    reasoning_tokens: int = 0

    def plus(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost_micros + other.cost_micros,
            self.reasoning_tokens + other.reasoning_tokens,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer that is one JSON object; what it says is still to be checked.

    `escalated`: which smaller models were asked first, and why theirs was not kept; usage and seconds are of all.
    """

    value: dict[str, Any]
    text: str
    model: str
    usage: Usage
    duration_s: float
    is_from_ledger: bool = False
    escalated: str = ""


class Fault(StrEnum):
    """Why a question has no answer; each is also a metric label."""

    OFF = "off"
    NO_TIME = "no_time"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    QUOTA = "insufficient_quota"
    DENIED = "denied"
    INVALID_REQUEST = "invalid_request"
    SERVER_ERROR = "server_error"
    CONFLICT = "conflict"
    TOO_LONG = "context_too_long"
    MALFORMED = "malformed"
    TOOL_CALL = "tool_call"
    BUDGET = "budget"
    NOT_JSON = "not_json"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    ONLY_REASONED = "only_reasoned"
    REFUSED = "refused"
    FILTERED = "filtered"
    TOO_LARGE = "too_large"
    CIRCUIT_OPEN = "circuit_open"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The model gave none: the next rung answers. Never an exception: an LLM that is away is a lower rung.

    `text` is what it said instead of an answer, where it said something.
    """

    fault: Fault
    detail: str
    duration_s: float = 0.0
    usage: Usage = Usage()
    is_from_ledger: bool = False
    escalated: str = ""
    text: str = ""


Reply: TypeAlias = Answer | NoAnswer
