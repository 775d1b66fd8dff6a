"""What the demo says of the endpoint that is configured, before anything starts."""

import argparse
import io
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.demo import Demo
from deploy.local.endpoint import lines_of
from services.runtime.llm_settings import LlmSettings
from tests.llm_server import Answers, Serve, by_model, hangs, reasons, says, sends, takes

YES = says('{"answer": "yes"}')
BELOW = "the rungs below it do its work"


@pytest.mark.parametrize(
    ("answers", "line"),
    [
        (YES, "gpt-5-mini answers, held to its schema by 'strict'"),
        (takes("object", then=YES), "gpt-5-mini answers, held to its schema by 'object'"),
        (sends(b"{}", 401), f"denied, status 401; see that OPENAI_API_KEY is right and may use this model; {BELOW}"),
        (sends(b"{}", 404), "KINDLING_LLM_MODEL or KINDLING_LLM_MODELS names a model of this endpoint"),
        (hangs, "does not answer: timeout, 0.5 s passed; give it longer by KINDLING_LLM_TIMEOUT_S"),
        (reasons("{}", {"minimal": 100_000}), "only_reasoned"),
    ],
)
async def test_a_line_says_whether_a_model_answers_and_what_to_do(answers: Answers, line: str, serve: Serve) -> None:
    """One question of a few tokens, with the settings the services have."""
    server = await serve(answers)
    (said,) = await lines_of(LlmSettings(openai_base_url=server.url, llm_timeout_s=0.5))
    assert line in said
    assert "\n" not in said


async def test_each_model_has_its_line(serve: Serve) -> None:
    """Smallest first."""
    server = await serve(by_model(small=sends(b"{}", 404), large=YES))
    lines = await lines_of(LlmSettings(openai_base_url=server.url, llm_models="small,large"))
    assert [each.partition(",")[0] for each in lines] == ["small does not answer: invalid_request", "large answers"]


async def test_who_asks_nobody_is_told_nothing(serve: Serve) -> None:
    """`KINDLING_LLM=none` is no fault."""
    server = await serve(YES)
    assert await lines_of(LlmSettings(openai_base_url=server.url, llm="none")) == []
    assert server.bodies == []


async def test_the_demo_says_it(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the services start, and no local model is started in its place."""
    server = await serve(sends(b"{}", 401))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")
    words = argparse.Namespace(
        folder=tmp_path, no_llm=False, local_model=False, once=True, collector_port=1, console_port=2,
        observe=False,
    )  # fmt: skip
    shown = io.StringIO()
    demo = Demo(words, Console(file=shown, width=300))
    await demo.start_llm()
    (line,) = shown.getvalue().splitlines()
    assert line.startswith("demo: gpt-5-mini does not answer: denied, status 401; see that OPENAI_API_KEY is right")
