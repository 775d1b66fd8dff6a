"""A script of ours over bytes of strangers, in a process of its own: bounded in time, memory and output.

The child gets the bytes and its arguments, nothing else: no environment, no files of ours open, no core dump, and an
interpreter that looks for modules in the environment's own folder alone. What it breaks is its own.
"""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PIECE_BYTES = 65_536
CHILD = Path(__file__).with_name("bounded_child.py")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one child may use. A page of 2 MB takes 0.1 s and 150 MB of address space; a nest of tags takes for ever."""

    cpu_s: int = 2
    memory_bytes: int = 512 * 2**20
    wall_s: float = 4.0
    output_bytes: int = 131_072


BOUNDS = Bounds()


async def run_bounded(script: Path, arguments: Sequence[str], body: bytes, bounds: Bounds = BOUNDS) -> bytes | None:
    """What the script wrote; None if it failed, said too much, or reached a bound."""
    words = (str(bounds.cpu_s), str(bounds.memory_bytes), str(script), *arguments)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-B", str(CHILD), *words,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={}, cwd="/", start_new_session=True,
    )  # fmt: skip
    try:
        async with asyncio.timeout(bounds.wall_s):
            _, output = await asyncio.gather(_feed(process, body), _output(process, bounds.output_bytes))
            return output if output is not None and await process.wait() == 0 else None
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _feed(process: asyncio.subprocess.Process, body: bytes) -> None:
    if process.stdin is None:
        raise AssertionError("the child was started with a pipe")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it ended early: its status says so
        process.stdin.write(body)
        await process.stdin.drain()
    process.stdin.close()


async def _output(process: asyncio.subprocess.Process, most: int) -> bytes | None:
    if process.stdout is None:
        raise AssertionError("the child was started with a pipe")
    output = b""
    while piece := await process.stdout.read(PIECE_BYTES):
        output += piece
        if len(output) > most:
            process.kill()
            return None
    return output
