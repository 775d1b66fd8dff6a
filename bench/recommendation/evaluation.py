"""Every query of a part of the learners, answered by every subject; parts run in processes of their own."""

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from bench.recommendation.baselines import Baselines
from bench.recommendation.dataset import Data
from bench.recommendation.figures import Row, hit_bits
from bench.recommendation.product import Answers, Product, answers
from bench.recommendation.product import parts as parts_of
from bench.recommendation.replay import Query, cold_queries, first_steps, half, queries, share_of
from bench.recommendation.search import ExactIndex
from bench.recommendation.vectors import Matrix
from services.recommender.ports import Words

NOBODY_ONE_IN = 16  # learners asked about before their first step: what is popular is counted over all courses
AGES = ((0, "0 events"), (2, "1-2"), (9, "3-9"), (49, "10-49"), (10**9, "50+"))


@dataclass(frozen=True, slots=True)
class Case:
    """What is evaluated: the data with its vectors, of one learner in so many.

    Without parts the product whole is asked alone, about those of whom something is known.
    """

    data: Data
    matrix: Matrix
    words: type[Words]
    one_in: int = 1
    has_baselines: bool = True
    has_parts: bool = True


def evaluated(case: Case, workers: int) -> list[Row]:
    """All rows, in order of the parts."""
    if workers == 1:
        return list(_rows(case, 0, 1))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with ProcessPoolExecutor(workers) as pool:
        rows: list[Row] = []
        for number, part in enumerate(pool.map(partial(_part, case, workers), range(workers)), start=1):
            rows.extend(part)
            print(f"part {number} of {workers}: {len(part):,} queries", file=sys.stderr, flush=True)
        return rows


def _part(case: Case, workers: int, part: int) -> list[Row]:
    return list(_rows(case, part, workers))


def _rows(case: Case, part: int, parts: int) -> Iterator[Row]:
    data, words = case.data, case.words()
    everybody = sorted({each.learner for each in data.steps})
    chosen = sorted(share_of(everybody, 0, case.one_in))
    mine = frozenset(chosen[part::parts])
    index = ExactIndex(data.courses, case.matrix, words)
    product = Product(data.courses, index, words)
    baselines = Baselines(data.courses, index, words) if case.has_baselines else None
    for query in queries(data, mine):
        asked = product.asked(query)
        shown = answers(asked) | (parts_of(asked) if case.has_parts and query.kind == "all" else {})
        if baselines is not None:
            shown |= baselines.answers(query)
        if case.has_parts and query.kind == "thin":
            shown["interests only"] = product.interests_only(query)
        yield _row(query, data, shown, asked.spent_s)
    for query in cold_queries(data, mine):
        shown = answers(product.asked(query))
        yield _row(query, data, shown, 0.0)
    for query in first_steps(data, mine & share_of(everybody, 0, NOBODY_ONE_IN)) if case.has_parts else ():
        language = data.courses[query.targets[0]].language
        shown = {
            "kindling": product.nothing_known(query, None),
            "language known": product.nothing_known(query, language),
        }
        yield _row(query, data, shown, 0.0)


def _row(query: Query, data: Data, shown: Answers, spent_s: float) -> Row:
    first = query.history[0] if query.history else query.targets[0]
    return Row(
        kind=query.kind,
        learner=query.learner,
        half=half(query.learner),
        prior=len(query.history),
        language=data.courses[first].language,
        targets=len(query.targets),
        hits={subject: hit_bits(ids, query.targets) for subject, ids in shown.items()},
        by_age=_by_age(query, shown["kindling"]) if query.kind == "all" else {},
        spent_s=spent_s,
    )


def _by_age(query: Query, shown: Sequence[str]) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for each in query.targets:
        age = next(name for most, name in AGES if query.statistics.events(each) <= most)
        found, wanted = counts.get(age, (0, 0))
        counts[age] = (found + (each in shown), wanted + 1)
    return counts
