"""The measured figures that capacity is reckoned from: each with where, when and on what it was measured."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "figures.json"


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One measured value. `source`: the workload that gives it again; `machine`: what it ran on, with its load."""

    value: float
    unit: str
    what: str
    source: str
    when: str
    machine: str


Figures = Mapping[str, Figure]


def read_figures(path: Path = FILE) -> dict[str, Figure]:
    """The committed figures, by name."""
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Figure])
