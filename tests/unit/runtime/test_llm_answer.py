"""What an endpoint may send becomes an answer or a named fault; nothing is trusted, nothing raises."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.llm import Answer, Fault, NoAnswer
from services.runtime.llm_answer import fault_of_status, read_answer


def _body(content: object, finish: str = "stop", **message: object) -> bytes:
    choice = {"finish_reason": finish, "message": {"content": content, **message}}
    return orjson.dumps({"model": "m", "choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})


def test_a_json_object_is_an_answer() -> None:
    """With the model and the tokens as the endpoint counted them."""
    reply = read_answer(_body('{"a": 1}'), "asked", 0.5)
    assert isinstance(reply, Answer)
    assert (reply.value, reply.model, reply.usage.prompt_tokens, reply.usage.completion_tokens) == ({"a": 1}, "m", 7, 3)


def test_a_code_fence_is_taken_off() -> None:
    """Many models put one around their JSON."""
    reply = read_answer(_body('```json\n{"a": 1}\n```'), "asked", 0.5)
    assert isinstance(reply, Answer)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"<html>busy</html>", Fault.NOT_JSON),
        (b"[]", Fault.EMPTY),
        (b'{"choices": []}', Fault.EMPTY),
        (b'{"choices": [null]}', Fault.EMPTY),
        (_body(None), Fault.EMPTY),
        (_body("  "), Fault.EMPTY),
        (_body("not json"), Fault.NOT_JSON),
        (_body('{"a": 1} and more'), Fault.NOT_JSON),
        (_body('{"a": 1}{"a": 2}'), Fault.NOT_JSON),
        (_body("[1]"), Fault.NOT_JSON),
        (_body('{"a": 1}', "length"), Fault.TRUNCATED),
        (_body('{"a": 1}', "content_filter"), Fault.FILTERED),
        (_body('{"a": 1}', refusal="I cannot"), Fault.REFUSED),
    ],
)
def test_what_is_no_answer_has_its_fault(body: bytes, fault: Fault) -> None:
    """Each trouble has a name of its own."""
    reply = read_answer(body, "asked", 0.5)
    assert isinstance(reply, NoAnswer)
    assert reply.fault is fault


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
