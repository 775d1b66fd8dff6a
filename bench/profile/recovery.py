"""A cold start: an empty folder, a full changelog, and the time until the worker is ready."""

import asyncio
import time
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from rocksdict import Options, Rdict

from bench.node import Place
from bench.profile.subject import KINDLING, Died, Running, started

LOOK_EVERY_S = 0.02
OUR_KEYS = 2  # beside the persons: the position, and the offset that Faust's store keeps


@dataclass(frozen=True, slots=True)
class Recovery:
    """How long it took, in seconds, and what was recovered."""

    persons: int
    value_bytes: int
    ready_s: float
    load_s: float
    owned_s: float
    cpu_s: float


async def recover(place: Place, values: dict[int, dict[bytes, bytes]]) -> Recovery:
    """Start a worker on an empty folder; counts afterwards what stands in its store.

    Raises:
        Died: it did not become ready, or persons are missing.
    """
    async with started(KINDLING, place) as running:
        port = (await running.until_said("started"))["health_port"]
        owned = await running.until_said("owned")
        await _until_ready(running, port)
        ready_s, used_s = time.monotonic() - running.began_s, running.cpu_s()
    wanted = sum(len(rows) - 1 for rows in values.values())
    total_bytes = sum(len(value) for rows in values.values() for value in rows.values())
    found = await asyncio.to_thread(_stored, place, len(values))
    if found != wanted:
        raise Died(f"the changelog holds {wanted} persons, the recovered store {found}")
    return Recovery(found, total_bytes // max(1, wanted), ready_s, owned["load_s"], owned["takeover_s"], used_s)


async def _until_ready(running: Running, port: int) -> None:
    async with aiohttp.ClientSession() as client:
        while True:
            async with client.get(f"http://127.0.0.1:{port}/ready") as answer:
                if answer.status == HTTPStatus.OK:
                    return
            running.check()
            await asyncio.sleep(LOOK_EVERY_S)


def _stored(place: Place, partitions: int) -> int:
    """Persons in the worker's databases, after its end."""
    folders = [each.parent for each in (place.folder / "profile").rglob("CURRENT")]
    if len(folders) != partitions:
        raise Died(f"expected {partitions} databases below {place.folder}/profile; found {len(folders)}")
    count = 0
    for folder in folders:
        database = Rdict(str(folder), Options(raw_mode=True))
        count += sum(1 for _ in database.keys()) - OUR_KEYS  # noqa: SIM118 it is no dict
        database.close()
    return count
