"""Whom the demo asks: recorded answers, the endpoint that is set, the small local model, or nobody. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from deploy.local.answers import FOLDER, MODEL_NAME, has_answers

LOCAL_MODEL_NAME = "smollm2-135m-instruct"
RECORDED_STAGES = "job,imagine,pick,copy,reader"  # those that answers are written for


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the four: the settings of the services, the module that answers (none: nothing starts), a line to say."""

    kind: Literal["recorded", "endpoint", "local", "nobody"]
    line: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    module: tuple[str, ...] = ()


def asked_of(program: Path, port: int, *, no_llm: bool, local_model: bool, has_endpoint: bool) -> Asked:
    """Whom to ask; what is said on the command line wins over the environment."""
    if no_llm:
        return Asked("nobody", "no model is asked: the lower rungs alone", {"KINDLING_LLM": "none"})
    if local_model:
        return _local(port)
    if has_endpoint:
        return Asked("endpoint")
    if not has_answers(program):
        line = f"no LLM endpoint is set, and {program / FOLDER} holds no answers: the lower rungs alone"
        return Asked("nobody", line, {"KINDLING_LLM": "none"})
    return _recorded(program, port)


def _recorded(program: Path, port: int) -> Asked:
    line = f"no LLM endpoint is set; the model is `{MODEL_NAME}`: answers written beforehand, in {program / FOLDER}"
    module = ("deploy.local.recorded", "--port", str(port), "--program", str(program))
    own = {"KINDLING_LLM_STAGES": RECORDED_STAGES}
    return Asked("recorded", line, _settings(port, MODEL_NAME) | own, module)


def _local(port: int) -> Asked:
    own = {
        "KINDLING_LLM_STAGES": "job,imagine,copy",
        "KINDLING_LLM_IN_FLIGHT": "1",
        "KINDLING_LLM_TEMPERATURE": "0",
    }
    line = f"the model is `{LOCAL_MODEL_NAME}`, on this machine; its judgement is poor"
    return Asked("local", line, _settings(port, LOCAL_MODEL_NAME) | own, ("deploy.local.llm", "--port", str(port)))


def _settings(port: int, model: str) -> dict[str, str]:
    return {
        "KINDLING_LLM": "auto",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "OPENAI_API_KEY": "local",
        "KINDLING_LLM_MODEL": model,
        "KINDLING_LLM_MODELS": "",
        "KINDLING_LLM_REASONING_TOKENS": "0",  # neither reasons: more room is only more of the same words
        "KINDLING_LLM_REASONING_EFFORT": "",
    }
