"""The whole kill plan from its first process to the last word of its oracle."""

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.codec import decode
from schemas.errors import DecodeError
from schemas.topics import EMAIL_FEEDBACK, EMAIL_OUTBOUND, RECOMMENDATION_REQUESTS, RECOMMENDATIONS
from services.runtime.kafka_clients import Kafka
from tests.brokers import Node
from tests.cluster import Cluster
from tests.llm_server import Server
from tests.system.conftest import StartWorker
from tests.system.later import is_later
from tests.system.plan import Watch
from tests.system.whole_blows import ENDED_WITHIN_S, Nemesis, Struck
from tests.system.whole_crowd import Crowd, pause
from tests.system.whole_ends import statuses, unexplained
from tests.system.whole_mailbox import Mailbox
from tests.system.whole_oracle import WATCHED, Faults, Oracle
from tests.system.whole_reading import GROUPS, Offsets, Place, Reading
from tests.system.whole_vitals import Vitals
from tests.system.whole_world import World

PAIRED = (RECOMMENDATION_REQUESTS, RECOMMENDATIONS, EMAIL_OUTBOUND, EMAIL_FEEDBACK)
BLOW_S = 4.0  # what a blow takes in the end: it shares its round and the recovery with others
BEGUN_WITHIN_S = 120.0
QUIET_WITHIN_S = 90.0
PROGRESS_WITHIN_S = 60.0  # of all that was there when who was struck was ready again; seconds on a quiet machine
LOOK_S = 0.3
SOON_S = 0.1
BUSY_WITHIN_S = 4.0
BURST = 25  # acts as a round begins: who is struck a moment later has its hands full
SPARED = 0.5  # of the conversions, while nothing has been struck
SILENT_S = 60.0  # a process that is asleep for 11 s, or starts on a full machine, has answered by then


@dataclass(frozen=True, slots=True)
class Options:
    """How long, and which."""

    seed: int
    blows: int
    conversions: int

    def __str__(self) -> str:
        return f"whole kill plan: --seed {self.seed} --blows {self.blows} --conversions {self.conversions}"


@dataclass(slots=True)
class Play:
    """One run; `faults` and `lines` tell of it afterwards."""

    options: Options
    world: World
    node: Node | Cluster
    start: StartWorker
    server: Server
    mailbox: Mailbox = field(default_factory=Mailbox)
    vitals: Vitals = field(default_factory=Vitals)
    nemesis: Nemesis = field(init=False)
    crowd: Crowd = field(init=False)
    watch: Watch = field(init=False)
    reading: Reading = field(init=False)
    ended: list[int] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        seed, address = self.options.seed, self.world.bootstrap
        chance = random.Random(seed)  # noqa: S311 a plan is no secret
        self.nemesis = Nemesis(self.world, self.vitals, self.node, self.mailbox, self.server, chance)
        self.crowd = Crowd(seed, self.options.conversions, address, self.world.player)
        self.nemesis.before_round = self._begin_round
        self.nemesis.busy, self.nemesis.after_round = self._busy, self._progressed
        self.watch = Watch(address, WATCHED, self.world.kept)
        self.reading = Reading(self.watch.records)

    async def run(self) -> None:
        """Begin, strike under load, let everything come to rest, end in order."""
        try:
            await self.world.start(self.start, self.server, await self.mailbox.start())
            self.vitals.ports |= self.world.ports
            await self.watch.start()
            async with _running(self.vitals.watch_for_ever(), self._refuse_for_ever()) as tasks:
                await self._strike(tasks)
                await self._meanwhile(tasks, self._quiet())
                self.world.kept.clear()
                self.ended = list(await asyncio.gather(*map(_end, self.world.workers.values())))
            await self.watch.catch_up()
        finally:
            await self.watch.stop()
            self.mailbox.stop()

    @property
    def oracle(self) -> Oracle:
        """Of what is known by now."""
        claims = self.world.claims()
        return Oracle(self.reading, self.crowd.acked, self.mailbox.mails, claims, self.world.rules)

    def faults(self) -> Faults:
        """All that is wrong."""
        silent = [f"{name}: {silent_s:.0f} s" for name, silent_s in self.vitals.silent_s.items() if silent_s > SILENT_S]
        return {
            **self.oracle.faults(),
            "unread": self.unread,
            "not alive": self.vitals.dead,
            "silent": silent,
            "ended unexplained": list(unexplained(self.world.workers, self.nemesis.struck, self.nemesis.kills)),
            "ended in disorder": [str(status) for status in self.ended if status],
        }

    def versions(self) -> dict[str, tuple[int, int]]:
        """Of each topic that one of a pair writes: how many records are of a later version, and how many of today's."""
        found = {topic.short: [is_later(each.value) for each in self.watch.records[topic.name]] for topic in PAIRED}
        return {name: (sum(each), len(each) - sum(each)) for name, each in found.items()}

    def lines(self) -> Iterator[str]:
        """What was counted; and how long it took to be ready after each kind of blow."""
        asked = f"{self.mailbox.deferrals} deferrals; {len(self.server.bodies)} questions to the model"
        ends = f"{self.vitals.polls} polls; ended with {dict(statuses(self.world.workers))}"
        yield f"{self.oracle.figures()}; {asked}; {ends}"
        yield f"of a later version and of today's: {self.versions()}"
        yield from _ready(self.nemesis.struck)

    async def _strike(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Once all are ready: all blows, amid a crowd that acts as long; then the rest of the crowd."""
        begun = self.vitals.until_ready(self.world.ports, time.monotonic(), BEGUN_WITHIN_S)
        await self._meanwhile(tasks, begun)
        pace_s = BLOW_S * self.options.blows / self.options.conversions
        async with _running(self.crowd.play(pace_s)) as (playing,):
            await self._meanwhile([*tasks, playing], self.nemesis.strike(self.options.blows))
            self.crowd.hurry()
            await self._meanwhile(tasks, asyncio.shield(playing))

    def _begin_round(self) -> None:
        self.crowd.spare(SPARED * (1 - len(self.nemesis.struck) / self.options.blows))
        self.crowd.burst(BURST)

    async def _meanwhile(self, tasks: Sequence[asyncio.Task[None]], act: Any) -> None:
        """Follow the topics and keep the workers alive until the act has ended, or one of the tasks has failed."""
        acting = asyncio.ensure_future(act)
        try:
            while not acting.done():
                await self.watch.during(LOOK_S)
                for each in tasks:
                    if each.done():
                        each.result()
            await acting
        finally:
            acting.cancel()
            await asyncio.gather(acting, return_exceptions=True)

    async def _refuse_for_ever(self) -> None:
        """Unsubscribe some of who is to get a mail, as soon as the mail is written."""
        seen = 0
        while True:
            records = self.watch.records[EMAIL_OUTBOUND.name][seen:]
            seen += len(records)
            mails = []
            for record in records:
                with contextlib.suppress(DecodeError):
                    mails.append(decode(EMAIL_OUTBOUND, record.value))
            await self.crowd.refuse(mails)
            await pause(LOOK_S)

    async def _quiet(self) -> None:
        """Return when everything is read and has its end; what does not get there in time is the oracle's to tell."""
        async with _admin(self.world.bootstrap) as admin:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(QUIET_WITHIN_S):
                    while await self._unread(admin, self.reading.ends()) or self.oracle.loose():
                        await pause(LOOK_S)
            self.unread = [f"{topic}/{number}" for topic, number in await self._unread(admin, self.reading.ends())]

    async def _progressed(self) -> None:
        """Return when all that was there a moment ago is read: ready is a word, this is the deed."""
        ends, began_s = self.reading.ends(), time.monotonic()
        async with _admin(self.world.bootstrap) as admin:
            while unread := await self._unread(admin, ends):
                assert time.monotonic() - began_s < PROGRESS_WITHIN_S, f"alive without progress: {unread}"
                await pause(LOOK_S)

    async def _busy(self, name: str) -> None:
        """Return when the worker has read what it has not answered; after some seconds in any case."""
        async with _admin(self.world.bootstrap) as admin:
            until_s = time.monotonic() + BUSY_WITHIN_S
            while time.monotonic() < until_s:
                if self.world.owned(name) & {*await self._unread(admin, self.reading.ends())}:
                    return
                await pause(SOON_S)

    async def _unread(self, admin: Any, ends: Offsets) -> list[Place]:
        committed: dict[tuple[str, int], int] = {}
        for group in GROUPS:
            offsets = await admin.list_consumer_group_offsets(group)
            committed |= {(each.topic, each.partition): at.offset for each, at in offsets.items()}
        return self.reading.unread(ends, committed)


async def _end(worker: Any) -> int:
    status: int = await worker.end(ENDED_WITHIN_S)
    return status


@contextlib.asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[Any]:
    admin = Kafka(bootstrap).admin()
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def _running(*acts: Coroutine[Any, Any, None]) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(each) for each in acts]
    try:
        yield tasks
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _ready(struck: Sequence[Struck]) -> Iterator[str]:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for each in struck:
        by_kind[f"{each.blow} {each.victim.partition('-')[0]}"].append(each.ready_s)
    for kind, times_s in sorted(by_kind.items()):
        middle_s = sorted(times_s)[len(times_s) // 2]
        yield f"{kind}: {len(times_s)} times, ready after {middle_s:.1f} s, at most {max(times_s):.1f} s"
