"""Keeps the index equal to the catalogue: what changed is embedded and written in batches, what is gone is removed."""

import asyncio
import logging
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemas.course import Course
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.core.retrieval.centroids import Means
from services.recommender.core.retrieval.documents import changes, content_hash, embedded_text, text_hash, words_text
from services.recommender.core.retrieval.vectors import is_direction, turned
from services.recommender.core.values import Entry, Stored, Vector
from services.recommender.metrics import EMBEDDED, INDEX_BEHIND, INDEX_COURSES, NO_VECTOR, VECTORS_TAKEN
from services.recommender.ports import Embedder, Index, Shelf, Words
from services.runtime.outcome import Unavailable

BATCH = 16  # courses embedded at once: about 3 s of the local embedder, so that a stop is not kept waiting
STORED_BATCH = 256  # courses written at once whose vectors are there

Swap: TypeAlias = Callable[[], Awaitable[bool]]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a keeper works beside others.

    `shelf` holds the vectors of all, None: every text is embedded here; `swap` puts the index in force once it is
    equal to the catalogue; `place` names this replica, and sets where it begins to embed.
    """

    shelf: Shelf | None = None
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
        self._means: Means | None = None
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
        try:
            await self._catch_up()
        except Unavailable:  # what the store holds is asked anew: it may have lost it, or taken what it did not ack
            self._held, self._means = None, None
            raise
        INDEX_BEHIND.set(0)
        self.caught_up.set()

    async def follow(self, wait_s: Callable[[int], float]) -> None:
        """Catch up now and at every change, for ever; a store that is away is asked again after `wait_s(tries)`."""
        tries = 0
        self._catalogue.changed.set()
        while True:
            await self._catalogue.changed.wait()
            try:
                await self.catch_up()
                tries = 0
            except Unavailable as error:
                nap_s = wait_s(tries)
                tries += 1
                log.warning("index behind", extra={"reason": str(error), "again_in_s": round(nap_s, 2)})
                self._catalogue.changed.set()
                await asyncio.sleep(nap_s)

    async def _catch_up(self) -> None:
        if self._shelf is not None:
            await self._shelf.flush()
        held = await self._index.hashes() if self._held is None else self._held
        self._held = held
        due = changes(self._catalogue.open_hashes, held)
        INDEX_BEHIND.set(len(due.write) + len(due.remove))
        await self._remove(due.remove, held)
        there = [each for each in due.write if self._vector(each) is not None]
        for batch in _batches(there, STORED_BATCH):
            await self._write(batch, held)
        for batch in _batches(turned(sorted({*due.write} - {*there}), self._start), BATCH):
            await self._write(batch, held)
        if self._swap is not None and await self._swap():
            self._catalogue.mean, self._catalogue.topic_means, self._means = None, {}, None
        await self._average()
        INDEX_COURSES.set(len(held))

    async def _remove(self, course_ids: Sequence[str], held: dict[str, str]) -> None:
        if not course_ids:
            return
        was = await self._answering(course_ids)
        await self._index.remove(course_ids)
        for each in course_ids:
            del held[each]
        self._renew(course_ids, was, {})
        if self._shelf is not None:
            await self._shelf.drop([each for each in course_ids if each not in self._catalogue.courses])

    async def _write(self, course_ids: Sequence[str], held: dict[str, str]) -> None:
        """Index the courses, as they are now; those that have gone meanwhile are not of this call."""
        courses = [self._catalogue.courses[each] for each in course_ids if each in self._catalogue.open_hashes]
        if not courses:
            return
        vectors = await self._vectors(courses)
        entries = [self._entry(each, vectors[each.id]) for each in courses if each.id in vectors]
        ids = [each.course_id for each in entries]
        was = await self._answering(ids)
        await self._index.write(entries)
        held |= {each.course_id: each.content_hash for each in entries}
        self._renew(ids, was, await self._answering(ids))
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
        if made and self._shelf is not None:
            await self._shelf.put(made)
        return found | {each.course_id: each.vector for each in made}

    def _vector(self, course_id: str) -> Vector | None:
        course = self._catalogue.courses.get(course_id)
        if course is None or self._shelf is None:
            return None
        return self._shelf.get(course_id, text_hash(course))

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

    async def _answering(self, course_ids: Sequence[str]) -> dict[str, Vector]:
        """The courses' vectors in the index that answers, as long as there are means that these belong to."""
        has_means = self._means is not None and self._catalogue.mean is not None
        return await self._index.vectors(course_ids) if has_means and course_ids else {}

    def _renew(self, course_ids: Sequence[str], was: Mapping[str, Vector], now: Mapping[str, Vector]) -> None:
        """Bring the means of the courses' topics up to date: the cost is that of the courses, not of the topics."""
        if self._means is None or self._catalogue.mean is None:
            return
        touched: set[str] = set()
        for each in course_ids:
            touched |= self._means.move(each, was.get(each), now.get(each), self._topics(each))
        self._catalogue.topic_means = self._means.renewed(self._catalogue.topic_means, touched)

    async def _average(self) -> None:
        """The mean of the vectors, taken anew only when the index has doubled, so that it hardly ever moves.

        The topics' means are taken anew with it, and where they may have missed a change.
        """
        ids = sorted(self._catalogue.open_hashes)
        is_due = self._catalogue.mean is None or len(ids) >= 2 * self._averaged
        if not is_due and self._means is not None:
            return
        means = Means()
        for batch in _batches(ids, STORED_BATCH):
            for course_id, vector in (await self._index.vectors(batch)).items():
                means.count(course_id, vector, self._topics(course_id))
        self._means, self._catalogue.topic_means = means, means.of_topics()
        if is_due:
            self._catalogue.mean, self._averaged = means.whole.mean, means.whole.count

    def _topics(self, course_id: str) -> tuple[str, ...]:
        course = self._catalogue.courses.get(course_id)
        return () if course is None else course.topics


def _batches(course_ids: Iterable[str], size: int) -> Iterator[list[str]]:
    ids = list(course_ids)
    return (ids[start : start + size] for start in range(0, len(ids), size))
