"""From the bytes of a chat completion to an `Answer` or a named fault; pure, and it trusts nothing."""

import json
import re
from dataclasses import replace
from typing import Any

import orjson

from schemas.llm import Answer, Fault, NoAnswer, Reply, Usage

MAX_BODY_BYTES = 262_144
_DETAIL_CHARACTERS = 200
_MODEL_CHARACTERS = 200
_MOST_STARTS = 16  # braces and brackets looked at in prose
_MOST_TOKENS = 10_000_000  # of one call; a larger count is none
_DECODER = json.JSONDecoder()
_START = re.compile(r"[{\[]")
_THOUGHT = re.compile(r"\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)  # of an endpoint that does not part the two
_THINKS = re.compile(r"\s*<think(?:ing)?>")
_FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL | re.IGNORECASE)
_REFUSAL = re.compile(
    r"\W*(?:i\W?m sorry|sorry,|i apologi[sz]e|i(?: am|\W?m) (?:unable|not able)|i (?:can\W?t|cannot|can not|won\W?t)\b"
    r"|as an ai\b|lo siento|no puedo\b)",
    re.IGNORECASE,
)
_TOO_LONG = (
    b"context_length_exceeded", b"maximum context length", b"context size", b"exceed_context_size", b"context window",
    b"prompt is too long",
)  # fmt: skip
_NO_JSON = b"json_validate_failed"  # of an endpoint that validates a generated answer itself
_NO_MONEY = (b"insufficient_quota", b"billing_hard_limit_reached", b"billing_not_active")
_FINISHES = {"length": Fault.TRUNCATED, "content_filter": Fault.FILTERED}
_STATUSES = {
    401: Fault.DENIED, 402: Fault.QUOTA, 403: Fault.DENIED, 408: Fault.TIMEOUT, 409: Fault.CONFLICT,
    429: Fault.RATE_LIMITED, 504: Fault.TIMEOUT,
}  # fmt: skip


def read_answer(body: bytes, model: str, duration_s: float) -> Reply:
    """The reply that a response body of status 200 holds."""
    try:
        outer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return NoAnswer(Fault.NOT_JSON, f"the endpoint sent {_short(body)}", duration_s)
    usage = _usage(outer)
    message = _message(outer)
    if isinstance(message, Fault):
        return NoAnswer(message, f"no message came: {_short(body)}", duration_s, usage)
    content = _content(outer["choices"][0], message)
    if isinstance(content, NoAnswer):
        return replace(content, duration_s=duration_s, usage=usage)
    value = object_of(content)
    if value is None:
        named = Fault.REFUSED if _REFUSAL.match(content) else Fault.NOT_JSON
        return NoAnswer(
            named, f"expected one JSON object; {_short(content.encode())} came", duration_s, usage, text=content
        )
    answered_by = outer.get("model")
    by = answered_by[:_MODEL_CHARACTERS] if isinstance(answered_by, str) and answered_by else model
    return Answer(value, content, by, usage, duration_s)


def is_unheld(reply: Reply) -> bool:
    """True if a model answered as none can that is held to a schema: with words around its object, or with no object.

    Such an endpoint took the schema and left it aside.
    """
    if isinstance(reply, Answer):
        return not reply.text.strip().startswith("{")
    return reply.fault is Fault.NOT_JSON and reply.usage.completion_tokens > 0


def fault_of_status(status: int, body: bytes) -> Fault:
    """The fault a status other than 200 stands for."""
    if status in {400, 403, 429} and any(word in body for word in _NO_MONEY):
        return Fault.QUOTA
    if status in {400, 413, 422} and any(word in body for word in _TOO_LONG):
        return Fault.TOO_LONG
    if status == 400 and _NO_JSON in body:  # noqa: PLR2004 HTTP
        return Fault.NOT_JSON
    return _STATUSES.get(status, Fault.SERVER_ERROR if status >= 500 else Fault.INVALID_REQUEST)  # noqa: PLR2004 HTTP


def listed(body: bytes) -> frozenset[str]:
    """The names in a list of models; none where it cannot be read."""
    try:
        outer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return frozenset()
    rows = outer.get("data") if isinstance(outer, dict) else None
    names = (each.get("id") for each in rows if isinstance(each, dict)) if isinstance(rows, list) else ()
    return frozenset(name for name in names if isinstance(name, str))


def object_of(text: str) -> dict[str, Any] | None:
    """The one JSON object of a text, in a code fence or with prose around it; None where there is none, or a second.

    What a model thought aloud before it does not count.
    """
    text = _THOUGHT.sub("", text, count=1) if _THOUGHT.match(text) else text
    fence = _FENCE.fullmatch(text.strip())
    bare = fence[1] if fence else text.strip()
    try:
        whole = orjson.loads(bare)
    except orjson.JSONDecodeError:
        return _only_object(bare)
    return whole if isinstance(whole, dict) else None


def _only_object(text: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = None
    at = 0
    for _ in range(_MOST_STARTS):
        start = _START.search(text, at)
        if start is None:
            return found
        at = start.start()
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            if text[at] == "{" or text[at + 1 : at + 20].lstrip().startswith(("{", "[")):
                return None  # an object that broke off: what stands inside it is not what was meant
            at += 1
            continue
        if isinstance(value, dict) and found is None:
            found = _strict(text[at:end])
        elif isinstance(value, dict) or any(isinstance(each, dict | list) for each in value):
            return None
        if isinstance(value, dict) and found is None:
            return None
        at = end
    return None


def _strict(text: str) -> dict[str, Any] | None:
    """The object as JSON has it: no NaN, no lone surrogate."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _message(outer: Any) -> dict[str, Any] | Fault:
    if not isinstance(outer, dict):
        return Fault.MALFORMED
    choices = outer.get("choices")
    if choices is None or choices == []:
        return Fault.EMPTY
    choice = choices[0] if isinstance(choices, list) else None
    message = choice.get("message") if isinstance(choice, dict) else None
    return message if isinstance(message, dict) else Fault.MALFORMED


def _content(choice: dict[str, Any], message: dict[str, Any]) -> str | NoAnswer:
    """The text of a message; a call of a tool, though none was offered, is left aside where there is text too."""
    finish, content = choice.get("finish_reason"), message.get("content")
    if message.get("refusal"):
        return NoAnswer(Fault.REFUSED, f"refusal {message['refusal']!r}"[:_DETAIL_CHARACTERS])
    if finish == "length" and _is_only_thought(content):
        return NoAnswer(Fault.ONLY_REASONED, "all of its tokens went into reasoning, none into an answer")
    if finish in ("length", "content_filter"):
        return NoAnswer(_FINISHES[finish], f"finish_reason {finish!r}")
    if content is not None and not isinstance(content, str):
        return NoAnswer(Fault.MALFORMED, f"expected content as text, came {type(content).__name__}")
    if content is None or not content.strip():
        is_call = message.get("tool_calls") or message.get("function_call")
        return NoAnswer(
            Fault.TOOL_CALL if is_call else Fault.EMPTY,
            f"no content came, finish_reason {finish!r}"[:_DETAIL_CHARACTERS],
        )
    return content


def _is_only_thought(content: Any) -> bool:
    """True if nothing of the answer had begun when the tokens ran out."""
    if content is None:
        return True
    return isinstance(content, str) and (
        not content.strip() or (bool(_THINKS.match(content)) and "</think" not in content)
    )


def _usage(outer: Any) -> Usage:
    """The tokens of both directions; some endpoints count what was reasoned in the total alone, or apart."""
    usage = outer.get("usage") if isinstance(outer, dict) else None
    if not isinstance(usage, dict):
        return Usage()
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    details = usage.get("completion_tokens_details")
    reasoned = _count(details.get("reasoning_tokens")) if isinstance(details, dict) else 0
    reasoned = reasoned or _count(usage.get("reasoning_tokens"))
    return Usage(prompt, max(completion, _count(usage.get("total_tokens")) - prompt, reasoned), 0, reasoned)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS else 0


def _short(body: bytes) -> str:
    return repr(body[:_DETAIL_CHARACTERS].decode("utf-8", "replace"))
