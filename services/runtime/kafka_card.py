"""Whether the topics that a service's card names stand on the broker as the topic table declares them.

A topic that is missing is waited for; one that is another than the table's is the operator's, and ends the process.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from schemas.topics import SPARED, Topic, card_of
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.process import Process

LOOK_AGAIN_S = 30.0  # a look is two calls to the broker
PART = "topics"  # of the process, as its health names it

log = logging.getLogger(__name__)


class Reason(StrEnum):
    """What may be wrong with a topic."""

    MISSING = "missing"
    PARTITIONS = "partitions"
    CLEANUP = "cleanup"


@dataclass(frozen=True, slots=True)
class Fault:
    """One topic that is not as it should be; `what` says how, and what to do."""

    topic: str
    reason: Reason
    what: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the broker's topics come to; `partitions` is the shared number P, 0 where no topic of that kind stands."""

    partitions: int
    faults: tuple[Fault, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The topics that are not there."""
        return tuple(each.topic for each in self.faults if each.reason is Reason.MISSING)

    def awaited(self, service: str) -> tuple[str, ...]:
        """Those of them without which the service does not work."""
        spared = {each.name for each in SPARED.get(service, ())}
        return tuple(each for each in self.missing if each not in spared)

    @property
    def wrong(self) -> str:
        """What the operator is to set right, in one sentence; empty where nothing is."""
        return "; ".join(each.what for each in self.faults if each.reason is not Reason.MISSING)


class Admin(Protocol):
    """What is asked of the broker."""

    async def counts(self) -> dict[str, int]:
        """The number of partitions of every topic of ours that exists. Raises `Unavailable`."""
        ...

    async def cleanups(self, topics: Sequence[Topic]) -> dict[str, str]:
        """The clean-up policy of those that exist; empty where it may not be read. Raises `Unavailable`."""
        ...


def judge(wanted: Sequence[Topic], counts: Mapping[str, int], cleanups: Mapping[str, str], known: int = 0) -> Judgement:
    """The topics as they are against those wanted; `known` is the number P the process began with, 0 before that.

    Law: without faults every topic is there, all of `P` have the same number, and each is cleaned up as declared.
    """
    there = [each for each in wanted if each.name in counts and each.name in cleanups]
    shared = known or next((counts[each.name] for each in there if each.partitions == "P"), 0)
    faults = [
        Fault(each.name, Reason.MISSING, f"{each.name} does not exist: run `make topics`")
        for each in wanted
        if each not in there
    ]
    for each in there:
        faults += _faults(each, counts[each.name], cleanups[each.name], shared)
    return Judgement(shared, tuple(faults))


def _faults(topic: Topic, count: int, cleanup: str, shared: int) -> Iterator[Fault]:
    expected = {"P": shared, "one": 1, "any": count}[topic.partitions]
    if count != expected:
        what = f"{topic.name} has {count} partitions, expected {expected}"
        why = " as its like have; the number is for life (state is keyed by it)" if topic.partitions == "P" else ""
        yield Fault(topic.name, Reason.PARTITIONS, f"{what}{why}: make it anew with {expected}")
    if not cleanup:
        what = f"the clean-up policy of {topic.name} cannot be read: allow this service DescribeConfigs on it"
        yield Fault(topic.name, Reason.CLEANUP, what)
    elif {*cleanup.split(",")} != {*topic.cleanup.split(",")}:
        what = f"{topic.name} has cleanup.policy={cleanup}, expected {topic.cleanup}: set it on the topic"
        yield Fault(topic.name, Reason.CLEANUP, what)


async def check(admin: Admin, wanted: Sequence[Topic], known: int = 0) -> Judgement:
    """What the broker has of these topics, judged.

    Raises:
        Unavailable: no broker answers.
    """
    counts = await admin.counts()
    return judge(wanted, counts, await admin.cleanups([each for each in wanted if each.name in counts]), known)


async def stood(admin: Admin, service: str, process: Process, look_again_s: float = LOOK_AGAIN_S) -> int | None:
    """The shared number of partitions, once the topics of the service's card stand; None where told to stop first.

    A topic that the table spares the service is not waited for.

    Raises:
        Misconfigured: a topic is another than the table's; the sentence says what to do.
        Unavailable: no broker answers.
    """
    while not process.stop.is_set():
        found = await _looked(admin, service, process, 0)
        if not found.awaited(service):
            return found.partitions
        await _pause(process, look_again_s)
    return None


async def watched(admin: Admin, service: str, process: Process, known: int, look_again_s: float = LOOK_AGAIN_S) -> None:
    """Look again and again until told to stop; not ready while a topic is missing. A broker that is away is waited for.

    Raises:
        Misconfigured: a topic has come to be another, such as one made anew with fewer partitions.
    """
    while not process.stop.is_set():
        try:
            await _looked(admin, service, process, known)
        except Unavailable as error:
            log.warning("kafka_away", extra={"reason": str(error)})
        await _pause(process, look_again_s)


async def _looked(admin: Admin, service: str, process: Process, known: int) -> Judgement:
    found = await check(admin, card_of(service), known)
    if found.wrong:
        raise Misconfigured(found.wrong)
    process.health.set_ready(PART, is_ready=not found.awaited(service))
    if found.missing:
        log.warning("topics_missing", extra={"topics": found.missing, "reason": "run `make topics`"})
    return found


async def _pause(process: Process, at_most_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.stop.wait(), at_most_s)
