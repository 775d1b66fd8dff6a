"""Asks the stages to replay: each in a process of its own, since services never import one another."""

import asyncio
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from schemas.replay import Case
from services.runtime.errors import Status
from services.runtime.outcome import Misconfigured, Unavailable

SAID_CHARACTERS = 2_000  # of what a stage said on standard error


class StageProcesses:
    """Runs `python -m services.<stage> replay`; cases go in and come out as lines of JSON."""

    async def replay(self, stage: str, words: Sequence[str], cases: Sequence[Case]) -> tuple[Case, ...]:
        """The cases as the stage leaves them, in the same order."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", f"services.{stage}", "replay", *words,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        given = "".join(f"{each.model_dump_json(by_alias=True)}\n" for each in cases)
        try:
            out, said = await process.communicate(given.encode())
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode != 0:
            raise _trouble(stage, process.returncode, said.decode("utf-8", "replace").strip())
        try:
            return tuple(Case.model_validate_json(line) for line in out.splitlines())
        except ValidationError as error:
            raise Unavailable(f"{stage} answered what is no case: {error}") from None


def _trouble(stage: str, status: int | None, said: str) -> Exception:
    told = f"{stage} could not replay: {said[-SAID_CHARACTERS:]}"
    return Misconfigured(told) if status == Status.MISCONFIGURED else Unavailable(told)
