"""The picture of the evaluation: hit@10 of each subject with its interval, best first."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.recommendation.figures import Interval

OURS, OTHERS, PARTS = "#0b6e4f", "#8a8f98", "#7fb8a4"


def draw(found: Mapping[str, Interval], learners: int, path: Path) -> None:
    """Write the picture of each subject's interval as SVG; the same figures give the same file."""
    order = sorted(found, key=lambda each: found[each].mean)
    with mpl.rc_context({"svg.hashsalt": "kindling", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(8, 0.28 * len(order) + 1), layout="constrained")
        axes = figure.add_subplot()
        means = [found[each].mean for each in order]
        errors = [
            [found[each].mean - found[each].low for each in order],
            [found[each].high - found[each].mean for each in order],
        ]
        axes.barh(order, means, xerr=errors, color=[_colour(each) for each in order], ecolor="#333333", capsize=2)
        for place, mean in enumerate(means):
            axes.text(0.002, place, f"{mean:.3f}", va="center", color="white")
        axes.set_xlabel(f"hit@10 with 95 % interval, {learners:,} learners")
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _colour(subject: str) -> str:
    if subject == "kindling":
        return OURS
    is_part = subject.startswith("without ") or subject.endswith(" alone") or subject == "no welcome for new"
    return PARTS if is_part else OTHERS
