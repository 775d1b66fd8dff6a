"""`python -m bench decisions`: decisions without a model on one core, and in flight with a model that takes a second.

Each is the pipeline's whole way, from the bytes of a request to the bytes of its recommendation; Kafka is left out.
"""

import argparse
import asyncio
import logging
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.decisions.models import SlowModel
from bench.decisions.scene import PAGES, Scene, message_of, requests, scene
from bench.index.searching import search_s
from bench.measurement import Measurement, rounded, share_of_ms
from bench.reporting import reported, say
from schemas.codec import decode, encode
from schemas.recommendation import Recommendation
from schemas.topics import RECOMMENDATION_REQUESTS
from services.recommender.pipeline import recommend
from services.recommender.ports import Model
from services.runtime.outcome import Emit

NAME, SUBJECT, BARE, SLOW = "decisions", "kindling", "search", "kindling/slow-model"
MEGABYTE_KB = 1_024  # ru_maxrss is in KB on Linux
OF_ONE = 2  # texts that all persons have alike: the conversion and the role
WARM = 200  # decisions that are not counted: the first touch of everything, every title embedded

Decide = Callable[[bytes, int], Awaitable[Recommendation]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    courses: int
    decisions: int
    in_flight: int
    pace: int
    held: int


class Wrong(RuntimeError):  # noqa: N818 what was measured is not what it says
    """The measurement would not mean what its name says."""


def main(words: Sequence[str]) -> int:
    """Measure, and print one JSON object per figure."""
    logging.getLogger("services").setLevel(logging.ERROR)
    return reported(_measured(planned(words)), Wrong)


def planned(words: Sequence[str]) -> Plan:
    """What the words ask for."""
    parser = argparse.ArgumentParser(prog="python -m bench decisions", description=__doc__)
    add = parser.add_argument
    add("--courses", type=int, default=8_000, help="in the embedded index")
    add("--decisions", type=int, default=1_500, help="of each measurement")
    add("--in-flight", type=int, default=16, help="at once, without a model")
    add("--pace", type=int, default=50, help="decisions a second, where latency is measured")
    add("--held", type=int, default=128, help="at once, with the slow model")
    add("--quick", action="store_true", help="a tenth of courses and decisions: says that it runs, not how fast")
    read = parser.parse_args(words)
    share = 10 if read.quick else 1
    return Plan(
        max(100, read.courses // share), max(100, read.decisions // share), read.in_flight, read.pace, read.held
    )


async def _measured(plan: Plan) -> list[Measurement]:
    return [*await _without_a_model(plan), *await _with_a_slow_one(plan)]


async def _without_a_model(plan: Plan) -> list[Measurement]:
    asked = requests(WARM + plan.decisions, plan.courses)
    async with _ready(plan, None) as (stage, decide):
        await _closed(asked[:WARM], plan.in_flight, decide)
        start, cpu = time.perf_counter(), time.process_time()
        await _closed(asked[WARM:], plan.in_flight, decide)
        wall_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu
        say(f"no model: {plan.decisions / wall_s:.0f} decisions/s, {plan.decisions / cpu_s:.0f} per second of CPU")
        paced = await _paced(asked[WARM:], plan.pace, decide)
        bare = await search_s(stage.index, plan.courses, 200)
        if stage.embedder.queries > PAGES + OF_ONE:
            raise Wrong(
                f"expected {PAGES + OF_ONE} texts to be embedded at most, each once; {stage.embedder.queries} were"
            )
    return [
        _figure(SUBJECT, "rate", plan.decisions / wall_s, "1/s"),
        _figure(SUBJECT, "rate_of_a_core", plan.decisions / cpu_s, "1/s"),
        _figure(SUBJECT, f"p50_at_{plan.pace}", share_of_ms(paced, 0.5), "ms"),
        _figure(SUBJECT, f"p99_at_{plan.pace}", share_of_ms(paced, 0.99), "ms"),
        _figure(SUBJECT, "embedding_calls", stage.embedder.queries, "calls"),
        _figure(BARE, "p50", share_of_ms(bare, 0.5), "ms"),
        _figure(BARE, "p99", share_of_ms(bare, 0.99), "ms"),
    ]


async def _with_a_slow_one(plan: Plan) -> list[Measurement]:
    asked, model = requests(plan.decisions, plan.courses), SlowModel()
    async with _ready(plan, model) as (stage, decide):
        start = time.perf_counter()
        made = await _closed(asked, plan.held, decide)
        wall_s = time.perf_counter() - start
    rungs = {each.rungs["imagine"] for each in made} | {each.rungs["pick"] for each in made}
    if rungs != {"llm"} or model.most < min(plan.held, plan.decisions):
        raise Wrong(f"expected {plan.held} held at once and answered by the model; came {model.most}, by {rungs}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE_KB
    say(f"slow model: {model.most} held at once, {plan.decisions / wall_s:.0f} decisions/s, {peak:.0f} MB at most")
    return [
        _figure(SLOW, "held", model.most, "decisions"),
        _figure(SLOW, "rate", plan.decisions / wall_s, "1/s"),
        _figure(SLOW, "peak_memory", peak, "MB"),
        _figure(SLOW, "embedding_calls", stage.embedder.queries, "calls"),
    ]


@asynccontextmanager
async def _ready(plan: Plan, model: Model | None) -> AsyncIterator[tuple[Scene, Decide]]:
    """A scene in a folder of its own, and how to decide in it."""
    say(f"filling an index with {plan.courses} courses")
    with tempfile.TemporaryDirectory(prefix="kindling-bench-") as name:
        async with scene(Path(name) / "index", plan.courses, model) as stage:

            async def decide(raw: bytes, offset: int) -> Recommendation:
                outcome = await recommend(message_of(decode(RECOMMENDATION_REQUESTS, raw), offset), stage.world)
                if not isinstance(outcome, Emit) or not isinstance(outcome.records[0].event, Recommendation):
                    raise Wrong(f"expected a recommendation, came {outcome}")
                encode(outcome.records[0].topic, outcome.records[0].event)
                return outcome.records[0].event

            yield stage, decide


async def _closed(asked: Sequence[bytes], at_once: int, decide: Decide) -> list[Recommendation]:
    """All of them, so many at once: the next begins where one ends."""
    left = iter(enumerate(asked))
    made: list[Recommendation] = []

    async def work() -> None:
        for offset, raw in left:
            made.append(await decide(raw, offset))

    await asyncio.gather(*(work() for _ in range(at_once)))
    return made


async def _paced(asked: Sequence[bytes], pace: int, decide: Decide) -> list[float]:
    """Seconds from when each was due to when it was decided, ascending: one that waits for another waits visibly."""
    taken: list[float] = []

    async def one(raw: bytes, offset: int, due: float) -> None:
        await decide(raw, offset)
        taken.append(time.perf_counter() - due)

    start = time.perf_counter()
    running: set[asyncio.Task[None]] = set()
    for offset, raw in enumerate(asked):
        due = start + offset / pace
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        running.add(asyncio.create_task(one(raw, offset, due)))
    await asyncio.gather(*running)
    return sorted(taken)


def _figure(subject: str, metric: str, value: float, unit: str) -> Measurement:
    return Measurement(NAME, subject, metric, rounded(value), unit)
