"""What an endpoint may send becomes an answer or a named fault; nothing is trusted, nothing raises."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.llm import Answer, Ask, Fault, NoAnswer, Usage
from services.runtime.llm_answer import fault_of_status, read_answer
from services.runtime.llm_kept import Asker, Question, kept_of, reply_of


def _body(content: object, finish: str = "stop", **message: object) -> bytes:
    choice = {"finish_reason": finish, "message": {"content": content, **message}}
    return orjson.dumps({"model": "m", "choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})


def test_a_json_object_is_an_answer() -> None:
    """With the model and the tokens as the endpoint counted them."""
    reply = read_answer(_body('{"a": 1}'), "asked", 0.5)
    assert isinstance(reply, Answer)
    assert (reply.value, reply.model, reply.usage.prompt_tokens, reply.usage.completion_tokens) == ({"a": 1}, "m", 7, 3)


@pytest.mark.parametrize(
    "text",
    ['```json\n{"a": 1}\n```', '{"a": 1} and more', 'Sure! [1] {"a": 1}', 'a [ and {"a": 1}', '```\n{"a": 1}\n``` so'],
)
def test_the_one_object_of_a_text_is_the_answer(text: str) -> None:
    """In a fence, or with prose around it."""
    reply = read_answer(_body(text), "asked", 0.5)
    assert isinstance(reply, Answer)
    assert reply.value == {"a": 1}
    assert reply.text == text


@pytest.mark.parametrize(("total", "completion"), [(0, 3), (10, 3), (107, 100), (10**18, 3), ("110", 3)])
def test_what_stands_in_the_total_alone_is_counted(total: object, completion: int) -> None:
    """Some endpoints leave what was reasoned out of the completion, and bill it."""
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": total}
    body = orjson.loads(_body("{}")) | {"usage": usage}
    assert read_answer(orjson.dumps(body), "asked", 0.5).usage == Usage(7, completion)


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"completion_tokens": 90, "completion_tokens_details": {"reasoning_tokens": 64}}, Usage(7, 90, 0, 64)),
        ({"completion_tokens": 90, "reasoning_tokens": 64}, Usage(7, 90, 0, 64)),
        ({"completion_tokens": 3, "completion_tokens_details": {"reasoning_tokens": 64}}, Usage(7, 64, 0, 64)),
        ({"completion_tokens": 3, "completion_tokens_details": [64]}, Usage(7, 3)),
        ({"completion_tokens": 3, "completion_tokens_details": {"reasoning_tokens": "64"}}, Usage(7, 3)),
    ],
)
def test_what_was_reasoned_is_counted_as_part_of_the_answer(usage: dict[str, object], counted: Usage) -> None:
    """Where it is told apart; what is told as more than the whole is the whole."""
    body = orjson.loads(_body("{}")) | {"usage": {"prompt_tokens": 7, **usage}}
    assert read_answer(orjson.dumps(body), "asked", 0.5).usage == counted
    assert counted.plus(counted).reasoning_tokens == 2 * counted.reasoning_tokens


@pytest.mark.parametrize("count", [True, -1, "7", 10**18, 1.5, None])
def test_a_count_that_is_none_is_nought(count: object) -> None:
    """What an endpoint says it charged is checked too."""
    body = orjson.loads(_body("{}")) | {"usage": {"prompt_tokens": count, "completion_tokens": 3}}
    assert read_answer(orjson.dumps(body), "asked", 0.5).usage == Usage(0, 3)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"<html>busy</html>", Fault.NOT_JSON),
        (b"[]", Fault.MALFORMED),
        (b'{"choices": "x"}', Fault.MALFORMED),
        (b'{"choices": []}', Fault.EMPTY),
        (b'{"choices": [null]}', Fault.MALFORMED),
        (_body(None), Fault.EMPTY),
        (_body("  "), Fault.EMPTY),
        (_body("not json"), Fault.NOT_JSON),
        (_body('{"a": 1} and {"b": 2}'), Fault.NOT_JSON),
        (_body('{"a": {"b": 1}'), Fault.NOT_JSON),
        (_body('so: [{"a": 1}]'), Fault.NOT_JSON),
        (_body('so: [{"a": 1},'), Fault.NOT_JSON),
        (_body('{"a": NaN}'), Fault.NOT_JSON),
        (_body('so: {"a": NaN}'), Fault.NOT_JSON),
        (_body('so: {"a": "\\ud800"}'), Fault.NOT_JSON),
        (_body("[" * 100_000), Fault.NOT_JSON),
        (_body("so: " + '{"a": ' * 100_000), Fault.NOT_JSON),
        (_body("[1] " * 50 + '{"a": 1}'), Fault.NOT_JSON),
        (_body(["a"]), Fault.MALFORMED),
        (_body(7), Fault.MALFORMED),
        (_body(None, tool_calls=[{"id": "1"}]), Fault.TOOL_CALL),
        (_body("I can't help with that."), Fault.REFUSED),
        (_body("Lo siento, no puedo."), Fault.REFUSED),
        (_body('{"a": 1}{"a": 2}'), Fault.NOT_JSON),
        (_body("[1]"), Fault.NOT_JSON),
        (_body('{"a": 1}', "length"), Fault.TRUNCATED),
        (_body(None, "length"), Fault.ONLY_REASONED),
        (_body(" ", "length", reasoning_content="Let me see"), Fault.ONLY_REASONED),
        (_body("<think>Let me see", "length"), Fault.ONLY_REASONED),
        (_body('<think>So.</think>{"a": ', "length"), Fault.TRUNCATED),
        (_body(["a"], "length"), Fault.TRUNCATED),
        (_body(None, reasoning_content="Let me see"), Fault.EMPTY),
        (_body('{"a": 1}', "content_filter"), Fault.FILTERED),
        (_body('{"a": 1}', refusal="I cannot"), Fault.REFUSED),
    ],
)
def test_what_is_no_answer_has_its_fault(body: bytes, fault: Fault) -> None:
    """Each trouble has a name of its own."""
    reply = read_answer(body, "asked", 0.5)
    assert isinstance(reply, NoAnswer)
    assert reply.fault is fault


def test_what_is_said_instead_of_an_answer_is_kept() -> None:
    """Word for word, and so it comes out of the ledger again; nothing where nothing was said."""
    reply = read_answer(_body("Sure! Here it is."), "asked", 0.5)
    question = Question(Ask("copy", "copy.v2", "", "", {}, 1), "asked", "a" * 64, datetime(2026, 11, 3, tzinfo=UTC))
    kept = kept_of(reply, question, Asker("composer", 0, "u:1"))
    assert kept.text == "Sure! Here it is."
    assert reply_of(kept, is_from_ledger=False) == reply
    silent = read_answer(_body(None), "asked", 0.5)
    assert kept_of(silent, question, Asker("composer", 0, "u:1")).text == ""


@given(st.binary())
def test_any_bytes_are_a_reply(body: bytes) -> None:
    """Never an exception."""
    assert isinstance(read_answer(body, "asked", 0.0), Answer | NoAnswer)


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (429, b"slow down", Fault.RATE_LIMITED),
        (429, b'{"code": "insufficient_quota"}', Fault.QUOTA),
        (401, b"", Fault.DENIED),
        (403, b"", Fault.DENIED),
        (402, b"", Fault.QUOTA),
        (409, b"", Fault.CONFLICT),
        (400, b"maximum context length is 8192 tokens", Fault.TOO_LONG),
        (400, b'{"error": {"code": "json_validate_failed"}}', Fault.NOT_JSON),
        (400, b"billing_hard_limit_reached", Fault.QUOTA),
        (408, b"", Fault.TIMEOUT),
        (400, b"", Fault.INVALID_REQUEST),
        (404, b"", Fault.INVALID_REQUEST),
        (500, b"", Fault.SERVER_ERROR),
        (529, b"", Fault.SERVER_ERROR),
    ],
)
def test_a_status_has_its_fault(status: int, body: bytes, fault: Fault) -> None:
    """Quota is no rate limit: it is never asked again."""
    assert fault_of_status(status, body) is fault
