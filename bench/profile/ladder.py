"""The ladder: what each part of a fold costs, in one process and without a broker.

Each round begins with the same values, and folds a lap that is not measured before the one that is.
Visitors come back alike, so that all values have about the same size.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from statistics import fmean
from typing import Any, TypeVar

import orjson

from bench.profile.traffic import Traffic, packs
from schemas.topics import EVENTS_CLEAN
from services.profile.core.kind import kind_of
from services.profile.core.person import Person
from services.profile.pipeline import Input, Read, Rules, Transition, advance, decode, dues, encode
from services.runtime.process import GARBAGE_THRESHOLDS

EVENTS_BEFORE = 3  # of a person on average, before the laps: in the second their values have about 2 KB
LAP_EVENTS = 3  # of a person on average, in one lap
VISIT = 8  # events at most
PARTITIONS = 3

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Size:
    """How many persons, who all come back alike; packs folded at once; rounds."""

    persons: int
    packs: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Lot:
    """Packs of one partition that are folded at once; the first has this offset."""

    number: int
    offset: int
    raws: Sequence[bytes]

    def inputs(self, further: int = 0) -> list[Input]:
        """The packs as records, so much further back in their partition."""
        return [
            Input(EVENTS_CLEAN.short, self.number, self.offset + further + place, 0, None, raw)
            for place, raw in enumerate(self.raws)
        ]


@dataclass(frozen=True, slots=True)
class Rungs:
    """CPU seconds of one lap, and what it did.

    `pack_s`: packs decoded and checked, each event of them known and skipped.
    `decode_s`: each person that a lot changed, as they were before it; `encode_s`: as they are after it.
    `all_s`: packs decoded and folded into encoded persons, who are encoded again.
    `values`: how many were encoded, of `value_bytes` on average.
    """

    events: int
    values: int
    value_bytes: float
    pack_s: float
    decode_s: float
    encode_s: float
    all_s: float

    @property
    def fold_s(self) -> float:
        """What is left of the whole without the others: it is not measured by itself."""
        return self.all_s - self.pack_s - self.decode_s - self.encode_s


@dataclass(slots=True)
class Folding:
    """The checkpoints of the partitions, and the CPU seconds that folding took."""

    rules: Rules
    now_ms: int
    checkpoints: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    used_s: float = 0.0

    def fold(self, lot: Lot, read: Read, further: int = 0) -> Transition:
        """The step of a lot."""
        inputs, checkpoint = lot.inputs(further), self.checkpoints.get(lot.number, {})
        step, used_s = timed(lambda: advance(inputs, checkpoint, read, self.rules, self.now_ms))
        self.used_s += used_s
        self.checkpoints[lot.number] = step.checkpoint
        return step

    def copy(self) -> "Folding":
        """Another that goes on from the same checkpoints; it has taken no time yet."""
        return Folding(self.rules, self.now_ms, dict(self.checkpoints))


@dataclass(frozen=True, slots=True)
class Lap:
    """CPU seconds of a lap, and of decoding and encoding alone; the bytes of each value, and where the lap ended."""

    all_s: float
    decode_s: float
    encode_s: float
    lengths: Sequence[int]
    folding: Folding


@dataclass(frozen=True, slots=True)
class Start:
    """From where a round begins: checkpoints and encoded persons, then the lots of a lap and of the measured one."""

    folding: Folding
    values: Mapping[str, bytes]
    first: Sequence[Lot]
    second: Sequence[Lot]


def climbed(size: Size, rules: Rules, end_ms: int) -> list[Rungs]:
    """The rungs of each round; all rounds do the same."""
    with spared_collector():
        start = start_of(size, rules, end_ms)
        return [_round(start) for _ in range(size.rounds)]


def lots_of(made: Iterable[tuple[int, bytes]], at_once: int, passed: dict[int, int]) -> list[Lot]:
    """The packs of each partition in lots of so many, each where its last pack came; the rest in smaller ones.

    `passed` holds the next offset of each partition, and is moved.
    """
    open_lots: dict[int, list[bytes]] = {}
    lots: list[Lot] = []
    for number, raw in made:
        lot = open_lots.setdefault(number, [])
        lot.append(raw)
        if len(lot) == at_once:
            lots.append(_closed(number, lot, passed))
            del open_lots[number]
    lots.extend(_closed(number, lot, passed) for number, lot in open_lots.items())
    return lots


def timed(call: Callable[[], Result]) -> tuple[Result, float]:
    """What the call gives, and the CPU seconds that it took."""
    began_s = time.process_time()
    result = call()
    return result, time.process_time() - began_s


def start_of(size: Size, rules: Rules, end_ms: int) -> Start:
    """The values of persons who all come back alike, made by the fold itself."""
    laps = (EVENTS_BEFORE, LAP_EVENTS, LAP_EVENTS)
    traffic = Traffic(size.persons * sum(laps), size.persons, VISIT, end_ms, PARTITIONS, exponent=0.0)
    made, passed = list(packs(traffic)), dict[int, int]()
    lap = len(made) * LAP_EVENTS // sum(laps)
    before, first, second = (
        lots_of(part, size.packs, passed) for part in (made[: -2 * lap], made[-2 * lap : -lap], made[-lap:])
    )
    values: dict[str, bytes] = {}
    folding = Folding(rules, end_ms)
    folded(folding, before, values)
    return Start(folding, values, first, second)


def measured(start: Start) -> Lap:
    """The second lap, over persons that every lot finds encoded."""
    first, store = start.folding.copy(), dict(start.values)
    folded(first, start.first, store)
    return folded(first.copy(), start.second, store)


def folded(folding: Folding, lots: Sequence[Lot], store: dict[str, bytes]) -> Lap:
    """What it took where each lot finds its persons encoded, and leaves them so."""
    encode_s = decode_s = 0.0
    lengths: list[int] = []
    for lot in lots:
        step = folding.fold(lot, Read(partial(_read, store)))
        decode_s += timed(partial(_decoded, [store[person] for person in step.values if person in store]))[1]
        encode_s += timed(partial(_encoded, [*map(opened, step.values.values())]))[1]
        store.update(step.values)
        lengths += map(len, step.values.values())
    return Lap(folding.used_s, decode_s, encode_s, lengths, folding)


def opened(raw: bytes) -> Person:
    """A person of whom those facets are decoded to which a fold of acts turns: the others are written as they came."""
    person = decode(raw)
    kind_of(type(person)).hearing(person)
    _ring_of(person)
    dues(person)
    return person


def events_in(lots: Iterable[Lot]) -> int:
    """How many events the packs hold."""
    return sum(len(orjson.loads(raw)["events"]) for lot in lots for raw in lot.raws)


@contextmanager
def spared_collector() -> Iterator[None]:
    """The garbage collector set as the worker's."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def _round(start: Start) -> Rungs:
    lap = measured(start)
    again, further = lap.folding.copy(), sum(len(lot.raws) for lot in start.second)
    for lot in start.second:
        again.fold(lot, Read(dict[str, None]().get), further)
    return Rungs(
        events_in(start.second), len(lap.lengths), fmean(lap.lengths), again.used_s, lap.decode_s, lap.encode_s,
        lap.all_s,
    )  # fmt: skip


def _read(store: Mapping[str, bytes], person: str) -> Person | None:
    raw = store.get(person)
    return None if raw is None else decode(raw)


def _decoded(raws: Sequence[bytes]) -> list[Person]:
    return [decode(raw) for raw in raws]


def _encoded(persons: Sequence[Person]) -> list[bytes]:
    return [encode(person) for person in persons]


_ring_of = attrgetter("identity.seen")


def _closed(number: int, raws: Sequence[bytes], passed: dict[int, int]) -> Lot:
    offset = passed.get(number, 0)
    passed[number] = offset + len(raws)
    return Lot(number, offset, raws)
