"""A process of a test's own: its tasks have an owner, and how it ends is raised."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from services.runtime.health import Health
from services.runtime.process import Process


def new_process(name: str = "test") -> Process:
    """A process that nobody has told to stop."""
    return Process(name, asyncio.Event(), Health(name))


async def run(process: Process, act: Coroutine[Any, Any, None]) -> None:
    """Run the act until it has ended.

    Raises:
        Ended: the process ended by it.
    """
    if (end := await process.tasks.run(act)) is not None:
        raise end
