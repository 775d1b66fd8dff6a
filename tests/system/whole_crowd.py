"""The crowd of the whole kill plan: leads who read, convert through the collector or Kafka, and unsubscribe.

What was acknowledged is noted, and nothing else: a call is sent again until somebody has taken it.
"""

import asyncio
import random
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from deploy.local.calls import Sent, calls_of
from deploy.local.player import Player
from deploy.local.story import Lead, Step
from schemas.topics import CONVERSIONS_RAW, EMAIL_OUTBOUND, EVENTS_CLEAN, EVENTS_RAW, RECOMMENDATION_REQUESTS, Topic
from services.runtime.clock import now
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Unavailable

WEBSITE = "https://www.tidewell.example"
TOPICS = ("email-marketing", "seo", "crm", "paid-ads")
FIRST = ("Guide Downloaded", "Guide Downloaded", "Webinar Registered", "Trial Started")
SECOND = ("Course Enrolled", "Trial Started", "Guide Downloaded", "Course Wishlisted")
"""What a lead converts on; nothing is entered by the last, and one purpose may come twice."""
HANDS = 12  # leads who act at once: while the collector is away the others go on
APART = 20  # leads between the two visits of one
AGAIN_S = 0.3
POISON_EVERY = 31  # acts
POISONED = (EVENTS_RAW, CONVERSIONS_RAW, EVENTS_CLEAN, EMAIL_OUTBOUND, RECOMMENDATION_REQUESTS)
REFUSING = 0.2  # the share of mails whose reader unsubscribes at once


@dataclass(frozen=True, slots=True)
class Refusal:
    """An unsubscribe that was answered with 200, and when."""

    address: str
    at_s: float


@dataclass(slots=True)
class Acked:
    """What somebody took: calls by id, which of them are conversions, unsubscribes, and bytes nobody can read."""

    calls: set[str] = field(default_factory=set)
    conversions: set[str] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)
    poison: set[tuple[str, bytes]] = field(default_factory=set)


class Crowd:
    """Plays leads until so many conversions are taken; the same seed makes the same leads."""

    def __init__(self, seed: int, count: int, bootstrap: str, make_player: Callable[[Publisher], Player]) -> None:
        self._seed, self._count, self._bootstrap, self._make_player = seed, count, bootstrap, make_player
        self._publisher = Publisher(Kafka(bootstrap), "crowd")
        self._acts = _acts(seed)
        self._made = self._planned = 0
        self._most = count
        self._turn_s, self._pace_s, self._burst = 0.0, 0.0, 0
        self._away = asyncio.Lock()
        self._seen: set[str] = set()
        self.acked = Acked()

    async def play(self, pace_s: float) -> None:
        """Send everything, an act every so many seconds; returns when all of it is taken."""
        self._pace_s = pace_s
        await self._publisher.start()
        try:
            await asyncio.gather(*(self._play_for_ever() for _ in range(HANDS)))
        finally:
            await self._publisher.stop()

    def hurry(self) -> None:
        """Send the rest without a pause."""
        self._pace_s, self._most = 0.0, self._count

    def burst(self, acts: int) -> None:
        """Send the next so many acts without a pause."""
        self._burst += acts

    def spare(self, share: float) -> None:
        """Keep this share of the conversions back, for what is yet to be struck: a full machine is slow at it."""
        self._most = int(self._count * (1 - share))

    async def refuse(self, mails: Sequence[Any]) -> None:
        """Unsubscribe by the links of some of these mails, perhaps before they have arrived."""
        await asyncio.gather(*(self._refuse(each) for each in mails if each.message_id not in self._seen))

    async def _refuse(self, mail: Any) -> None:
        self._seen.add(mail.message_id)
        if zlib.crc32(f"{self._seed} {mail.person}".encode()) % 1000 >= 1000 * REFUSING:
            return
        await self._taken(lambda: self._player.unsubscribe(mail.unsubscribe.url))
        self.acked.refusals.append(Refusal(mail.to.address, time.time()))

    async def _play_for_ever(self) -> None:
        while self._planned < self._count:
            if self._planned >= self._most:
                await pause(AGAIN_S)
                continue
            calls = next(self._acts)
            self._made += 1
            self._planned += len({each.call["messageId"] for each in calls if each.is_conversion})
            if self._made % POISON_EVERY == 0:
                await self._poison(POISONED[self._made // POISON_EVERY % len(POISONED)], self._made)
            await self._wait()
            for each in calls:
                await self._taken(lambda each=each: self._player.play([each]))  # type: ignore[misc]
                self.acked.calls.add(each.call["messageId"])
                if each.is_conversion:
                    self.acked.conversions.add(each.call["messageId"])

    async def _poison(self, topic: Topic, number: int) -> None:
        value = b"\xff poison %d" % number
        await self._taken(lambda: self._publisher.send_raw(topic, b"u:p1", value))
        self.acked.poison.add((topic.name, value))

    async def _wait(self) -> None:
        if self._burst > 0:
            self._burst -= 1
            return
        self._turn_s = max(self._turn_s + self._pace_s, time.monotonic())
        await pause(self._turn_s - time.monotonic())

    @property
    def _player(self) -> Player:
        return self._make_player(self._publisher)

    async def _taken(self, act: Callable[[], Any]) -> None:
        while True:
            broken = self._publisher
            try:
                await act()
            except (aiohttp.ClientError, TimeoutError):
                await pause(AGAIN_S)
            except Unavailable:
                await self._connect(broken)
            else:
                return

    async def _connect(self, broken: Publisher) -> None:
        async with self._away:
            if self._publisher is not broken:
                return
            await asyncio.wait([asyncio.ensure_future(broken.stop())], timeout=5)
            while True:
                fresh = Publisher(Kafka(self._bootstrap), "crowd")
                try:
                    await fresh.start()
                except Unavailable:
                    await pause(AGAIN_S)
                else:
                    self._publisher = fresh
                    return


async def pause(duration_s: float) -> None:
    """Let so much time pass; nothing else can end it."""
    if duration_s > 0:
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=duration_s)


def _acts(seed: int) -> Iterator[list[Sent]]:
    """The first visit of one lead after another, and the second of who came some while ago."""
    waiting: deque[Lead] = deque()
    number = 0
    while True:
        lead = _lead(random.Random(f"{seed} {number}"), number)  # noqa: S311 a crowd is no secret
        yield _calls(lead, 1)
        waiting.append(lead)
        number += 1
        if len(waiting) > APART and (calls := _calls(waiting.popleft(), 2)):
            yield calls


def _calls(lead: Lead, part: int) -> list[Sent]:
    """The calls of a visit; some servers know the browser of who converts, which links it."""
    calls = calls_of(lead, part, "whole", now(), WEBSITE)
    for each in calls:
        if each.is_conversion and not each.step.anonymous and part == 1:
            each.call["anonymousId"] = lead.anonymous_id
    return calls


def _lead(chance: random.Random, number: int) -> Lead:
    name, topic = f"p{number}", chance.choice(TOPICS)
    pages = [_page(chance, topic) for _ in range(chance.randint(1, 4))]
    identify = [Step(do="identify", traits={"role": "CMO", "company": f"Firm {number}"})] * (chance.random() < 0.4)
    later = [_page(chance, topic, part=2), _conversion(chance, chance.choice(SECOND), name, topic, part=2)]
    return Lead(
        name=name, user_id=name, anonymous_id=f"n{number}", email=address_of(name), about="one of the crowd", ends=(),
        through="collector" if chance.random() < 0.6 else "kafka",
        steps=(*pages, *identify, _conversion(chance, chance.choice(FIRST), name, topic), *later),
    )  # fmt: skip


def address_of(name: str) -> str:
    """Where a lead gets mail; three are of one firm, so that a domain that is slowed slows few.

    The last of each firm shares the mailbox of the one before: two ids, one address.
    """
    number = int(name.removeprefix("p"))
    owner = number - 1 if number % 3 == 2 else number
    return f"p{owner}@firm{number // 3}.example"


def _page(chance: random.Random, topic: str, part: int = 1) -> Step:
    path = f"/blog/{topic}/page-{chance.randint(1, 9)}"
    said = {"do": "page", "part": part, "path": path, "title": topic, "ago": f"{chance.randint(0, 40)}d"}
    return Step.model_validate({**said, "anonymous": chance.random() < 0.7, "repeat": chance.choice((1, 1, 1, 2))})


def _conversion(chance: random.Random, event: str, name: str, topic: str, part: int = 1) -> Step:
    consent = {"consent": {"marketing": True}} if part == 1 else {}  # who refused does not agree again
    properties = {"email": address_of(name), "title": f"About {topic}", "topic": topic, **consent}
    said = {"do": "conversion", "part": part, "event": event, "properties": properties}
    return Step.model_validate({**said, "anonymous": chance.random() < 0.3, "repeat": chance.choice((1, 1, 1, 2))})
