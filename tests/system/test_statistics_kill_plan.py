"""The course statistics under the nemesis: what stands in the end is a refold of courses.signals, to the last bit."""

import itertools
import json
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from schemas.codec import decode
from schemas.errors import DecodeError
from schemas.standing import CourseRow, Outcome, Taken, row_key
from schemas.topics import CATALOG_COURSES, CATALOG_STANDING, COURSES_SIGNALS, Topic, dead_letters
from services.recommender.core.statistics_fold import State, fold, rows
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send
from services.runtime.program import read_catalogue
from tests.brokers import Node
from tests.system.conftest import ROOT, StartWorker
from tests.system.plan import Feeder, Plan, Poison, Records, Watch

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.timeout(120)]
ReadAll = Callable[[Topic], Awaitable[list[Any]]]
CATALOGUE = list(read_catalogue(ROOT / "examples" / "academy" / "catalogue.jsonl"))
TOPICS = {each.id: each.topics for each in CATALOGUE}
COURSES = sorted(TOPICS)
POISON_EVERY = 11  # so that whoever folds a transaction twice leaves a letter twice
START_MS = 1_790_000_000_000
HOUR_MS = 3_600_000


async def test_statistics_are_a_refold_of_the_signals(
    node: Node, topics: str, worker: StartWorker, read_all: ReadAll
) -> None:
    """SIGKILL, SIGTERM, SIGSTOP past the session, SIGKILL of the broker: each time of whoever owns the partition."""
    publisher = Publisher(Kafka(topics), "plan")
    await publisher.start()
    await publisher.send([Send(CATALOG_COURSES, each) for each in CATALOGUE])
    await publisher.stop()
    pair = (worker("tests.system.statistics_worker", "one"), worker("tests.system.statistics_worker", "two"))
    watch = Watch(topics, (COURSES_SIGNALS, CATALOG_STANDING), pair)
    numbers, chance = itertools.count(1), random.Random(7)  # noqa: S311 no secret
    await Plan(
        node, pair, watch, Feeder(topics, lambda: _signal(next(numbers), chance)), source=COURSES_SIGNALS,
        output=CATALOG_STANDING, owned="assigned", is_answered=_is_folded, burst=500, amid=80, owners=1,
    ).play()  # fmt: skip
    await watch.stop()
    state, poison = _refolded(await read_all(COURSES_SIGNALS))
    records = await read_all(CATALOG_STANDING)
    table = {each.key.decode(): decode(CATALOG_STANDING, each.value) for each in records}
    wanted = {row_key(each): each for each in rows(state, state.keys)}
    backward = _backward([decode(CATALOG_STANDING, each.value) for each in records])
    letters = Counter(each.value for each in await read_all(dead_letters("recommender")))
    wrong = [key for key in wanted.keys() | table.keys() if wanted.get(key) != table.get(key)]
    events = sum(each.events for each in state.courses.values())
    log.info(
        "%d courses taken, %d rows of %d keys, %d letters; %d rows are no refold; workers ended with %s",
        events, len(records), len(table), letters.total(), len(wrong), [each.statuses for each in pair],
    )  # fmt: skip
    assert events > 500
    assert not backward, f"{len(backward)} rows were written by a former owner: {backward[:5]}"
    assert not wrong, f"{len(wrong)} of {len(wanted)} rows: {wrong[:5]}"
    assert letters == poison


def _signal(number: int, chance: random.Random) -> Send | Poison:
    if number % POISON_EVERY == 0:
        return Poison(COURSES_SIGNALS, b"poison", b"\xff poison %d" % number)
    course, *earlier = chance.sample(COURSES, chance.randint(1, min(12, len(COURSES))))
    time_ms = START_MS + number * HOUR_MS - chance.choice((0, 0, 40 * HOUR_MS))
    if number % 5 == 0:
        word = chance.choice(("nothing", "clicked", "converted", "refused"))
        return Send(COURSES_SIGNALS, Outcome(course_id=course, word=word, occurred_ms=time_ms))
    return Send(COURSES_SIGNALS, Taken(course_id=course, earlier=tuple(earlier), occurred_ms=time_ms))


def _is_folded(records: Records, inputs: Sequence[Any]) -> bool:
    """True if the latest rows count as many events as there were signals of a course taken."""
    latest = {each.key: each.value for each in records[CATALOG_STANDING.name] if each.key.startswith(b"course:")}
    events = sum(json.loads(each)["events"] for each in latest.values())
    wanted: int = sum(b'"taken"' in each.value for each in inputs)
    return bool(events >= wanted)


def _backward(written: Sequence[Any]) -> list[str]:
    """The courses whose count of events ever fell: rows of a state that another had gone on from."""
    counts: dict[str, int] = {}
    fell = []
    for each in written:
        if isinstance(each, CourseRow):
            if each.events < counts.get(each.course_id, 0):
                fell.append(each.course_id)
            counts[each.course_id] = each.events
    return fell


def _refolded(records: Sequence[Any]) -> tuple[State, Counter[bytes]]:
    """The state by the pure fold alone, in the order of the log, and the poison."""
    state = State()
    poison: Counter[bytes] = Counter()
    for each in records:
        try:
            fold(state, decode(COURSES_SIGNALS, each.value), TOPICS)
        except DecodeError:
            poison[each.value] += 1
    return state, poison
