"""A view of a topic without which its service works: one that is not made yet is waited for beside the work."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from functools import partial

from schemas.topics import Topic
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.kafka_view import View
from services.runtime.process import Process
from services.runtime.retry import Backoff
from services.runtime.waiting import until_there

AGAIN = Backoff(first_s=0.5, longest_s=5.0)

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def followed_if_made(kafka: Kafka, topic: Topic, view: View, process: Process) -> AsyncIterator[None]:
    """Whole when the block begins, followed until it ends, as `View.followed`: where the topic exists.

    Where it does not, as on a cluster from before it, the block begins at once, ready: the topic is read as soon as it
    is made, without a restart. What is applied meanwhile is nothing.

    Raises:
        As `View.start` does.
    """
    part = f"view of {topic.short}"
    if await until_there(part, partial(is_made, kafka, topic), process):
        async with view.followed(part, process):
            yield
        return
    waiting = process.tasks.start(f"wait for {topic.short}", _follow_once_made(kafka, topic, view, process))
    try:
        yield
    finally:
        await process.tasks.stop(waiting)
        await view.stop()


async def is_made(kafka: Kafka, topic: Topic) -> bool:
    """Whether the topic exists.

    Raises:
        Unavailable: no broker answers.
    """
    admin = TopicsAdmin(kafka)
    try:
        await admin.start()
        return topic.name in await admin.counts()
    finally:
        await asyncio.gather(admin.stop(), return_exceptions=True)


async def _follow_once_made(kafka: Kafka, topic: Topic, view: View, process: Process) -> None:
    part, tries = f"view of {topic.short}", 0
    while not await until_there(part, partial(is_made, kafka, topic), process):
        if not tries:  # the watch of the card says it again and again
            log.warning("without_topic", extra={"topic": topic.name, "reason": "run `make topics`"})
        await asyncio.sleep(AGAIN.wait_s(tries))
        tries += 1
    await view.start(process.tasks, lambda is_troubled: process.health.set_ready(part, not is_troubled))
    log.info("topic_made", extra={"topic": topic.name})
