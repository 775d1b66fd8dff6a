"""Two processes with one instance id: the one that came first ends with 78, and never pushes the other out again.

It hears of it by a heartbeat, or a moment before that by a fence: then it asks why it was fenced.
"""

import asyncio
import logging

from aiokafka.errors import KafkaError

from services.runtime.errors import Ended, Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_static import FENCED_INSTANCE_ID, NamedHeartbeat, Static, joined, on_refused
from services.runtime.process import Process

ASKED_WITHIN_S = 2.0

log = logging.getLogger(__name__)


def refuse_twins(kafka: Kafka, process: Process, groups: tuple[str, ...]) -> None:
    """Let the process end with 78 as soon as another has its name in one of its groups; nothing where it has no name.

    A fence alone ends it with 75, and its supervisor would start it again, to push the other out.
    """
    static, loop = kafka.static, asyncio.get_running_loop()
    if static is None:
        return

    def refused(group: str) -> None:
        loop.call_soon_threadsafe(process.tasks.end, refusal(static, group))

    async def cause() -> Ended | None:
        return await taken(kafka, static, groups)

    on_refused[static.instance_id] = refused
    process.cause_of_fence = cause


def refusal(static: Static, group: str) -> Ended:
    """The end of a process whose name another took: the operator's, since a restart would take it back."""
    return Ended(
        Status.MISCONFIGURED,
        f"KINDLING_INSTANCE_ID: expected a name that no other process of the group {group} has; another came as "
        f"{static.instance_id} and has its partitions now. Give each process a name of its own, or end the other",
    )


async def taken(kafka: Kafka, static: Static, groups: tuple[str, ...]) -> Ended | None:
    """How the process ends where another has its name in one of the groups; None where none has, or nobody answers."""
    admin = kafka.admin()
    try:
        async with asyncio.timeout(ASKED_WITHIN_S):
            await admin.start()
            for group in groups:
                member = joined.get((group, static.instance_id))
                if member is None:
                    continue
                node = await admin.find_coordinator(group)
                beat = NamedHeartbeat(group, member, static.instance_id)
                answer = await admin._send_request(beat, node)  # noqa: SLF001 the client has no word for it
                if answer.error_code == FENCED_INSTANCE_ID:
                    return refusal(static, group)
    except (KafkaError, OSError, TimeoutError) as error:
        log.warning("kafka_away", extra={"who": "ask for the instance id", "reason": repr(error)})
    finally:
        await asyncio.gather(admin.close(), return_exceptions=True)
    return None
