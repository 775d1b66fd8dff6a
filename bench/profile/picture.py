"""The picture of the curves: cost of an event against persons, events of each before, and packs folded at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.profile.curves import Cost

COLOUR = "#0b6e4f"
LABELS = {"persons": "persons", "events_before": "events of a person before", "packs": "packs folded at once"}
MICROS = 1_000_000


def draw(found: Mapping[str, Sequence[Cost]], path: Path) -> None:
    """Write the curves as SVG, one axis beside the other; the same costs give the same file."""
    with mpl.rc_context({"svg.hashsalt": "kindling", "svg.fonttype": "none", "font.size": 9}):
        drawn(found).savefig(path, format="svg", metadata={"Date": None})


def drawn(found: Mapping[str, Sequence[Cost]]) -> Figure:
    """The figure: all curves by one scale, from nothing up to the greatest cost."""
    figure = Figure(figsize=(9, 3), layout="constrained")
    places = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
    for axes, (axis, costs) in zip(places, found.items(), strict=True):
        at = [getattr(each.point, axis) for each in costs]
        axes.plot(at, [each.all_s * MICROS for each in costs], color=COLOUR, marker="o")
        axes.set_xscale("log")
        axes.set_xlabel(LABELS[axis])
        axes.spines[["top", "right"]].set_visible(False)
    places[0].set_ylabel("µs of CPU an event")
    places[0].set_ylim(bottom=0)  # once all are drawn: it fixes the top too
    return figure
