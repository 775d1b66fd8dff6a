"""Whether every process of the whole kill plan is alive and ready, asked for about once a second."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import aiohttp

from tests.system.whole_crowd import pause

EVERY_S = 0.7
WITHIN_S = 5.0  # of one question: on a machine that is full a process that lives may be slow


@dataclass(frozen=True, slots=True)
class Said:
    """What a process answered last about whether it is ready, and when it was asked, on the monotonic clock."""

    asked_s: float = 0.0
    status: int = 0
    text: str = ""


@dataclass(slots=True)
class Vitals:
    """`dead` is what `/live` answered where it was not 200; `silent_s` the longest time a process gave no answer."""

    ports: dict[str, int] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    silent_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    polls: int = 0
    _said: dict[str, Said] = field(default_factory=lambda: defaultdict(Said))

    async def watch_for_ever(self) -> None:
        """Ask until called off."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S)) as session:
            await asyncio.gather(*(self._watch(session, name) for name in self.ports))

    async def until_ready(self, names: Iterable[str], since_s: float, within_s: float) -> float:
        """The seconds from `since_s` on the monotonic clock until each of them has said that it is ready."""
        ready_s = dict.fromkeys(names, 0.0)
        while not all(ready_s.values()):
            for each in ready_s:
                said = self._said[each]
                if said.status == 200 and said.asked_s > since_s and not ready_s[each]:
                    ready_s[each] = said.asked_s
            not_yet = {each: self._said[each].text for each, at_s in ready_s.items() if not at_s}
            assert time.monotonic() - since_s < within_s, f"not ready within {within_s:.0f} s: {not_yet}"
            await pause(0.1)
        return max(ready_s.values()) - since_s

    async def _watch(self, session: aiohttp.ClientSession, name: str) -> None:
        answered_s = time.monotonic()
        while True:
            status, text = await self._ask(session, name, "live")
            if status not in {200, 0}:
                self.dead.append(f"{name}: {status} {text}")
            asked_s = time.monotonic()
            if status:
                answered_s = asked_s
            self.silent_s[name] = max(self.silent_s[name], asked_s - answered_s)
            self._said[name] = Said(asked_s, *await self._ask(session, name, "ready"))
            self.polls += 1
            await pause(EVERY_S)

    async def _ask(self, session: aiohttp.ClientSession, name: str, what: str) -> tuple[int, str]:
        """The status and what was said; 0 where nobody answers, as of who is stopped or dead."""
        try:
            async with session.get(f"http://127.0.0.1:{self.ports[name]}/{what}") as response:
                return response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            return 0, repr(error)
