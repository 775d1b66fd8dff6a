"""How the processes of the whole kill plan ended, and which of these ends no blow explains."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import orjson

from tests.system.conftest import Worker
from tests.system.whole_blows import Struck

AFTER_S = 30.0  # within which who was asleep finds that another has taken its place


def unexplained(workers: Mapping[str, Worker], struck: Sequence[Struck], kills: Mapping[str, int]) -> Iterator[str]:
    """Ends that were neither a blow nor its lawful consequence: an outage of the broker alone restarts nobody."""
    for name, worker in workers.items():
        if (killed := worker.statuses.count(-9)) != kills.get(name, 0):
            yield f"{name}: killed {kills.get(name, 0)} times, ended by SIGKILL {killed} times"
        for at_s, status, reason in _ends(worker):
            if not any(_explains(each, name, at_s) for each in struck):
                amid = [f"{each.blow} {each.victim}" for each in struck if each.began_s <= at_s <= each.ended_s + 15]
                yield f"{name}: ended with {status} at {at_s:.1f} ({reason}) amid {amid}"


def statuses(workers: Mapping[str, Worker]) -> Counter[int]:
    """How often some process ended with each status."""
    return Counter(status for each in workers.values() for status in each.statuses)


def _explains(blow: Struck, name: str, at_s: float) -> bool:
    return blow.blow == "suspend" and blow.victim == name and blow.began_s <= at_s <= blow.ended_s + AFTER_S


def _ends(worker: Worker) -> Iterator[tuple[float, int, str]]:
    """When, with which status and why a process ended that was not told to."""
    for line in worker.log.read_bytes().splitlines():
        if line.startswith(b"{") and b'"ended"' in line:
            said = orjson.loads(line)
            if said["action"] == "ended" and "reason" in said:
                yield datetime.fromisoformat(said["timestamp"]).timestamp(), said["status"], said["reason"]
