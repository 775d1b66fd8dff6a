"""A worker over the plain loop, for its kill plan: it takes its time, and answers otherwise at each attempt.

Each input leads to two records on two partitions that must come from one attempt.
"""

import asyncio
import random
import sys
import uuid
from datetime import UTC, datetime

from schemas.email import Suppression
from schemas.topics import EMAIL_FEEDBACK, EMAIL_SUPPRESSIONS
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_instance import refuse_twins
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.outcome import Emit, Message, Send
from services.runtime.process import Process, run
from services.runtime.settings import ServiceSettings

LONGEST_S = 0.6
POLICY = LoopPolicy("composer", "kindling.plan", (EMAIL_FEEDBACK,), in_flight=64, drain_s=2)


async def handle(message: Message) -> Emit:
    """Two records with the mark of this attempt."""
    attempt = uuid.uuid4().hex
    longest_s = random.uniform(0, LONGEST_S)  # noqa: S311 a duration is no secret
    await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=longest_s)
    return Emit(tuple(_half(message, attempt, half) for half in "ab"))


def _half(message: Message, attempt: str, half: str) -> Send:
    answer = Suppression(
        address_key=message.event.person_tag if half == "a" else attempt, purposes=("marketing",),
        state="suppressed", reason="opt_out", since=datetime(2026, 1, 1, tzinfo=UTC),
        source=f"{message.event.id}:{half}:{attempt}",
    )  # fmt: skip
    return Send(EMAIL_SUPPRESSIONS, answer)


async def serve(settings: ServiceSettings, process: Process) -> None:
    """Work until told to stop."""
    kafka = kafka_of(settings)
    refuse_twins(kafka, process, (POLICY.group,))
    await run_loop(POLICY, kafka, handle, process)


if __name__ == "__main__":
    sys.exit(run("plan", ServiceSettings, serve))
