"""The figures as tables in Markdown: the same that the page beside this shows."""

from collections.abc import Iterator, Sequence

from bench.recommendation.figures import SLICES, Row, ages, column, differences, interval, subjects

SHOWN = ("hit@1", "hit@10", "ndcg@10")


def tables(rows: Sequence[Row]) -> Iterator[str]:
    """Line by line."""
    yield from _subjects([row for row in rows if row.kind == "all"])
    yield from _slices(rows)
    yield from _ages([row for row in rows if row.kind == "all"])


def _subjects(rows: Sequence[Row]) -> Iterator[str]:
    yield f"\n### Every subject, all {len(rows):,} learners\n"
    yield "| subject | hit@1 | hit@10 | nDCG@10 | kindling is better by (hit@10) |"
    yield "|---|---|---|---|---|"
    gains = differences(rows, "kindling", "hit@10")
    order = sorted(subjects(rows), key=lambda each: -float(column(rows, each, "hit@10").mean()))
    for subject in order:
        one, ten, gain = (interval(column(rows, subject, metric)) for metric in SHOWN)
        better = gains.get(subject)
        told = "" if better is None else f"{better.mean:+.4f} [{better.low:+.4f}, {better.high:+.4f}]"
        yield f"| {subject} | {one.mean:.4f} | {ten} | {gain} | {told} |"


def _slices(rows: Sequence[Row]) -> Iterator[str]:
    yield "\n### Slices\n"
    yield "| slice | subject | queries | hit@1 | hit@10 | nDCG@10 |"
    yield "|---|---|---|---|---|---|"
    extra = ("kindling", "no welcome for new", "interests only", "language known")
    for name, is_in in SLICES.items():
        chosen = [row for row in rows if is_in(row)]
        for subject in [each for each in subjects(chosen) if each in extra]:
            values = " | ".join(str(interval(column(chosen, subject, metric))) for metric in SHOWN)
            yield f"| {name} | {subject} | {len(chosen):,} | {values} |"


def _ages(rows: Sequence[Row]) -> Iterator[str]:
    yield "\n### By the course's events at that moment\n"
    yield "| events | courses to be foretold | of these shown |"
    yield "|---|---|---|"
    for age, (wanted, share) in ages(rows).items():
        yield f"| {age} | {wanted:,} | {share:.3f} |"
