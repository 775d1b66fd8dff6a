"""Live means progress: who holds records and commits none is not alive, nor is who holds the event loop.

It is judged by *useful time*, which stands still while the broker or a store is known to be away, and while the process
itself was stopped: an outage of others restarts nobody, and nobody is judged by the time they slept.
"""

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from services.runtime.task_stacks import FRAMES, task_stacks
from services.runtime.tasks import Tasks

log = logging.getLogger(__name__)

TICK_S = 1.0
LONGEST_TICK_S = 2.0  # what a tick counts for at most: beyond, the process was stopped or starved
LOOP_PATIENCE_S = 30.0  # a loop that does not turn for so long answers no probe and no heartbeat
PATIENCE_S = 120.0  # of a part that says nothing else: two deadlines of a decision and a backed-off retry


@dataclass(slots=True)
class Progress:
    """What one part holds, and when it last got on, in useful seconds."""

    patience_s: float
    useful_s: Callable[[], float]
    held: int = 0
    moved_s: float = 0.0

    def take(self, count: int = 1) -> None:
        """Note work that was taken."""
        self.hold(self.held + count)

    def give(self, count: int = 1) -> None:
        """Note work that was finished."""
        self.held -= count
        self.move()

    def hold(self, count: int) -> None:
        """Note how much waits, where that is seen from outside."""
        if not self.held:
            self.moved_s = self.useful_s()
        self.held = count

    def move(self) -> None:
        """Note that the part got on, whatever it holds."""
        self.moved_s = self.useful_s()

    @property
    def stalled_s(self) -> float:
        """Useful seconds since the part last got on; 0 while it holds nothing."""
        return self.useful_s() - self.moved_s if self.held > 0 else 0.0

    @property
    def is_stalled(self) -> bool:
        """True if that is longer than its patience."""
        return self.stalled_s > self.patience_s


@dataclass(slots=True)
class Watch:
    """The progress of every part, and the turning of the loop. `tick` is called about once a second, by a thread."""

    patience_s: float | None = None  # the operator's, in place of every part's own
    useful_s: float = 0.0
    turned_s: float = 0.0
    parts: dict[str, Progress] = field(default_factory=dict)
    _away: set[str] = field(default_factory=set)
    _said: set[str] = field(default_factory=set)
    _tasks: Tasks | None = None

    def progress(self, name: str, patience_s: float = PATIENCE_S) -> Progress:
        """The progress of a new part."""
        self.parts[name] = Progress(self.patience_s or patience_s, lambda: self.useful_s)
        return self.parts[name]

    def set_away(self, name: str, is_away: bool) -> None:  # noqa: FBT001 a fact, not a switch
        """Say whether the broker or a store is known to be away."""
        (self._away.add if is_away else self._away.discard)(name)

    def turn(self) -> None:
        """The event loop turns."""
        self.turned_s = self.useful_s

    def tick(self, elapsed_s: float) -> None:
        """Let so much time have passed; say once of each stall what everybody does."""
        if not self._away:
            self.useful_s += min(elapsed_s, LONGEST_TICK_S)
        stalled = self.stalled
        for name in stalled.keys() - self._said:
            where = {"stacks": stacks(), "tasks": [] if self._tasks is None else task_stacks(self._tasks.owned)}
            log.error("stalled", extra={"part": name, "stalled_s": round(stalled[name]), **where})
        self._said = set(stalled)

    @property
    def stalled(self) -> dict[str, float]:
        """The parts that do not get on, and for how many useful seconds."""
        found = {name: part.stalled_s for name, part in self.parts.items() if part.is_stalled}
        if (still_s := self.useful_s - self.turned_s) > LOOP_PATIENCE_S:
            found["event loop"] = still_s
        return found

    @property
    def is_live(self) -> bool:
        """True if nothing is stalled."""
        return not self.stalled

    def begin(self, tasks: Tasks) -> None:
        """Watch until the process ends; a stall says where these tasks stand."""
        self._tasks = tasks
        tasks.thread("watch", self._tick_for_ever)
        tasks.start("turn", self._turn_for_ever())

    def _tick_for_ever(self) -> None:
        last = time.monotonic()
        while True:
            time.sleep(TICK_S)
            now = time.monotonic()
            self.tick(now - last)
            last = now

    async def _turn_for_ever(self) -> None:
        while True:
            self.turn()
            await asyncio.sleep(TICK_S)


def stacks() -> list[str]:
    """Where every thread stands, innermost call last, as one text each."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    return [
        f"{names.get(number, number)}: " + "".join(traceback.format_stack(frame, FRAMES))
        for number, frame in sys._current_frames().items()  # noqa: SLF001 there is no other word for it
    ]
