"""Calls over HTTP, as SDKs send them: so many requests in flight, each of one call or of a batch of them."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson

from bench.ingest.subject import KEY
from bench.profile.raw import raw_calls
from bench.profile.subject import Died, Running
from bench.profile.traffic import Traffic, events
from schemas.topics import EVENTS_RAW

IN_FLIGHT = 16
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
HEADERS = {"Content-Type": "application/json", "User-Agent": AGENT, "Authorization": aiohttp.BasicAuth(KEY).encode()}


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking the requests cost: CPU of the server and seconds in all, for so many calls."""

    calls: int
    cpu_s: float
    wall_s: float


def bodies(traffic: Traffic, calls_each: int) -> Iterator[tuple[str, bytes]]:
    """Path and body of each request; what only a server may say is not among them."""
    held: list[Any] = []
    for each in raw_calls(events(traffic), traffic.partitions):
        if each.topic != EVENTS_RAW.name:
            continue
        call = orjson.loads(each.value)
        call.setdefault("anonymousId", call.get("userId"))
        if calls_each == 1:
            yield f"/v1/{call['type']}", orjson.dumps(call)
            continue
        held.append(call)
        if len(held) == calls_each:
            yield "/v1/batch", orjson.dumps({"batch": held})
            held = []


async def taken(server: Running, port: int, requests: Sequence[tuple[str, bytes]], calls_each: int) -> Taken:
    """Send the requests, and see each of them answered well.

    Raises:
        Died: one was not.
    """
    left = iter(requests)
    before_s, began_s = server.cpu_s(), time.monotonic()
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", connector=connector, headers=HEADERS) as client:

        async def send() -> None:
            for path, body in left:
                async with client.post(path, data=body) as answer:
                    if answer.status != HTTPStatus.OK:
                        raise Died(f"{server.kind.name}: {answer.status} for {path}: {(await answer.text())[:300]}")

        await asyncio.gather(*[send() for _ in range(IN_FLIGHT)])
    return Taken(len(requests) * calls_each, server.cpu_s() - before_s, time.monotonic() - began_s)
