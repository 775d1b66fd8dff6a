"""What a machine does while something is measured on it, as Linux tells: load, busy cores, memory, folders."""

import os
from dataclasses import dataclass
from pathlib import Path

KIB = 1_024
IDLE, WAITING = 3, 4  # fields of the first line of /proc/stat: idle, and idle while a disk works
COUNTED = 8  # fields before those of guests, which are counted in others already


@dataclass(frozen=True, slots=True)
class Busy:
    """Ticks of all cores since the start of the machine: in all, and those in which they worked."""

    all: int
    worked: int

    def share_since(self, before: "Busy") -> float:
        """The share of the cores' time in which they worked since then."""
        return (self.worked - before.worked) / max(1, self.all - before.all)


def busy() -> Busy:
    """The ticks at this moment."""
    return parsed(Path("/proc/stat").read_text())


def parsed(stat: str) -> Busy:
    """The ticks in the text of /proc/stat."""
    ticks = [int(each) for each in stat.split("\n", 1)[0].split()[1 : COUNTED + 1]]
    return Busy(sum(ticks), sum(ticks) - ticks[IDLE] - ticks[WAITING])


def load_average() -> float:
    """How many were running or waiting to, over the last minute."""
    return os.getloadavg()[0]


def resident_bytes(pid: int) -> int:
    """The memory of a process that is in use and not swapped."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * KIB
    raise ProcessLookupError(f"process {pid} has ended")


def folder_bytes(folder: Path) -> int:
    """What the files below a folder hold."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
