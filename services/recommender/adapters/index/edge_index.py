"""One generation of the index in this process: Qdrant's own engine on a folder that is thrown away when it is unsound.

The engine holds the interpreter's lock in every call, so a thread would buy nothing: calls are made where they are
awaited, short ones (3 ms a decision at 8,000 courses), and it is never told to optimise here, which takes seconds.
"""

import asyncio
import logging
import math
import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import qdrant_edge as edge

from services.recommender.adapters.index.edge_request import request, sparse
from services.recommender.adapters.index.point import (
    DENSE,
    KEYWORDS,
    KINDS,
    SHOWN,
    SPARSE,
    kinds,
    language_of,
    payload,
    point_number,
)
from services.recommender.adapters.index.stable_top_k import whole_hits
from services.recommender.core.ranking.fusion import Pair
from services.recommender.core.retrieval.documents import has_vector
from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.values import Entry, Hit, Search, Terms, Vector
from services.runtime.outcome import Unavailable

PAGE = 1_000  # points of one scroll
NOISE = 1e-3  # of a float32 vector's unit length
BATCH = 64  # points of one upsert: about 5 ms, and 256 are the most that its maker advises
THREADS = 1  # a shard has one segment, so a second would find nothing to read, and each costs: a sixth of a search

Point: TypeAlias = int | uuid.UUID | str  # as the engine has it; ours are numbers
T = TypeVar("T")
log = logging.getLogger(__name__)


class Unsound(RuntimeError):  # noqa: N818 a state of the folder
    """The embedded index cannot be read: its folder is marked, and the next start begins it anew from the catalogue."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of the points in memory.

    Attributes:
        names: course ids by point: to read a hit's payload takes the engine as long as to find it.
        languages: of all points, and of those that are gone since they were read.
    """

    names: dict[Point, str] = field(default_factory=dict)
    languages: set[str] = field(default_factory=set)


class EdgeIndex:
    """One generation: one folder. Made by `open_edge` or `begin_edge`."""

    def __init__(self, folder: Path, generation: Generation, shard: edge.EdgeShard, held: Held) -> None:
        self.generation = generation.label
        self.is_new = False
        self._dimension = generation.dimension
        self._folder = folder
        self._shard = shard
        self._names = held.names
        self._languages = held.languages

    async def hashes(self) -> dict[str, str]:
        """Course id → content hash of every entry."""
        found: dict[str, str] = {}
        after: Any = None
        while True:
            page, after = self._read(partial(_page, self._shard, after))
            found |= page
            if after is None:
                return found
            await asyncio.sleep(0)

    async def write(self, entries: Sequence[Entry]) -> None:
        """Put the entries in, a batch at a time, with a turn for others between; a batch is in whole or not at all."""
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            self._names |= {point_number(each.course_id): each.course_id for each in batch}
            self._languages |= {each.language for each in batch}
            self._change(edge.UpdateOperation.upsert_points([_point(each) for each in batch]))
            await asyncio.sleep(0)

    async def remove(self, course_ids: Sequence[str]) -> None:
        """Take the courses out."""
        self._change(edge.UpdateOperation.delete_points([point_number(each) for each in course_ids]))

    async def search(self, searches: Sequence[Search]) -> tuple[tuple[Hit, ...], ...]:
        """The hits of each search; a vector of another length finds nothing."""
        return await whole_hits(searches, self._ask)

    async def vectors(self, course_ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors of those courses that are there and have one."""
        records = self._read(
            lambda: self._shard.retrieve([point_number(each) for each in course_ids], ["course"], [DENSE])
        )
        found = ((_course(each), _dense(each)) for each in records)
        return {course_id: vector for course_id, vector in found if vector is not None}

    async def close(self) -> None:
        """Write what is buffered and let go of the folder; once more is no matter."""
        self._shard.close()

    async def _ask(self, asked: Sequence[tuple[Search, int]]) -> list[list[Pair]]:
        """The hits of each; those alike in kind and filter in one batch, for which the engine reads its vectors once.

        Others in the same batch would slow all of it: 8.8 ms instead of 5.3 for four searches (8,000 courses, 2026-11).
        """
        alike: dict[tuple[bool, tuple[str, ...]], list[int]] = {}
        for place, (search, _) in enumerate(asked):
            if self._fits(search):
                alike.setdefault((isinstance(search.near, Terms), tuple(kinds(search.where))), []).append(place)
        names = self._names
        found: list[list[Pair]] = [[] for _ in asked]
        for places in alike.values():
            batch = edge.QueryBatchRequest([request(*asked[each], self._languages) for each in places])
            for place, points in zip(places, self._read(partial(self._shard.query_batch, batch)), strict=True):
                found[place] = [(names[point.id], point.score) for point in points]
        return found

    def _fits(self, search: Search) -> bool:
        return isinstance(search.near, Terms) or len(search.near) == self._dimension

    def _read(self, call: Callable[[], T]) -> T:
        """The call's answer.

        Raises:
            Unsound: there is none, so the folder is marked.
        """
        try:
            return call()
        except BaseException as error:
            if not is_the_engines(error):
                raise
            mark_of(self._folder).touch()
            raise Unsound(f"{Unsound.__doc__} ({self._folder}: {error!r})") from error

    def _change(self, operation: edge.UpdateOperation) -> None:
        """Do it, or say that it was not done: a full disk may be emptied."""
        try:
            self._shard.update(operation)
        except BaseException as error:
            if not is_the_engines(error):
                raise
            mark_of(self._folder).touch()
            raise Unavailable(f"index folder {self._folder}: {error!r}") from error


def open_edge(folder: Path, generation: Generation) -> EdgeIndex | None:
    """The generation as it is in the folder, read whole once; None where any of it does not read."""
    if mark_of(folder).exists() or not folder.is_dir():
        return None
    shard: edge.EdgeShard | None = None
    try:
        shard = edge.EdgeShard.load(str(folder), _config(generation.dimension))
        _prepare(shard)
        held = _read_whole(shard, generation.dimension)
    except BaseException as error:
        if shard is not None:
            shard.close()
        if not is_the_engines(error):
            raise
        log.warning("index folder unsound", extra={"folder": str(folder), "reason": repr(error)})
        return None
    return EdgeIndex(folder, generation, shard, held)


def begin_edge(folder: Path, generation: Generation) -> EdgeIndex:
    """An empty generation in the folder, whatever was in it.

    Raises:
        Unavailable: it cannot be made: no room, or no right.
    """
    drop_edge(folder)
    try:
        shard = edge.EdgeShard.create(str(folder), _config(generation.dimension))
        _prepare(shard)
    except BaseException as error:
        if not is_the_engines(error):
            raise
        raise Unavailable(f"index folder {folder}: {error!r}") from error
    index = EdgeIndex(folder, generation, shard, Held())
    index.is_new = True
    return index


def drop_edge(folder: Path) -> None:
    """Take the folder away, and its mark after it."""
    if folder.exists():
        shutil.rmtree(folder)
    mark_of(folder).unlink(missing_ok=True)


def mark_of(folder: Path) -> Path:
    """The file that says of a folder that it is unsound."""
    return folder.with_name(f"{folder.name}.unsound")


def is_the_engines(error: BaseException) -> bool:
    """Whether the engine raised it: bare `Exception`, or a panic of its Rust, which is no Exception and has no name."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _config(dimension: int) -> edge.EdgeConfig:
    return edge.EdgeConfig(
        vectors={DENSE: edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine)},
        sparse_vectors={SPARSE: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        max_search_threads=THREADS,
        wal_enabled=True,
    )


def _prepare(shard: edge.EdgeShard) -> None:
    """Index the keywords that are not indexed yet: a kill may have come between making a folder and this."""
    for name in (each for each in KEYWORDS if each not in shard.info().payload_schema):
        shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Keyword))


def _read_whole(shard: edge.EdgeShard, dimension: int) -> Held:
    """Course ids and languages, from payloads and vectors that were all read; some damage shows only then.

    Raises:
        ValueError: a point is unsound, or some are not found; the engine's own errors, too.
    """
    held = Held()
    near_by = 0
    after: Any = None
    while True:
        asked = edge.ScrollRequest(offset=after, limit=PAGE, with_payload=[*SHOWN, KINDS], with_vector=[DENSE])
        records, after = shard.scroll(asked)
        sound = [each for each in records if _is_sound(each, dimension)]
        held.names.update((each.id, _course(each)) for each in sound)
        held.languages.update(language_of(each.payload or {}) for each in sound)
        near_by += sum(_dense(each) is not None for each in records)
        if after is None:
            break
    expected = shard.count(edge.CountRequest())
    near = edge.Query.Nearest([1.0, *[0.0] * (dimension - 1)], using=DENSE)
    found = len(shard.query(edge.QueryRequest(limit=PAGE, query=near)))
    if len(held.names) != expected or found != min(near_by, PAGE):
        read = len(held.names)
        raise ValueError(f"{expected} points are there, {read} read whole, {found} of {near_by} vectors found")
    return held


def _is_sound(record: edge.Record, dimension: int) -> bool:
    """Whether id, course and vector are of one entry: unit length is what the engine gives, and noise does not have."""
    if point_number(_course(record)) != record.id:
        return False
    vector = _dense(record)
    if vector is None:
        return not has_vector(_hash(record))
    length = math.sqrt(sum(value * value for value in vector))
    return len(vector) == dimension and abs(length - 1) < NOISE and has_vector(_hash(record))


def _page(shard: edge.EdgeShard, after: Any) -> tuple[dict[str, str], Any]:
    records, more = shard.scroll(edge.ScrollRequest(offset=after, limit=PAGE, with_payload=list(SHOWN)))
    return {_course(each): _hash(each) for each in records}, more


def _point(entry: Entry) -> edge.Point:
    dense = {} if entry.vector is None else {DENSE: list(entry.vector)}
    vectors: Any = dense | {SPARSE: sparse(entry.terms)}
    return edge.Point(point_number(entry.course_id), vectors, payload(entry))


def _course(point: edge.Record) -> str:
    return str((point.payload or {})["course"])


def _hash(point: edge.Record) -> str:
    return str((point.payload or {})["hash"])


def _dense(point: edge.Record) -> Vector | None:
    vectors: Any = point.vector
    held = (vectors or {}).get(DENSE)
    return None if held is None else tuple(held)
