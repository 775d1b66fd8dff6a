"""Reads a prompt as committed; its file name is its id with version, its first line holds the canary."""

import re
from pathlib import Path

from services.composer.core.values import Prompt
from services.runtime.outcome import Misconfigured

FOLDER = Path(__file__).parents[1] / "prompts"
_CANARY = re.compile(r"^Reference: (\S{8,})$", re.MULTILINE)


def read_prompt(prompt_id: str, folder: Path = FOLDER) -> Prompt:
    """The prompt of this id.

    Raises:
        Misconfigured: the file is missing or has no canary line.
    """
    path = folder / f"{prompt_id}.md"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}; expected the prompt {prompt_id}") from None
    match = _CANARY.search(text)
    if match is None:
        raise Misconfigured(f"{path}: expected a line `Reference: <at least 8 characters>`, the canary")
    return Prompt(prompt_id, text, match.group(1))


def prompt_in(path: Path, else_prompt: Prompt) -> Prompt:
    """The prompt of this file, whose name is its id; the other one where the file is of another stage than that.

    Raises:
        Misconfigured: as `read_prompt`.
    """
    if path.name.partition(".")[0] != else_prompt.id.partition(".")[0]:
        return else_prompt
    return read_prompt(path.name.removesuffix(".md"), path.parent)
