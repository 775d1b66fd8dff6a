"""How a loop becomes a member of its group: the client it reads by, and the wait for a broker that is away."""

import asyncio
import contextlib
import itertools
import logging
from typing import Any

from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError

from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.retry import Backoff

log = logging.getLogger(__name__)

CONNECT = Backoff(first_s=0.2, longest_s=5.0)


async def connected(policy: LoopPolicy, kafka: Kafka, stop: asyncio.Event) -> Any:
    """A client that may subscribe; a broker that is away is waited for. None where told to stop first."""
    for tries in itertools.count():
        consumer = _new_consumer(policy, kafka)
        try:
            await consumer.start()
        except KafkaError as error:
            log.warning("kafka_away", extra={"reason": repr(error)})
            await asyncio.gather(consumer.stop(), return_exceptions=True)
        else:
            return consumer
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), CONNECT.wait_s(tries))
            return None
    return None


def _new_consumer(policy: LoopPolicy, kafka: Kafka) -> Any:
    return kafka.member(
        policy.group, auto_offset_reset="none", rebalance_timeout_ms=30_000, max_poll_interval_ms=300_000,
        max_partition_fetch_bytes=262_144, partition_assignment_strategy=(StickyPartitionAssignor,),
        session_s=policy.session_s,
    )  # fmt: skip
