"""Plays the story: half of the leads through the collector as an SDK would, half straight to Kafka."""

import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson

from deploy.local.calls import Sent
from schemas.identity import derived_key
from schemas.topics import CONVERSIONS_RAW, EVENTS_RAW
from services.runtime.kafka_publisher import Publisher


class Player:
    """Sends calls; every one is acked before the next lead's."""

    def __init__(self, collector: str, write_key: str, secret: bytes, publisher: Publisher) -> None:
        self._collector, self._write_key, self._secret = collector, write_key, secret
        self._publisher = publisher

    async def play(self, calls: Sequence[Sent]) -> None:
        """Send the calls in their order."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            for sent in calls:
                if sent.lead.through == "collector":
                    await self._through_collector(session, sent)
                else:
                    await self._through_kafka(sent)

    async def unsubscribe(self, url: str) -> None:
        """What a mailbox does with the one-click link of RFC 8058; the link's host is the collector here."""
        path = "/u/" + url.rsplit("/u/", 1)[1]
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session,
            session.post(self._collector + path, data={"List-Unsubscribe": "One-Click"}) as response,
        ):
            response.raise_for_status()

    async def _through_collector(self, session: aiohttp.ClientSession, sent: Sent) -> None:
        body = orjson.dumps({"batch": [sent.call]})
        headers = {
            "Content-Type": "application/json",
            "Authorization": aiohttp.encode_basic_auth(self._write_key, ""),
        }
        if sent.is_conversion:
            moment = int(time.time())
            key = derived_key(self._secret, "server")
            mac = hmac.new(key, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
            headers["X-Kindling-Signature"] = f"t={moment},v1={mac}"
        async with session.post(f"{self._collector}/v1/batch", data=body, headers=headers) as response:
            response.raise_for_status()

    async def _through_kafka(self, sent: Sent) -> None:
        topic = CONVERSIONS_RAW if sent.is_conversion else EVENTS_RAW
        key = str(sent.call.get("userId") or sent.call.get("anonymousId") or "").encode()
        await self._publisher.send_raw(topic, key or None, orjson.dumps(sent.call))


async def report_of(url: str) -> Any:
    """What a process of ours on this machine says of itself, as JSON."""
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session,
        session.get(url) as response,
    ):
        response.raise_for_status()
        return await response.json()
