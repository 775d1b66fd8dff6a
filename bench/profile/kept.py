"""What a subject keeps of its persons after a run: bytes on the broker as it wrote them, and on its disk."""

from dataclasses import dataclass

from bench.machine import folder_bytes
from bench.node import Place

LOGS = "*.log"  # of a partition's folder: indexes are made large beforehand, and are no data


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where a subject keeps persons: its changelog, and a folder below the place's own."""

    changelog: str
    folder: str


@dataclass(frozen=True, slots=True)
class Kept:
    """`changelog_bytes`: as written, of `records` (markers of transactions among them). `disk_bytes`: its store."""

    changelog_bytes: int
    records: int
    disk_bytes: int


def kept(keeping: Keeping, place: Place, records: int) -> Kept:
    """What the subject has kept; it has ended."""
    return Kept(log_bytes(place, keeping.changelog), records, folder_bytes(place.folder / keeping.folder))


def log_bytes(place: Place, topic: str) -> int:
    """What the broker's logs of a topic hold."""
    logs = (place.folder / "kafka" / "data").glob(f"{topic}-*/{LOGS}")
    return sum(each.stat().st_size for each in logs)
