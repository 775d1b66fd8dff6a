"""The nemesis of the whole kill plan: blows at every process, the broker, the mail server and the model, from a seed.

A round strikes several processes at once and ends when all are ready again; four rounds of 14 blows strike everything.
Of three brokers each leader is struck before, in a round of its own: 18 blows are one round of all.
"""

import asyncio
import contextlib
import logging
import random
import signal
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.brokers import Node
from tests.cluster import LEADERS, Cluster
from tests.llm_server import Server, hangs, says
from tests.system.conftest import Worker
from tests.system.whole_crowd import pause
from tests.system.whole_mailbox import Mailbox
from tests.system.whole_vitals import Vitals
from tests.system.whole_world import PAIRS, World

log = logging.getLogger(__name__)

ASLEEP_S = 11.0  # past the session of 10 s
DEFERRING_S = 8.0
SOON_S = 0.1
MAIL_WITHIN_S = 60.0  # until one comes that is deferred: seconds on a machine that does nothing else
LEADERLESS_S = 3.0  # that a leader stays away after another leads in its place
SPREAD_S = 1.0  # within which the blows of a round fall
READY_WITHIN_S = 60.0  # 15 s on a machine that does nothing else
ENDED_WITHIN_S = 40.0  # 10 s to drain, and as much for the last resort
BROKER = "broker"
EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Struck:
    """One blow: whom, from when to when its cause lasted (seconds since 1970), and how long until ready after it."""

    blow: str
    victim: str
    began_s: float
    ended_s: float
    ready_s: float


@dataclass(slots=True)
class Nemesis:
    """Strikes so many blows, in rounds."""

    world: World
    vitals: Vitals
    node: Node | Cluster
    mailbox: Mailbox
    server: Server
    chance: random.Random
    struck: list[Struck] = field(default_factory=list)
    kills: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    before_round: Callable[[], None] = lambda: None
    after_round: Callable[[], Awaitable[None]] | None = None
    busy: Callable[[str], Awaitable[None]] | None = None
    _left: int = 0

    async def strike(self, count: int) -> None:
        """All blows; each round recovers before the next."""
        self._left = count
        while self._left > 0:
            await self._round(self._blow("restart", EVERYBODY, self._restart_everybody))
            if isinstance(self.node, Cluster):
                for of in LEADERS:
                    await self._round(self._blow("kill", f"the leader of {of}", partial(self._kill_leader, of)))
            pairs = self.chance.sample(PAIRS, len(PAIRS))
            one = {pair: self.chance.choice((1, 2)) for pair in pairs}
            other = {pair: 3 - number for pair, number in one.items()}
            await self._round(self._first_round(pairs, one))
            await self._round(self._second_round(pairs, other))
            if isinstance(self.node, Node):
                await self._round(self._blow("kill", BROKER, partial(self._kill_broker, self.node)))

    async def _round(self, blows: Coroutine[Any, Any, None]) -> None:
        """Under a burst of the crowd; who was struck is ready in the end, and has gone on."""
        self.before_round()
        await blows
        if self.after_round is not None:
            await self.after_round()

    async def _first_round(self, pairs: list[str], number: dict[str, int]) -> None:
        """Of two pairs one falls asleep, of two one is killed, and both halves of ingest; the model answers nobody."""
        self.server.answers = hangs
        asleep, killed = pairs[:2], pairs[2:]
        await asyncio.gather(
            *(self._suspend(f"{each}-{number[each]}") for each in asleep),
            *(self._kill(f"{each}-{number[each]}") for each in killed),
            self._kill("collector"),
            self._kill("consumer"),
        )

    async def _second_round(self, pairs: list[str], number: dict[str, int]) -> None:
        """Who was not struck before: two are killed, one is told to end, one falls asleep, and half of ingest each.

        Meanwhile the mail server defers some, and the model answers nobody still.
        """
        self.mailbox.defer()
        killed, (told, asleep) = pairs[:2], pairs[2:]
        first, second = self.chance.sample(("collector", "consumer"), 2)
        await asyncio.gather(
            self._come_round(),
            *(self._kill(f"{each}-{number[each]}") for each in killed),
            self._terminate(f"{told}-{number[told]}"),
            self._suspend(f"{asleep}-{number[asleep]}"),
            self._terminate(first),
            self._suspend(second),
        )
        self.server.answers = says("{}")

    async def _come_round(self) -> None:
        """Take every mail again, a while after it began; a little later where no mail has come by then."""
        await pause(DEFERRING_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MAIL_WITHIN_S):
                while not self.mailbox.deferrals:
                    await pause(SOON_S)
        self.mailbox.come_round()

    async def _kill(self, name: str) -> None:
        async def act() -> None:
            worker = self.world.workers[name]
            worker.kill()
            self.kills[name] += worker.statuses[-1] == -signal.SIGKILL  # else it had ended a moment before
            worker.start()

        await self._blow("kill", name, act)

    async def _terminate(self, name: str) -> None:
        await self._blow("terminate", name, lambda: self._restarted(name))

    async def _suspend(self, name: str) -> None:
        async def act() -> None:
            worker = self.world.workers[name]
            worker.send(signal.SIGSTOP)
            await pause(ASLEEP_S)
            worker.send(signal.SIGCONT)

        await self._blow("suspend", name, act)

    async def _kill_broker(self, node: Node) -> None:
        node.kill()
        await asyncio.to_thread(node.restart)

    async def _kill_leader(self, of: str) -> None:
        """SIGKILL of who leads; the others lead for a while, and nobody else goes before all is in sync again."""
        assert isinstance(self.node, Cluster)
        number = await self.node.leader(of)
        self.node.nodes[number].kill()
        began = time.monotonic()
        await self.node.until_led_without(number)
        log.info("broker %d led %s: another leads after %.1f s", number, of, time.monotonic() - began)
        await pause(LEADERLESS_S)
        await asyncio.to_thread(self.node.nodes[number].restart)
        await self.node.until_whole()

    async def _restart_everybody(self) -> None:
        """One half, then the other: of each pair somebody works on. One half comes back as another version.

        So all that follows plays between two versions.
        """
        self.world.change_versions()
        for half in self.world.halves:
            await asyncio.gather(*map(self._restarted, half))

    async def _restarted(self, name: str) -> None:
        """SIGTERM, an end in order, a start."""
        worker = self.world.workers[name]
        self.world.kept.remove(worker)
        status = await worker.end(ENDED_WITHIN_S)
        assert status == 0, f"{name} ended with {status}: {_tail(worker)}"
        worker.start()
        self.world.kept.append(worker)

    async def _blow(self, blow: str, victim: str, act: Callable[[], Awaitable[None]]) -> None:
        """Strike once, where a blow is left, and wait until who was struck is ready."""
        if self._left <= 0:
            return
        self._left -= 1
        is_one = victim in self.world.workers
        await pause(self.chance.random() * SPREAD_S if is_one else 0)
        if is_one and "-" in victim and self.busy is not None:
            await self.busy(victim)
        began_s, began = time.time(), time.monotonic()
        await act()
        ended_s, ended = time.time(), time.monotonic()
        names = [victim] if is_one else list(self.world.workers)
        ready_s = await self.vitals.until_ready(names, ended, READY_WITHIN_S)
        if victim.startswith("connector"):  # who waits for the mail server is not ready, and its deferrals are a cause
            ready_s -= min(ready_s, max(0.0, self.mailbox.came_round_s - ended))
        self.struck.append(Struck(blow, victim, began_s, ended_s, ready_s))
        log.info("%s %s: %.1f s, ready after %.1f s", blow, victim, ended - began, ready_s)


def _tail(worker: Worker) -> str:
    return worker.log.read_text()[-3_000:]
