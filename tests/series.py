"""The series that a process shows, for who wants to know that no stranger makes one."""

from typing import TypeAlias

from prometheus_client import REGISTRY

Series: TypeAlias = frozenset[tuple[str, tuple[tuple[str, str], ...]]]
STRANGE = ("x" * 400, "\u202e<b>", '"}\n# TYPE a counter', "ünïcode\u2028", "kindling_", "../../etc")


def series() -> Series:
    """Every series by its name and labels."""
    return frozenset(
        (sample.name, tuple(sorted(sample.labels.items())))
        for metric in REGISTRY.collect()
        for sample in metric.samples
    )


def strange(number: int) -> list[str]:
    """Words that nobody expects; another number, other words."""
    return [f"{word}{number}" for word in STRANGE]
