"""From the bytes of a chat completion to an `Answer` or a named fault; pure, and it trusts nothing."""

from typing import Any

import orjson

from schemas.llm import Answer, Fault, NoAnswer, Reply, Usage

MAX_BODY_BYTES = 262_144
_DETAIL_CHARACTERS = 200


def read_answer(body: bytes, model: str, duration_s: float) -> Reply:
    """The reply that a response body of status 200 holds."""
    try:
        outer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return NoAnswer(Fault.NOT_JSON, f"the endpoint sent {_short(body)}", duration_s)
    usage = _usage(outer)
    choice = _first(outer)
    if choice is None:
        return NoAnswer(Fault.EMPTY, "no choice came", duration_s, usage)
    fault = _fault_of(choice)
    if fault is not None:
        return NoAnswer(fault, f"finish_reason {choice.get('finish_reason')!r}", duration_s, usage)
    text = choice["message"].get("content")
    if not isinstance(text, str) or not text.strip():
        return NoAnswer(Fault.EMPTY, "no content came", duration_s, usage)
    value = _object(text)
    if value is None:
        return NoAnswer(Fault.NOT_JSON, f"expected one JSON object; {_short(text.encode())} came", duration_s, usage)
    named = outer.get("model")
    return Answer(value, text, named if isinstance(named, str) and named else model, usage, duration_s)


def fault_of_status(status: int, body: bytes) -> Fault:
    """The fault a status other than 200 stands for."""
    match status:
        case 429:
            return Fault.QUOTA if b"insufficient_quota" in body else Fault.RATE_LIMITED
        case 401 | 403:
            return Fault.DENIED
        case 408 | 504:
            return Fault.TIMEOUT
        case _ if status >= 500:  # noqa: PLR2004 HTTP
            return Fault.SERVER_ERROR
        case _:
            return Fault.INVALID_REQUEST


def _first(outer: Any) -> dict[str, Any] | None:
    choices = outer.get("choices") if isinstance(outer, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    return choice if isinstance(choice, dict) and isinstance(choice.get("message"), dict) else None


def _fault_of(choice: dict[str, Any]) -> Fault | None:
    if choice["message"].get("refusal"):
        return Fault.REFUSED
    return {"length": Fault.TRUNCATED, "content_filter": Fault.FILTERED}.get(str(choice.get("finish_reason")))


def _object(text: str) -> dict[str, Any] | None:
    """The one JSON object of the text; a code fence around it is taken off, anything else is refused."""
    stripped = text.strip()
    if stripped.startswith("```") and stripped.endswith("```"):
        stripped = stripped.removeprefix("```json").strip("`").strip()
    try:
        value = orjson.loads(stripped)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _usage(outer: Any) -> Usage:
    usage = outer.get("usage") if isinstance(outer, dict) else None
    if not isinstance(usage, dict):
        return Usage()
    return Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _short(body: bytes) -> str:
    return repr(body[:_DETAIL_CHARACTERS].decode("utf-8", "replace"))
