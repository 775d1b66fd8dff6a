"""The form of a question, and what a refusal makes of it: in the words of many endpoints, and of none."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.llm_form import MOST_MENDS, SCALE, Form, mended
from services.runtime.llm_settings import LlmSettings

FORM = Form("minimal", 2_048)
CLOSE = Form("minimal", 0)
PLAIN = Form(None, 2_048, is_second=True)
NONE, LOW, HIGH = (Form(each, 2_048, is_second=True) for each in ("none", "low", "high"))
BY_ADVICE, UNBOUNDED = (Form("minimal", 2_048, structure=each) for each in ("schema", "plain"))
OTHER_CAP = Form("minimal", 2_048, "max_tokens")
MORE = "Use '{}' instead."
UNKNOWN = "Unsupported parameter: '{}' is not supported with this model."
CONTEXT = (
    "This model's maximum context length is 4096 tokens. However, you requested 4508 tokens (1900 in the messages, "
)


def _error(message: str, **more: Any) -> bytes:
    return orjson.dumps({"error": {"message": message, "type": "invalid_request_error", **more}})


def test_the_lowest_effort_of_the_default_model_and_room_are_the_default() -> None:
    """An empty effort tells none."""
    assert LlmSettings().form == FORM
    assert LlmSettings(llm_reasoning_effort="").form == Form(None, 2_048)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (_error("Unrecognized request argument supplied: reasoning_effort"), PLAIN),
        (_error(UNKNOWN.format("reasoning_effort"), param="reasoning_effort"), PLAIN),
        (_error('"llama3.2" does not support thinking'), PLAIN),
        (
            orjson.dumps({"detail": [{"loc": ["body", "reasoning_effort"], "msg": "no"}]}),
            PLAIN,
        ),
        (b"reasoning_effort: unknown field", PLAIN),
        (
            _error(
                "Unsupported value: 'minimal' is not supported with the 'gpt-5.1' model."
                " Supported values are: 'none', 'low', 'medium', and 'high'.",
                param="reasoning_effort",
            ),
            NONE,
        ),
        (_error("reasoning_effort: Input should be 'low', 'medium' or 'high'"), LOW),
        (_error('invalid reasoning value: "minimal" (must be "high", "medium" or "low")'), LOW),
        (_error("Supported values are: 'high'.", param="reasoning_effort"), HIGH),
        (_error('{"error": {"message": "reasoning_effort must be one of \\"low\\", \\"high\\""}}'), LOW),
        (_error(UNKNOWN.format("max_completion_tokens") + MORE.format("max_tokens")), OTHER_CAP),
        (orjson.dumps({"message": [{"loc": ["body", "max_completion_tokens"], "msg": "Extra inputs"}]}), OTHER_CAP),
        (_error("max_tokens: Field required"), OTHER_CAP),
        (_error("max_tokens is too large: 2608. This model supports at most 2048 completion tokens"), CLOSE),
        (_error("`max_completion_tokens` must be less than or equal to `2048`"), CLOSE),
        (_error("Range of max_tokens should be [1, 2000]"), CLOSE),
        (_error("max_tokens: 2608 > 2048, which is what this model puts out"), CLOSE),
        (_error(CONTEXT + "2608 in the completion)."), CLOSE),
        (_error("Unsupported value: 'temperature' does not support 0 with this model.", param="temperature"), None),
        (_error("unknown field `response_format`, expected one of `reasoning_effort`, `max_tokens`"), BY_ADVICE),
        (_error("This response_format type is unavailable now", param=None), BY_ADVICE),
        (_error("This model does not support response format `json_schema`. See supported models"), BY_ADVICE),
        (_error("response_format.type `json_schema` is unavailable now at line 1 column 90"), BY_ADVICE),
        (orjson.dumps({"error": "'response_format.type' must be 'json_schema' or 'text'"}), BY_ADVICE),
        (orjson.dumps({"detail": [{"loc": ["body", "response_format"], "msg": "Extra inputs"}]}), BY_ADVICE),
        (_error("Structured outputs are not available for this model"), BY_ADVICE),
        (_error("Invalid schema for response_format 'answer': 'minLength' is not permitted."), UNBOUNDED),
        (_error("'messages' must contain the word 'json' to use 'response_format' of type 'json_object'"), None),
        (_error("the messages name reasoning_effort", param="messages"), None),
        (orjson.dumps({"input": "reasoning_effort", "error": "no"}), None),
        (orjson.dumps([[[[[[["reasoning_effort"]]]]]]]), None),
        (b"", None),
        (b"\xff\xfe", None),
    ],
)  # fmt: skip
def test_a_form_is_mended_by_what_is_refused(body: bytes, expected: Form | None) -> None:
    """What is named first; the effort nearest to the one told, where some are named; what is echoed names nothing."""
    assert mended(FORM, 400, body) == expected
    assert mended(FORM, 422, body) == expected
    assert mended(FORM, 500, body) is None


def test_no_structure_is_the_lowest() -> None:
    """What is refused then is not the form."""
    assert mended(replace(FORM, structure="none"), 400, _error("response_format")) is None


def test_a_cap_is_never_given_up() -> None:
    """Refused under both names, or too large with no room to give: that is the question's fault."""
    unknown, large = UNKNOWN.format("max_tokens"), "max_tokens is too large"
    assert mended(OTHER_CAP, 400, _error(unknown)) is None
    assert mended(CLOSE, 400, _error(large)) is None
    assert mended(PLAIN, 400, _error("reasoning_effort")) is None


WORDS = st.sampled_from(
    [*(f"'{each}'" for each in SCALE), "reasoning_effort", "max_tokens", "max_completion_tokens", "too large",
     "response_format", "minLength", "in the completion", "thinking", "temperature"]
)  # fmt: skip
BODIES = st.lists(st.one_of(st.binary(max_size=40), st.lists(WORDS).map(" ".join).map(_error)), min_size=12)


@given(BODIES, st.sampled_from(["", *SCALE]), st.sampled_from([0, 2_048]))
def test_a_form_is_mended_a_bounded_number_of_times(bodies: list[bytes], effort: Any, room: int) -> None:
    """Whatever an endpoint says, however often."""
    form, mends = Form(effort or None, room), 0
    for body in bodies:
        if (other := mended(form, 400, body)) is not None:
            assert other != form
            form, mends = other, mends + 1
    assert mends <= MOST_MENDS
