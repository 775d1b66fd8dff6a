"""The bare handler: an HTTP server that parses a body and writes each call of it to Kafka; 200 after the acks.

It is what the collector is measured against, never what to run: it knows no key, no limit and no shape.
"""

import asyncio
import gc
import os
import signal

import orjson
from aiohttp import web
from aiokafka import AIOKafkaProducer

from schemas.topics import EVENTS_RAW
from services.ingest.adapters.kafka_log import MAX_REQUEST_BYTES
from services.runtime.process import GARBAGE_THRESHOLDS

LINGER_MS = 2  # as the collector's


def app_of(producer: AIOKafkaProducer) -> web.Application:
    """The server's application."""

    async def take(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        calls = body.get("batch", [body])
        acks = [
            await producer.send(EVENTS_RAW.name, orjson.dumps(each), key=each["anonymousId"].encode()) for each in calls
        ]
        await asyncio.gather(*acks)
        return web.Response(body=b'{"success":true}', content_type="application/json")

    app = web.Application()
    app.router.add_post("/v1/{kind}", take)
    return app


async def main() -> None:
    """Answer until SIGTERM; the first line says at which port."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ["KINDLING_KAFKA_BOOTSTRAP_SERVERS"], enable_idempotence=True,
        linger_ms=LINGER_MS, max_batch_size=MAX_REQUEST_BYTES, max_request_size=2 * MAX_REQUEST_BYTES,
    )  # fmt: skip
    await producer.start()
    runner = web.AppRunner(app_of(producer), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(orjson.dumps({"action": "listening", "port": runner.addresses[0][1]}).decode(), flush=True)
    try:
        await stop.wait()
    finally:
        await runner.cleanup()
        await producer.stop()


if __name__ == "__main__":
    asyncio.run(main())
