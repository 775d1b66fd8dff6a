"""`python -m bench console`: fills the console's view with decisions, then times every kind of page over it."""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from bench.console.made import LAST, decisions
from bench.measurement import MILLIS, Measurement, middle, rounded
from bench.reporting import INTERRUPTED, say
from schemas.decision import Decision
from services.console.adapters.sqlite_view import SqliteView
from services.console.core.query import Place, Query
from services.console.pipeline import choices_of, list_decisions, tell

WORKLOAD = "console"
DECISIONS = 100_000
BATCH = 64  # as the view is fed
TIMES = 7
TOLD_EVERY = 100_000
QUERIES = {
    "newest": Query(), "person": Query(person="u:77"), "ending": Query(ending="sent"),
    "rare ending": Query(ending="dead_lettered"), "playbook": Query(playbook="playbook-1"), "arm": Query(arm="holdout"),
    "course": Query(course="course-0"), "rare course": Query(course="course-299"), "topic": Query(topic="topic-1"),
    "rung": Query(rung="copy:template"), "day": Query(day=date(2026, 10, 1)), "nothing": Query(course="none"),
    "arm, ending": Query(arm="usual", ending="refused"),
    "topic, arm, day": Query(topic="topic-1", arm="usual", day=date(2026, 10, 1)),
    "course, rung": Query(course="course-0", rung="copy:template"),
    "topic, rung": Query(topic="topic-1", rung="copy:template"),
}  # fmt: skip


def main(words: Sequence[str]) -> int:
    """Fill, print what each page took, then one JSON object per figure; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench console", description=__doc__)
    parser.add_argument("--decisions", type=int, default=DECISIONS, help=f"{DECISIONS:,}; 1000000 takes minutes")
    chosen = parser.parse_args(words)
    try:
        with tempfile.TemporaryDirectory() as folder:
            for each in _measured(chosen.decisions, Path(folder) / "view.sqlite"):
                print(each.line())
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _measured(count: int, place: Path) -> Iterator[Measurement]:
    view = SqliteView.open(str(place))
    try:
        took_s = _fill(view, count)
        yield Measurement(WORKLOAD, "fill", "decisions", rounded(count / took_s), "1/s")
        yield Measurement(WORKLOAD, "fill", "bytes_per_decision", rounded(place.stat().st_size / count), "B")
        for name, query in QUERIES.items():
            found = list_decisions(query, view)
            say(f"{name}: {found.totals.count:,}{'+' if found.totals.is_at_least else ''} decisions")
            yield from _timed(name, lambda query=query: list_decisions(query, view))  # type: ignore[misc]
        deep = Query(ending="sent").at(before=Place(LAST.replace(month=10), "0" * 36))
        yield from _timed("ending, deep", lambda: list_decisions(deep, view))
        first = view.find(Query()).rows[0].decision_id
        yield from _timed("story", lambda: tell(first, view))
        yield from _timed("choices", lambda: choices_of(view))
        yield from _timed("acts of a day", lambda: view.acts(LAST.replace(day=26)))
    finally:
        view.close()


def _fill(view: SqliteView, count: int) -> float:
    """The seconds that the view took, without those that the decisions took to be made."""
    made, took_s, done = decisions(count), 0.0, 0
    while batch := list(islice(made, BATCH)):
        took_s += _put(view, batch)
        done += len(batch)
        if done % TOLD_EVERY < BATCH:
            say(f"{done:,} decisions are in: {done / took_s:,.0f} a second")
    return took_s


def _put(view: SqliteView, batch: Sequence[Decision]) -> float:
    start = time.perf_counter()
    with view.together():
        for each in batch:
            view.put_decision(each)
    return time.perf_counter() - start


def _timed(page: str, act: Callable[[], object]) -> Iterator[Measurement]:
    """The usual and the longest of several times: the longest must not pass what a page may take."""
    samples = []
    for _ in range(TIMES):
        start = time.perf_counter()
        act()
        samples.append((time.perf_counter() - start) * MILLIS)
    yield Measurement(WORKLOAD, page, "page", middle(samples), "ms")
    yield Measurement(WORKLOAD, page, "page_longest", rounded(max(samples)), "ms")
