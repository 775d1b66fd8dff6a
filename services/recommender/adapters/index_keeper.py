"""Keeps the index equal to the catalogue: what changed is embedded and written in batches, what is gone is removed."""

import asyncio
import logging
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from schemas.course import Course
from services.recommender.adapters.catalogue import ViewedCatalogue
from services.recommender.adapters.fake_shelf import FakeShelf
from services.recommender.core.documents import changes, content_hash, embedded_text, text_hash, words_text
from services.recommender.core.lanes import mean_of, topic_means
from services.recommender.core.values import Entry, Stored, Vector
from services.recommender.core.vectors import is_direction, turned
from services.recommender.metrics import EMBEDDED, INDEX_BEHIND, INDEX_COURSES, NO_VECTOR, VECTORS_TAKEN
from services.recommender.ports import Embedder, Index, Shelf, Words
from services.runtime.outcome import Unavailable

BATCH = 16  # courses embedded at once: about 3 s of the local embedder, so that a stop is not kept waiting
STORED_BATCH = 256  # courses written at once whose vectors are there
FIRST_NAP_S, LONGEST_NAP_S = 0.5, 30.0

Swap: TypeAlias = Callable[[], Awaitable[bool]]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a keeper works beside others.

    `shelf` holds the vectors of all; `swap` puts the index in force once it is equal to the catalogue; `place` names
    this replica, and sets where it begins to embed.
    """

    shelf: Shelf = field(default_factory=FakeShelf)
    swap: Swap | None = None
    place: str = ""


class IndexKeeper:
    """One for one index. What it holds is known from the store once, then followed."""

    def __init__(
        self, catalogue: ViewedCatalogue, embedder: Embedder, words: Words, index: Index, sharing: Sharing | None = None
    ) -> None:
        sharing = sharing or Sharing()
        self._catalogue = catalogue
        self._embedder = embedder
        self._words = words
        self._index = index
        self._shelf, self._swap = sharing.shelf, sharing.swap
        self._start = zlib.crc32(sharing.place.encode())
        self._held: dict[str, str] | None = None
        self._averaged = 0
        self.caught_up = asyncio.Event()

    async def begin(self) -> None:
        """Take the mean of what is in force, so that it can answer before it is caught up. Raises `Unavailable`."""
        await self._average()

    async def catch_up(self) -> None:
        """Make the index equal to the catalogue as it is now.

        Raises:
            Unavailable: the store, Kafka or the embedder is away; what was written stays, the next call does the rest.
        """
        self._catalogue.changed.clear()
        await self._shelf.flush()
        if self._held is None:
            self._held = await self._index.hashes()
        due = changes(self._catalogue.open_hashes, self._held)
        INDEX_BEHIND.set(len(due.write) + len(due.remove))
        await self._remove(due.remove)
        there = [each for each in due.write if self._vector(each) is not None]
        for batch in _batches(there, STORED_BATCH):
            await self._write(batch)
        for batch in _batches(turned(sorted({*due.write} - {*there}), self._start), BATCH):
            await self._write(batch)
        if self._swap is not None and await self._swap():
            self._catalogue.mean, self._catalogue.topic_means = None, {}
        await self._average()
        INDEX_BEHIND.set(0)
        INDEX_COURSES.set(len(self._held))
        self.caught_up.set()

    async def follow(self) -> None:
        """Catch up now and at every change, for ever; a store that is away is asked again, ever more patiently."""
        nap_s = FIRST_NAP_S
        self._catalogue.changed.set()
        while True:
            await self._catalogue.changed.wait()
            try:
                await self.catch_up()
                nap_s = FIRST_NAP_S
            except Unavailable as error:
                log.warning("index behind", extra={"reason": str(error), "again_in_s": nap_s})
                self._held = None  # what the store holds is asked anew: it may have lost it
                self._catalogue.changed.set()
                await asyncio.sleep(nap_s)
                nap_s = min(nap_s * 2, LONGEST_NAP_S)

    async def _remove(self, course_ids: Sequence[str]) -> None:
        if not course_ids or self._held is None:
            return
        await self._index.remove(course_ids)
        for each in course_ids:
            del self._held[each]
        await self._shelf.drop([each for each in course_ids if each not in self._catalogue.courses])

    async def _write(self, course_ids: Sequence[str]) -> None:
        """Index the courses, as they are now; those that have gone meanwhile are not of this call."""
        courses = [self._catalogue.courses[each] for each in course_ids if each in self._catalogue.open_hashes]
        if not courses or self._held is None:
            return
        vectors = await self._vectors(courses)
        entries = [self._entry(each, vectors[each.id]) for each in courses if each.id in vectors]
        await self._index.write(entries)
        self._held |= {each.course_id: each.content_hash for each in entries}
        INDEX_BEHIND.dec(len(entries))

    async def _vectors(self, courses: Sequence[Course]) -> dict[str, Vector]:
        """The vector of each course: from the shelf, where another replica may just have put it, or made."""
        found = {each.id: vector for each in courses if (vector := self._vector(each.id)) is not None}
        VECTORS_TAKEN.inc(len(found))
        missing = [each for each in courses if each.id not in found]
        rows = await self._embedder.passages([embedded_text(each) for each in missing])
        EMBEDDED.inc(len(rows))
        made = [
            Stored(each.id, text_hash(each), row)
            for each, row in zip(missing, rows, strict=True)
            if is_direction(row, self._embedder.dimension)
        ]
        if left := sorted({each.id for each in missing} - {each.course_id for each in made}):
            log.warning("no vector", extra={"courses": left, "reason": "not finite, of another length, or all nought"})
            NO_VECTOR.inc(len(left))
        if made:
            await self._shelf.put(made)
        return found | {each.course_id: each.vector for each in made}

    def _vector(self, course_id: str) -> Vector | None:
        course = self._catalogue.courses.get(course_id)
        return None if course is None else self._shelf.get(course_id, text_hash(course))

    def _entry(self, course: Course, vector: Vector) -> Entry:
        return Entry(
            course_id=course.id,
            content_hash=content_hash(course),
            language=course.language,
            level=course.level,
            topics=course.topics,
            vector=vector,
            terms=self._words.document(words_text(course), course.language),
        )

    async def _average(self) -> None:
        """The mean of the vectors, taken anew only when the index has doubled, so that it hardly ever moves."""
        ids = sorted(self._catalogue.open_hashes)
        if self._catalogue.mean is not None and len(ids) < 2 * self._averaged:
            return
        vectors: dict[str, Vector] = {}
        for batch in _batches(ids, STORED_BATCH):
            vectors |= await self._index.vectors(batch)
        self._catalogue.mean, self._averaged = mean_of(tuple(vectors.values())), len(vectors)
        self._catalogue.topic_means = topic_means(vectors, self._catalogue.courses)


def _batches(course_ids: Iterable[str], size: int) -> Iterator[list[str]]:
    ids = list(course_ids)
    return (ids[start : start + size] for start in range(0, len(ids), size))
