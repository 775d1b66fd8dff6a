"""A cold start: an empty folder, a full changelog, and the time until the worker is ready."""

import asyncio
import time
from dataclasses import dataclass

from rocksdict import Options, Rdict

from bench.machine import folder_bytes, load_average, resident_bytes
from bench.node import Place
from bench.profile.kept import log_bytes
from bench.profile.subject import KINDLING, Died, started
from schemas.topics import PROFILE_CHANGELOG

OUR_KEYS = 2  # beside the persons: the checkpoint, and the offset that Faust's store keeps


@dataclass(frozen=True, slots=True)
class Recovery:
    """How long it took, in seconds, and what was recovered.

    `broker_bytes`: the changelog's logs, which hold each person once. `disk_bytes`: the store's folder afterwards.
    `grown_bytes`: resident memory from the start of the service, its imports done, to ready. `load`: of the machine.
    """

    persons: int
    value_bytes: int
    ready_s: float
    load_s: float
    owned_s: float
    cpu_s: float
    broker_bytes: int
    disk_bytes: int
    grown_bytes: int
    load: float


async def recover(place: Place, values: dict[int, dict[bytes, bytes]]) -> Recovery:
    """Start a worker on an empty folder; counts afterwards what stands in its store.

    Raises:
        Died: it did not become ready, or persons are missing.
    """
    async with started(KINDLING, place) as running:
        await running.until_said("started")
        began_bytes = resident_bytes(running.process.pid)
        owned = await running.until_said("owned")
        await running.until_ready()
        ready_s, used_s = time.monotonic() - running.began_s, running.cpu_s()
        grown_bytes = resident_bytes(running.process.pid) - began_bytes
    wanted = sum(len(rows) - 1 for rows in values.values())
    total_bytes = sum(len(value) for rows in values.values() for value in rows.values())
    disk_bytes = folder_bytes(place.folder / "profile")
    found = await asyncio.to_thread(_stored, place, len(values))
    if found != wanted:
        raise Died(f"the changelog holds {wanted} persons, the recovered store {found}")
    value_bytes = total_bytes // max(1, wanted)
    load_s, owned_s = owned["load_s"], owned["takeover_s"]
    broker_bytes = log_bytes(place, PROFILE_CHANGELOG.name)
    return Recovery(
        found, value_bytes, ready_s, load_s, owned_s, used_s, broker_bytes, disk_bytes, grown_bytes, load_average()
    )


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
