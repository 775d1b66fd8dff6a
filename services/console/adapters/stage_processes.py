"""Asks the stages to replay: each in a process of its own, since services never import one another."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterable, Sequence

from schemas.replay import MOST_LINE_BYTES, Case
from services.runtime.errors import Status
from services.runtime.outcome import Misconfigured, Unavailable

SAID_BYTES = 8_000  # the last of what a stage said on standard error
SAID_CHARACTERS = 2_000  # of that


class StageProcesses:
    """Runs `python -m services.<stage> replay` for each, joined by pipes; cases go in and out as lines of JSON.

    Nothing is held here but the line on its way: a stage that is slow holds up those before it, and the cases.
    """

    async def replay(
        self, stages: Sequence[str], words: Sequence[str], cases: Iterable[Case], take: Callable[[Case], None]
    ) -> None:
        """Each case as the stages leave it, in the same order, as soon as it is there."""
        processes: list[Process] = []
        try:
            await _join(stages, words, processes)
            said = await _passed(processes, cases, take)
        finally:
            for process in processes:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        ends = [(stage, process.returncode) for stage, process in zip(stages, processes, strict=True)]
        if told := [(stage, status, text) for (stage, status), text in zip(ends, said, strict=True) if status != 0]:
            raise _trouble(told)


async def _join(stages: Sequence[str], words: Sequence[str], processes: list[Process]) -> None:
    """Start the processes, each but the first reading what the one before it writes."""
    source = PIPE
    for number, stage in enumerate(stages, 1):
        following, sink = os.pipe() if number < len(stages) else (PIPE, PIPE)
        try:
            processes.append(
                await asyncio.create_subprocess_exec(
                    sys.executable, "-m", f"services.{stage}", "replay", *words,
                    stdin=source, stdout=sink, stderr=PIPE, limit=MOST_LINE_BYTES,
                )
            )  # fmt: skip
        finally:
            for each in {source, sink} - {PIPE}:  # the process has its own of it now
                os.close(each)
        source = following


async def _passed(processes: Sequence[Process], cases: Iterable[Case], take: Callable[[Case], None]) -> list[str]:
    """All cases through all processes; what each said on standard error."""
    ends = await asyncio.gather(
        _give(processes[0], cases), _taken(processes[-1], take), *(_said(each) for each in processes),
        return_exceptions=True,
    )  # fmt: skip
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    for process in processes:
        await process.wait()
    return [str(each) for each in ends[2:]]


async def _give(process: Process, cases: Iterable[Case]) -> None:
    """The cases, no faster than they are taken; one that ends early has its own reason."""
    if process.stdin is None:
        return
    with contextlib.suppress(ConnectionError):
        try:
            for each in cases:
                process.stdin.write(f"{each.model_dump_json(by_alias=True)}\n".encode())
                await process.stdin.drain()
        finally:
            process.stdin.close()


async def _taken(process: Process, take: Callable[[Case], None]) -> None:
    if process.stdout is None:
        return
    try:
        async for line in process.stdout:
            take(Case.model_validate_json(line))
    except ValueError as error:  # pydantic's, or that of a line which is longer than any case
        process.kill()
        raise Unavailable(f"the stages answered what is no case: {error}") from None
    except BaseException:
        process.kill()
        raise


async def _said(process: Process) -> str:
    said = b""
    while process.stderr is not None and (more := await process.stderr.read(SAID_BYTES)):
        said = (said + more)[-SAID_BYTES:]
    return said.decode("utf-8", "replace").strip()[-SAID_CHARACTERS:]


def _trouble(told: Sequence[tuple[str, int | None, str]]) -> Exception:
    """Why it came to nothing; a setting that is missing in one is missing in all."""
    for stage, status, said in told:
        if status == Status.MISCONFIGURED:
            return Misconfigured(f"{stage} could not replay: {said}")
    return Unavailable("; ".join(f"{stage} could not replay: {said or f'status {end}'}" for stage, end, said in told))
