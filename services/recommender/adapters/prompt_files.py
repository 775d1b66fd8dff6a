"""The prompts as files: `prompts/<name>.v<N>.md`. Another text is another version, so that records stay true."""

from pathlib import Path

from services.recommender.core.values import Prompt, Prompts

FOLDER = Path(__file__).parent.parent / "prompts"


def read_prompts() -> Prompts:
    """The prompts in force."""
    return Prompts(job_imagine=_read("job_imagine.v1"), pick=_read("pick.v1"))


def _read(prompt_id: str) -> Prompt:
    return Prompt(prompt_id, (FOLDER / f"{prompt_id}.md").read_text(encoding="utf-8").strip())
