"""The prompts as files: `prompts/<name>.v<N>.md`. Another text is another version, so that records stay true."""

from dataclasses import replace
from pathlib import Path

from services.recommender.core.values import Prompt, Prompts
from services.runtime.outcome import Misconfigured

FOLDER = Path(__file__).parent.parent / "prompts"
OTHER_STAGES = frozenset({"copy"})


def read_prompts() -> Prompts:
    """The prompts in force."""
    return Prompts(
        job_imagine=_read(FOLDER / "job_imagine.v2.md"),
        pick=_read(FOLDER / "pick.v3.md"),
        company=_read(FOLDER / "company.v1.md"),
    )


def with_prompt(prompts: Prompts, path: Path) -> Prompts:
    """The same with the prompt of this file in its place; a prompt of another stage changes nothing.

    Raises:
        Misconfigured: the file cannot be read, or its name is no prompt's.
    """
    name = path.name.partition(".")[0]
    match name:
        case "job_imagine":
            return replace(prompts, job_imagine=_read(path))
        case "pick":
            return replace(prompts, pick=_read(path))
        case _ if name in OTHER_STAGES:
            return prompts
        case _:
            raise Misconfigured(f"{path}: expected a file job_imagine.vN.md, pick.vN.md or copy.vN.md")


def _read(path: Path) -> Prompt:
    try:
        return Prompt(path.name.removesuffix(".md"), path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise Misconfigured(f"{path}: expected a readable file: {error.strerror}") from None
