"""The plain relays: one aiokafka consumer and producer each, that read nothing of what they carry.

`relay` sends each record on, as a program does that takes a record and writes one; `joined` joins records to batches of
their bytes, which is the least that anybody could do. Ingest's consumer is measured against both. Neither is to be run:
nothing is checked, and nobody is known.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.profile.plain import Telling
from bench.profile.sinks import RAW
from schemas.topics import EVENTS_CLEAN
from services.ingest.adapters.kafka_log import MAX_REQUEST_BYTES
from services.runtime.process import GARBAGE_THRESHOLDS

JOINED = "joined"
BATCH = 200  # records, as ingest packs them at most
RECORDS_AT_ONCE = 4_000  # as ingest takes them


class Relay:
    """From the raw topics to the source's partition of another; what a record says is not looked at."""

    def __init__(self, consumer: Any, producer: Any, *, is_joining: bool) -> None:
        self._consumer, self._producer = consumer, producer
        self._keep = self._join if is_joining else self._send

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop; commit behind what is acked."""
        while not stop.is_set():
            taken = await self._consumer.getmany(timeout_ms=200, max_records=RECORDS_AT_ONCE)
            await asyncio.gather(*[self._keep(each.partition, records) for each, records in taken.items()])
            if taken:
                await self._consumer.commit({each: records[-1].offset + 1 for each, records in taken.items()})

    async def _send(self, partition: int, records: Sequence[Any]) -> None:
        send = self._producer.send
        await asyncio.gather(*[
            await send(EVENTS_CLEAN.name, each.value, key=each.key, partition=partition) for each in records
        ])  # fmt: skip

    async def _join(self, partition: int, records: Sequence[Any]) -> None:
        for first in range(0, len(records), BATCH):
            held = b",".join([each.value for each in records[first : first + BATCH]])
            batch = b'{"v":1,"events":[' + held + b"]}"
            await self._producer.send_and_wait(EVENTS_CLEAN.name, batch, partition=partition)


async def main(name: str) -> None:
    """Follow the raw topics from their beginning until SIGTERM."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)  # as ingest's, or the comparison would be one of collectors
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    bootstrap = os.environ["KINDLING_KAFKA_BOOTSTRAP_SERVERS"]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=f"bench-{name}", enable_auto_commit=False, auto_offset_reset="earliest",
        isolation_level="read_committed",
    )  # fmt: skip
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, linger_ms=0, acks="all", max_batch_size=MAX_REQUEST_BYTES,
        max_request_size=2 * MAX_REQUEST_BYTES,
    )  # fmt: skip
    await consumer.start()
    await producer.start()
    consumer.subscribe([*RAW], listener=Telling())
    try:
        await Relay(consumer, producer, is_joining=name == JOINED).run(stop)
    finally:
        await asyncio.gather(consumer.stop(), producer.stop(), return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
