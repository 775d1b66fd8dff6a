"""What the `replay` commands of the stages share: a stream of cases, in and out as lines of JSON, in one order."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from schemas.replay import MOST_LINE_BYTES, Case, NoCase, NotReplayable, row_of
from services.runtime.errors import Status
from services.runtime.lines import Line, numbered
from services.runtime.llm_client import LlmClient, NoLlm, build
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.settings import load
from services.runtime.tasks import Worker

AT_ONCE = 8  # cases in work or waiting for their turn: a model answers in seconds
SOME_LINES_BAD = 1  # the exit status

Handle: TypeAlias = Callable[[Case], Awaitable[Case]]


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


def ended(act: Coroutine[Any, Any, int]) -> int:
    """The exit status of a command that tells how many lines were no cases; where it cannot work, one sentence why."""
    try:
        bad = asyncio.run(act)
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return Status.MISCONFIGURED
    except Unavailable as error:
        sys.stderr.write(f"{error}; try again\n")
        return Status.FENCED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes it once more at its end
        sys.stderr.write("nobody reads the cases any more\n")
        return Status.FENCED
    if bad:
        sys.stderr.write(f"{bad} lines are no cases\n")
    return SOME_LINES_BAD if bad else 0


async def piped(handle: Handle) -> int:
    """Standard input replayed to standard output; how many of its lines are no cases."""
    return await replay(handle, numbered(sys.stdin.buffer, MOST_LINE_BYTES), _say)


async def replay(handle: Handle, lines: Iterable[Line], write: Callable[[str], object]) -> int:
    """Hand each case on and write what comes of it; how many lines are no cases.

    A line that is no case, or a case that cannot be replayed, is a row all the same, with the reason in it.

    Laws: rows are written in the order of their lines, each as soon as those before it are; no more than `AT_ONCE`
        lines were ever read whose rows are not written; what `handle` raises is raised behind the rows before it.
    """
    stream = _Stream(handle, iter(lines), write)
    try:
        await asyncio.gather(*(stream.work() for _ in range(AT_ONCE)))
    finally:
        stream.reader.close()
    if stream.error is not None:
        raise stream.error
    return stream.bad


class _Stream:
    """What the workers of one replay share: each line has the event of the line before it, and its own."""

    def __init__(self, handle: Handle, lines: Iterator[Line], write: Callable[[str], object]) -> None:
        self._handle, self._lines, self._write = handle, lines, write
        self._reading = asyncio.Lock()
        self.reader = Worker("read lines")
        self._last = asyncio.Event()
        self._last.set()
        self.bad = 0
        self.error: Exception | None = None

    async def work(self) -> None:
        """Take a line, see to it, wait for its turn, write its row; until there is none."""
        while (taken := await self._take()) is not None:
            line, before, written = taken
            try:
                row = await self._row(*line)
                await before.wait()
                self._put(row)
            except Exception as error:  # noqa: BLE001 `replay` raises it
                await before.wait()
                self.error = self.error or error
            finally:
                written.set()

    async def _take(self) -> tuple[Line, asyncio.Event, asyncio.Event] | None:
        async with self._reading:
            # In a thread: the stage before may take seconds for a line, while answers of the model come in here.
            line = None if self.error is not None else await self.reader.do(next, self._lines, None)
            if line is None:
                return None
            before, self._last = self._last, asyncio.Event()
            return line, before, self._last

    async def _row(self, number: int, raw: bytes) -> Case | NoCase | None:
        if not raw.strip():
            return None
        row = row_of(number, raw)
        if isinstance(row, NoCase) or row.skipped is not None:
            return row
        try:
            return await self._handle(row)
        except NotReplayable as error:
            return row.model_copy(update={"skipped": str(error)})

    def _put(self, row: Case | NoCase | None) -> None:
        if row is not None and self.error is None:
            self._write(f"{row.model_dump_json(by_alias=True)}\n")
            self.bad += isinstance(row, NoCase)


def _say(row: str) -> None:
    """Every row at once: the next stage works on it meanwhile."""
    sys.stdout.buffer.write(row.encode())
    sys.stdout.buffer.flush()
