"""What the `replay` commands of the stages share: cases in as lines of JSON, cases out in the same order."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

from schemas.replay import Case, NotReplayable
from services.runtime.errors import Status
from services.runtime.llm_client import LlmClient, NoLlm, build
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.settings import load

AT_ONCE = 8  # cases in work: a model answers in seconds


def add_words(parser: argparse.ArgumentParser) -> None:
    """The words every stage's `replay` takes."""
    parser.add_argument("--anew", action="store_true", help="ask the model again, instead of reading the record")
    parser.add_argument("--prompt", type=Path, help="a prompt file in place of the one in force")
    parser.add_argument("--model", help="in place of KINDLING_LLM_MODEL")
    parser.add_argument("--catalogue", type=Path, help="courses of a file in place of those of the topic")


def model_for(name: str | None) -> LlmClient | NoLlm:
    """The model the environment names, or this one at the same endpoint."""
    settings = load(LlmSettings)
    return build(settings if name is None else settings.model_copy(update={"llm_model": name}))


def ended(act: Coroutine[Any, Any, None]) -> int:
    """The exit status of a command; where it cannot do its work, one sentence says why."""
    try:
        asyncio.run(act)
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return Status.MISCONFIGURED
    except Unavailable as error:
        sys.stderr.write(f"{error}; try again\n")
        return Status.FENCED
    return 0


async def replay(
    handle: Callable[[Case], Awaitable[Case]], lines: Iterable[str], write: Callable[[str], object]
) -> None:
    """Hand each case on and write what comes of it; a case that cannot be replayed goes on, with the reason in it."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(line: str) -> Case:
        case = Case.model_validate_json(line)
        if case.skipped is not None:
            return case
        async with slots:
            try:
                return await handle(case)
            except NotReplayable as error:
                return case.model_copy(update={"skipped": str(error)})

    for done in await asyncio.gather(*(one(line) for line in lines if line.strip())):
        write(f"{done.model_dump_json(by_alias=True)}\n")
