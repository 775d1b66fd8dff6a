"""Keeps the index equal to the catalogue: what changed is embedded and written in batches, what is gone is removed.

Words come first: a course that the index does not have yet is found by them at once, and its vector joins when it is
made. Where another generation answers meanwhile, this one has the time to be whole first.
"""

import asyncio
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.course import Course
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.index.generations import Generations
from services.recommender.adapters.index.progress import Progress
from services.recommender.core.retrieval.centroids import Means
from services.recommender.core.retrieval.documents import (
    changes,
    content_hash,
    embedded_text,
    has_vector,
    lacks_words,
    text_hash,
    words_only,
    words_text,
)
from services.recommender.core.retrieval.vectors import is_direction, turned
from services.recommender.core.values import Entry, Stored, Vector
from services.recommender.metrics import EMBEDDED, NO_VECTOR, VECTORS_TAKEN
from services.recommender.ports import Embedder, Index, Shelf, Words
from services.runtime.metrics import CACHE
from services.runtime.outcome import Unavailable

BATCH = 16  # courses embedded and published at once: about 3 s of the local embedder
STORED_BATCH = 256  # courses written at once whose vectors are there

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a keeper works beside others.

    `shelf` holds the vectors of all, None: every text is embedded here; `force` is told when the index may answer,
    None: it answers always; `place` names this replica, and sets where it begins to embed; `progress` is told of all.
    """

    shelf: Shelf | None = None
    force: Generations | None = None
    place: str = ""
    progress: Progress | None = None


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
        self._shelf, self._force = sharing.shelf, sharing.force
        self._progress = sharing.progress or Progress()
        self._start = zlib.crc32(sharing.place.encode())
        self._held: dict[str, str] | None = None
        self._averaged, self._is_mean_young = 0, False
        self._is_ahead = False
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
        refused: set[tuple[str, str]] = set()
        try:
            while not await self._gone_through(refused):
                continue
        except Unavailable as error:  # the store is asked anew: it may have lost some, or taken what it did not ack
            self._held, self._means = None, None
            self._progress.stuck(str(error))
            raise
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

    async def _gone_through(self, refused: set[tuple[str, str]]) -> bool:
        """Do what is due; False where there is more: what is new, or gone, meanwhile is not kept waiting.

        `refused` are courses by id and content hash for which no vector came: they are not asked for again.
        """
        self._catalogue.changed.clear()
        if self._shelf is not None:
            await self._shelf.flush()
        held = await self._index.hashes() if self._held is None else self._held
        self._held = held
        self._tell_force(held)
        wanted = self._catalogue.open_hashes
        due = changes(wanted, held)
        self._progress.due(len(due.write) + len(due.remove), held)
        await self._remove(due.remove, held)
        there = [each for each in due.write if self._vector(each) is not None]
        for batch in _batches(there, STORED_BATCH):
            await self._write(batch, held, refused)
        missing = sorted({each for each in due.write if (each, wanted.get(each, "")) not in refused} - {*there})
        if self._force is None or not self._force.is_replacing:
            await self._write_words([each for each in missing if lacks_words(wanted.get(each), held.get(each))], held)
            await self._put_in_force()
        if not await self._embed(turned(missing, self._start), held, refused):
            return False
        if self._is_ahead:  # a replica that began beside may have put words over vectors of ours, and then have ended
            self._held, self._is_ahead = None, False
            return False
        await self._put_in_force()
        self._settle_mean()
        self._progress.whole(held)
        return True

    async def _put_in_force(self) -> None:
        if self._force is not None and await self._force.swap():
            self._catalogue.mean, self._catalogue.topic_means, self._means = None, {}, None
        await self._average()

    def _tell_force(self, held: Mapping[str, str]) -> None:
        if self._force is not None and held:
            self._force.cover(sum(map(has_vector, held.values())) / len(held))

    async def _embed(self, course_ids: Sequence[str], held: dict[str, str], refused: set[tuple[str, str]]) -> bool:
        """Make the vectors a batch at a time; False where the catalogue changed before the last."""
        self._progress.embedding()
        for batch in _batches(course_ids, BATCH):
            await self._write(batch, held, refused)
            await self._average()
            self._progress.embedded(len(batch))
            if self._catalogue.changed.is_set():
                return False
        return True

    async def _write_words(self, course_ids: Sequence[str], held: dict[str, str]) -> None:
        """Index the courses by words alone, until their vectors are made."""
        for batch in _batches(course_ids, STORED_BATCH):
            await self._put(self._open(batch), {}, held)
        if course_ids:
            self._is_ahead = True
            self._progress.written(0, held)
            log.info("words indexed", extra={"courses": len(course_ids)})

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

    async def _write(self, course_ids: Sequence[str], held: dict[str, str], refused: set[tuple[str, str]]) -> None:
        """Index the courses as they are now, those for which no vector comes by their words."""
        courses = self._open(course_ids)
        vectors = await self._vectors(courses) if courses else {}
        await self._put(courses, vectors, held)
        refused |= {(each.id, content_hash(each)) for each in courses if each.id not in vectors}
        self._progress.written(len(course_ids), held)

    def _open(self, course_ids: Iterable[str]) -> list[Course]:
        """The courses that are open still; the others are no matter of this call."""
        return [self._catalogue.courses[each] for each in course_ids if each in self._catalogue.open_hashes]

    async def _put(self, courses: Sequence[Course], vectors: Mapping[str, Vector], held: dict[str, str]) -> None:
        if not courses:
            return
        entries = [self._entry(each, vectors.get(each.id)) for each in courses]
        ids = [each.course_id for each in entries]
        was = await self._answering(ids)
        await self._index.write(entries)
        held |= {each.course_id: each.content_hash for each in entries}
        self._tell_force(held)
        self._renew(ids, was, await self._answering(ids))

    async def _vectors(self, courses: Sequence[Course]) -> dict[str, Vector]:
        """The vector of each course: from the shelf, where another replica may just have put it, or made."""
        found = {each.id: vector for each in courses if (vector := self._vector(each.id)) is not None}
        VECTORS_TAKEN.inc(len(found))
        CACHE.labels("vectors", "hit").inc(len(found))
        missing = [each for each in courses if each.id not in found]
        rows = await self._embedder.passages([embedded_text(each) for each in missing])
        EMBEDDED.inc(len(rows))
        CACHE.labels("vectors", "miss").inc(len(rows))
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

    def _entry(self, course: Course, vector: Vector | None) -> Entry:
        content = content_hash(course)
        return Entry(
            course_id=course.id,
            content_hash=words_only(content) if vector is None else content,
            language=course.language,
            level=course.level,
            topics=course.topics,
            vector=vector,
            terms=self._words.document(words_text(course), course.language),
        )

    async def _answering(self, course_ids: Sequence[str]) -> dict[str, Vector]:
        """The courses' vectors in the index that answers, as long as there are means that these belong to."""
        return await self._index.vectors(course_ids) if self._means is not None and course_ids else {}

    def _renew(self, course_ids: Sequence[str], was: Mapping[str, Vector], now: Mapping[str, Vector]) -> None:
        """Bring the means of the courses' topics up to date: the cost is that of the courses, not of the topics."""
        if self._means is None:
            return
        touched: set[str] = set()
        for each in course_ids:
            touched |= self._means.move(each, was.get(each), now.get(each), self._topics(each))
        self._catalogue.topic_means = self._means.renewed(self._catalogue.topic_means, touched)

    async def _average(self) -> None:
        """The mean of the vectors, renewed only when they have doubled, so that it hardly ever moves.

        All are read where the means may have missed a change; else they are followed, vector by vector.
        """
        if self._means is None:
            means = Means()
            for batch in _batches(sorted(self._catalogue.open_hashes), STORED_BATCH):
                for course_id, vector in (await self._index.vectors(batch)).items():
                    means.count(course_id, vector, self._topics(course_id))
            self._means, self._catalogue.topic_means = means, means.of_topics()
        if self._catalogue.mean is None or self._means.whole.count >= 2 * self._averaged:
            self._is_mean_young = True
            self._take_mean(self._means)

    def _settle_mean(self) -> None:
        """Take it once more at the end of a stretch in which it was renewed: of the whole, not of the half."""
        if self._is_mean_young and self._means is not None:
            self._take_mean(self._means)
        self._is_mean_young = False

    def _take_mean(self, means: Means) -> None:
        if means.whole.count:
            self._catalogue.mean, self._averaged = means.whole.mean, means.whole.count

    def _topics(self, course_id: str) -> tuple[str, ...]:
        course = self._catalogue.courses.get(course_id)
        return () if course is None else course.topics


def _batches(course_ids: Iterable[str], size: int) -> Iterator[list[str]]:
    ids = list(course_ids)
    return (ids[start : start + size] for start in range(0, len(ids), size))
