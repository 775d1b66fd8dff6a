"""How many threads a container has time for, where that is fewer than the cores its processes see."""

import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
QUOTA = "cpu.max"  # cgroup v2: "<microseconds> <period>", or "max <period>"
QUOTA_V1, PERIOD_V1 = "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"  # -1: no limit


def most_threads(cgroup: Path = CGROUP, cores: int | None = None) -> int | None:
    """At least one, a quota of one and a half cores being two; None where there is time for every core.

    `cores`: that the machine has; None: asked of it. A library that starts a thread for each would be held up by the
    others' waiting: the container is stopped for the rest of each period once its time is used up.
    """
    quota = _quota(cgroup)
    if quota is None or quota >= (cores or os.cpu_count() or 1):
        return None
    return max(1, math.ceil(quota))


def _quota(cgroup: Path) -> float | None:
    """The cores' worth of time that the container has; None where nothing limits it, or nothing says so."""
    try:
        words = (cgroup / QUOTA).read_text().split()
    except OSError:
        words = _words_v1(cgroup)
    try:
        most, period = (float(each) for each in words)
    except ValueError:  # "max", or words that are none of these
        return None
    return most / period if most > 0 and period > 0 else None


def _words_v1(cgroup: Path) -> list[str]:
    try:
        return [(cgroup / each).read_text() for each in (QUOTA_V1, PERIOD_V1)]
    except OSError:
        return []
