"""What is set for single models and single stages: read once at the start, and refused by name where it is wrong."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.runtime.llm_form import Form
from services.runtime.llm_settings import LlmSettings

TWO = "small=0.25/2,qwen3:8b"


def test_what_is_set_for_a_model_goes_before_what_is_set_for_all() -> None:
    """Each of the two by itself; an empty effort tells none."""
    settings = LlmSettings(
        llm_models=TWO, llm_reasoning_tokens=512, llm_models_reasoning_tokens="qwen3:8b=4096",
        llm_models_reasoning_effort="small = low, qwen3:8b=",
    )  # fmt: skip
    assert settings.form_of("small") == Form("low", 512)
    assert settings.form_of("qwen3:8b") == Form(None, 4_096)
    assert settings.form_of("another") == settings.form == Form("minimal", 512)


def test_what_is_set_for_a_stage_goes_before_what_is_set_for_all() -> None:
    """A stage that is two in one has the time of its whole name, else of its first part, else of its second."""
    settings = LlmSettings(llm_timeout_s=10, llm_stage_timeouts_s="job=25, imagine=30,copy=40.5,company=2")
    assert [settings.timeout_of(each) for each in ("job+imagine", "copy", "pick", "company")] == [25, 40.5, 10, 2]
    assert LlmSettings(llm_stage_timeouts_s="job=25,job+imagine=5").timeout_of("job+imagine") == 5
    assert LlmSettings(llm_stage_timeouts_s="imagine=3").timeout_of("job+imagine") == 3
    assert settings.longest_timeout_s == 40.5
    assert LlmSettings(llm_timeout_s=10).longest_timeout_s == 10


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"llm_models_reasoning_tokens": "small"}, "expected name=value by comma, came 'small'"),
        ({"llm_models_reasoning_tokens": "big=1"}, "expected names of qwen3:8b, small; came 'big'"),
        ({"llm_models_reasoning_tokens": "small=-1"}, "expected 0 to 100000 tokens, came '-1'"),
        ({"llm_models_reasoning_tokens": "small=100001"}, "expected 0 to 100000 tokens, came '100001'"),
        ({"llm_models_reasoning_tokens": "small=1,small=2"}, "expected every name once, came 'small' twice"),
        ({"llm_models_reasoning_effort": "small=least"}, "expected none, minimal, low, .* or nothing, came 'least'"),
        ({"llm_models_reasoning_effort": "big=low"}, "llm_models_reasoning_effort: expected names of .*; came 'big'"),
        ({"llm_stage_timeouts_s": "copying=3"}, "llm_stage_timeouts_s: expected names of .*; came 'copying'"),
        ({"llm_stage_timeouts_s": "copy=0"}, "expected seconds up to 300, came '0'"),
        ({"llm_stage_timeouts_s": "copy=301"}, "expected seconds up to 300, came '301'"),
        ({"llm_stage_timeouts_s": "copy=soon"}, "expected seconds up to 300, came 'soon'"),
    ],
)
def test_what_is_wrong_is_said(settings: dict[str, Any], message: str) -> None:
    """Which setting, what was expected, and what came."""
    with pytest.raises(ValidationError, match=message):
        LlmSettings(llm_models=TWO, **settings)
