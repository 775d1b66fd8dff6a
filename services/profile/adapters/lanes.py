"""The packs of each owned partition that wait for their turn, so that no partition waits for another's broker.

A lane belongs to one takeover: what it holds of a partition that was taken away or over anew is dropped by who applies
it, and comes again where the state stands.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from services.runtime.tasks import Tasks

Apply: TypeAlias = Callable[[Sequence[Any]], Awaitable[None]]
"""Applies packs of the lane's partition, in their order, as one transaction."""


class Lane:
    """One partition's packs in order: those that wait are applied together, at most `most`, and never wait for more."""

    def __init__(self, number: int, most: int, apply: Apply, tasks: Tasks) -> None:
        self._number, self._most, self._apply, self._tasks = number, most, apply, tasks
        self._packs: deque[Any] = deque()
        self._room = asyncio.Event()
        self._is_running = False

    async def put(self, pack: Any) -> None:
        """Take the pack; returns when less than two transactions wait, so that the next one is full."""
        self._packs.append(pack)
        if not self._is_running:
            self._is_running = True
            self._tasks.start(f"apply {self._number}", self._run())
        while len(self._packs) >= 2 * self._most:
            self._room.clear()
            await self._room.wait()

    async def _run(self) -> None:
        """Apply until nothing waits; what that raises ends the process."""
        while self._packs:
            packs = [self._packs.popleft() for _ in range(min(self._most, len(self._packs)))]
            self._room.set()
            await self._apply(packs)
        self._is_running = False
