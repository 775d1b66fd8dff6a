"""Keeps the index equal to the catalogue: what changed is embedded and written in batches, what is gone is removed."""

import asyncio
import logging
from collections.abc import Iterable, Iterator

from schemas.course import Course
from services.recommender.adapters.catalogue import ViewedCatalogue
from services.recommender.core.documents import changes, content_hash, embedded_text, words_text
from services.recommender.core.lanes import mean_of
from services.recommender.core.values import Entry
from services.recommender.metrics import EMBEDDED, INDEX_BEHIND, INDEX_COURSES
from services.recommender.ports import Embedder, Index, Words
from services.runtime.outcome import Unavailable

BATCH = 16  # courses embedded at once: about 3 s of the local embedder, so that a stop is not kept waiting
FIRST_NAP_S, LONGEST_NAP_S = 0.5, 30.0

log = logging.getLogger(__name__)


class IndexKeeper:
    """One for one index. What it holds is known from the store once, then followed."""

    def __init__(self, catalogue: ViewedCatalogue, embedder: Embedder, words: Words, index: Index) -> None:
        self._catalogue = catalogue
        self._embedder = embedder
        self._words = words
        self._index = index
        self._held: dict[str, str] | None = None
        self._averaged = 0
        self.caught_up = asyncio.Event()

    async def catch_up(self) -> None:
        """Make the index equal to the catalogue as it is now.

        Raises:
            Unavailable: the store or the embedder is away; what was written stays, the rest is done by the next call.
        """
        self._catalogue.changed.clear()
        if self._held is None:
            self._held = await self._index.hashes()
        due = changes(self._catalogue.open_hashes, self._held)
        INDEX_BEHIND.set(len(due.write) + len(due.remove))
        if due.remove:
            await self._index.remove(due.remove)
            for course_id in due.remove:
                del self._held[course_id]
        for batch in _batches(due.write):
            await self._write([self._catalogue.courses[each] for each in batch if each in self._catalogue.open_hashes])
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
                self._catalogue.changed.set()
                await asyncio.sleep(nap_s)
                nap_s = min(nap_s * 2, LONGEST_NAP_S)

    async def _write(self, courses: list[Course]) -> None:
        if not courses or self._held is None:
            return
        vectors = await self._embedder.passages([embedded_text(each) for each in courses])
        entries = [
            Entry(
                course_id=each.id,
                content_hash=content_hash(each),
                language=each.language,
                level=each.level,
                topics=each.topics,
                vector=vector,
                terms=self._words.document(words_text(each), each.language),
            )
            for each, vector in zip(courses, vectors, strict=True)
        ]
        await self._index.write(entries)
        self._held |= {each.course_id: each.content_hash for each in entries}
        EMBEDDED.inc(len(entries))
        INDEX_BEHIND.dec(len(entries))

    async def _average(self) -> None:
        """The mean of the vectors, taken anew only when the index has doubled, so that it hardly ever moves."""
        held = self._held or {}
        if self._catalogue.mean is not None and len(held) < 2 * self._averaged:
            return
        vectors = [each for batch in _batches(sorted(held)) for each in (await self._index.vectors(batch)).values()]
        self._catalogue.mean, self._averaged = mean_of(vectors), len(vectors)


def _batches(course_ids: Iterable[str]) -> Iterator[list[str]]:
    ids = list(course_ids)
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
