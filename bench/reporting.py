"""How a workload speaks: progress to standard error, one JSON object a figure to standard output, and the status."""

import asyncio
import sys
from collections.abc import Coroutine, Sequence
from typing import Any

from bench.measurement import Measurement

INTERRUPTED = 130  # as a shell names the end by Ctrl-C


def say(what: str) -> None:
    """A line of progress."""
    print(what, file=sys.stderr, flush=True)


def reported(
    measuring: Coroutine[Any, Any, Sequence[Measurement]], wrong: type[Exception] | tuple[type[Exception], ...]
) -> int:
    """The exit status of a workload: its figures are printed, what goes wrong in the expected ways is one sentence."""
    try:
        measured = asyncio.run(measuring)
    except wrong as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    for each in measured:
        print(each.line())
    return 0
