"""How every service begins: once the broker answers and its topics stand; from then on both are watched.

What is away is waited for, said so, and the process is not ready; what is wrong is the operator's, and ends it with 78.
"""

import asyncio
import contextlib
import itertools
import logging

from services.runtime.kafka_card import stood, watched
from services.runtime.kafka_clients import Kafka, refuse_wrong_access
from services.runtime.kafka_instance import refuse_twins
from services.runtime.kafka_pulse import BROKER, Group, Pulse
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.process import Process
from services.runtime.retry import Backoff

AGAIN = Backoff(first_s=0.5, longest_s=5.0)

log = logging.getLogger(__name__)


async def entered(kafka: Kafka, service: str, process: Process, *groups: Group) -> int | None:
    """The shared number of partitions, once the topics of the service's card stand; None where told to stop first.

    The broker, the groups and the loops that are their members are not ready from here on, until each says so.

    Raises:
        Misconfigured: a topic is another than the table's, or Kafka refuses us; where the process was restarted, so
            that it was let in before, the pulse raises the latter, once it has lasted.
    """
    for part in (BROKER, *(part for group in groups for part in group.parts)):
        process.health.set_ready(part, is_ready=False)
    if not process.restarts:
        await refuse_wrong_access(kafka)
    refuse_twins(kafka, process, tuple(each.name for each in groups))
    process.tasks.start("pulse", Pulse(kafka, process, groups).beat_for_ever())
    for tries in itertools.count():
        admin, is_watching = TopicsAdmin(kafka), False
        try:
            await _start(admin, process)
            count = await stood(admin, service, process)
            if count is not None:
                process.tasks.start("watch topics", _watching(admin, service, process, count))
                is_watching = True
        except Unavailable as error:
            log.warning("kafka_away", extra={"reason": str(error), "tries": tries})
        else:
            return count
        finally:
            if not is_watching:
                await _close(admin)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.stop.wait(), AGAIN.wait_s(tries))
            return None
    return None


async def _start(admin: TopicsAdmin, process: Process) -> None:
    try:
        await admin.start()
    except Misconfigured as error:
        if not process.restarts:
            raise
        raise Unavailable(str(error)) from error


async def _watching(admin: TopicsAdmin, service: str, process: Process, count: int) -> None:
    try:
        await watched(admin, service, process, count)
    finally:
        await _close(admin)


async def _close(admin: TopicsAdmin) -> None:
    await asyncio.gather(admin.stop(), return_exceptions=True)
