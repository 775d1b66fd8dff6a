"""Two generations of the index in one: the one in force answers while the wanted one is filled, then they swap.

Between a start with another embedder or tokenizer and the swap, what the generation in force does not understand is
left out: no list by meaning, or none by words. The rung of each decision says so, and there is an answer at every
instant.
Where none is in force, the wanted one is as soon as its words are in, and its vectors join as they are made.
"""

import asyncio
import logging
from collections.abc import Sequence

from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.values import Entry, Hit, Search, Terms, Vector
from services.recommender.metrics import SWAPS
from services.recommender.ports import Embedder, Index, Store, Words
from services.runtime.outcome import Misconfigured, Unavailable

COVERED = 0.5  # of the courses: what comes first is no choice, so that half of them are like all of them

log = logging.getLogger(__name__)


class Generations:
    """An index: what is written goes to the wanted generation, what is asked is answered by the one in force."""

    def __init__(self, store: Store, wanted: Generation, target: Index) -> None:
        self._store = store
        self._wanted = wanted
        self._target = target
        self._answering = target
        self.spoken = wanted
        self.in_force = asyncio.Event()
        self._has_swapped = False
        self._covered = 1.0

    async def look(self) -> None:
        """Let the generation in force answer, where there is one."""
        current = await self._store.current()
        if current is None:
            return
        found = self._target if current == self._wanted else await self._store.existing(current)
        if found is not None:
            self._answering, self.spoken = found, current
            self.in_force.set()

    @property
    def is_in_force(self) -> bool:
        """Whether there is one: `in_force` is set then."""
        return self.in_force.is_set()

    @property
    def is_replacing(self) -> bool:
        """Whether another one answers while the wanted one fills."""
        return self.is_in_force and self._answering is not self._target

    @property
    def generation(self) -> str:
        """The one that answers."""
        return self._answering.generation

    async def hashes(self) -> dict[str, str]:
        """Of the wanted one."""
        return await self._target.hashes()

    async def write(self, entries: Sequence[Entry]) -> None:
        """Into the wanted one."""
        await self._target.write(entries)

    async def remove(self, course_ids: Sequence[str]) -> None:
        """Out of both: a withdrawn course returns from neither."""
        if self._answering is not self._target:
            await self._answering.remove(course_ids)
        await self._target.remove(course_ids)

    async def search(self, searches: Sequence[Search]) -> tuple[tuple[Hit, ...], ...]:
        """By the one that answers."""
        return await self._answering.search(searches)

    async def vectors(self, course_ids: Sequence[str]) -> dict[str, Vector]:
        """Of the one that answers."""
        return await self._answering.vectors(course_ids)

    async def swap(self) -> bool:
        """Put the wanted generation in force, now that it may answer; False where it was.

        1. The alias is moved. 2. This process asks the wanted one, with no instant between.
        """
        if self.is_in_force and self._answering is self._target:
            return False
        was = self.generation if self.is_in_force else None
        await self._store.point(self._wanted)  # 1
        self._answering, self.spoken = self._target, self._wanted  # 2
        self.in_force.set()
        self._has_swapped = True
        SWAPS.inc()
        log.info("generation in force", extra={"generation": self.generation, "before": was})
        return True

    async def tidy(self) -> tuple[Generation, ...]:
        """Drop every generation but the wanted one; none while another is in force, here or by another's word.

        In a store that others use, only after a swap of this process: what is there beside may be filling.
        """
        if self._store.is_shared and not self._has_swapped:
            return ()
        if self._answering is not self._target or await self._store.current() != self._wanted:
            return ()
        stale = tuple(each for each in await self._store.kept() if each != self._wanted)
        for each in stale:
            await self._store.drop(each)
            log.info("generation dropped", extra={"generation": each.label})
        return stale

    async def close(self) -> None:
        """Close the store with everything in it."""
        await self._store.close()

    @property
    def has_embedder(self) -> bool:
        """Whether the generation that answers was made with the wanted embedder."""
        now, wanted = self.spoken, self._wanted
        return (now.embedder, now.dimension) == (wanted.embedder, wanted.dimension)

    def cover(self, share: float) -> None:
        """Know that so much of the wanted generation's courses has a vector, 0 to 1."""
        self._covered = share

    @property
    def has_vectors(self) -> bool:
        """Whether enough courses of the generation that answers have a vector to be told near from far by.

        The nearest of the few that have one, at a first start, may be far from all that is asked for.
        """
        return self._answering is not self._target or self._covered >= COVERED

    @property
    def has_words(self) -> bool:
        """Whether the generation that answers was made with the wanted tokenizer."""
        return self.spoken.words == self._wanted.words


class SpokenEmbedder:
    """The embedder, silent as long as the generation that answers was made with another, or has few vectors yet."""

    def __init__(self, embedder: Embedder, generations: Generations) -> None:
        self.name = embedder.name
        self.dimension = embedder.dimension
        self._embedder = embedder
        self._generations = generations

    async def query(self, text: str) -> Vector:
        """The vector to search with."""
        if not self._generations.has_embedder:
            raise Unavailable("the index in force was made with another embedder; the one of this embedder is filling")
        if not self._generations.has_vectors:
            raise Unavailable(f"fewer than {COVERED:.0%} of the courses have their vector yet")
        return await self._embedder.query(text)

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """The vectors to be found by."""
        return await self._embedder.passages(texts)


class SpokenWords:
    """The tokenizer, with no terms to search by as long as the generation that answers was made with another."""

    def __init__(self, words: Words, generations: Generations) -> None:
        self.name = words.name
        self._words = words
        self._generations = generations

    def document(self, text: str, language: str) -> Terms:
        """The terms of a course."""
        return self._words.document(text, language)

    def query(self, text: str, language: str) -> Terms:
        """The terms to search with."""
        return self._words.query(text, language) if self._generations.has_words else Terms((), ())


async def open_generations(store: Store, embedder: Embedder, words: Words) -> Generations:
    """The index of this embedder and tokenizer in the store; where another is in force, that one answers at first.

    Raises:
        Misconfigured: the store refuses the key, or holds what is not ours.
        Unavailable: the store is away.
    """
    wanted = Generation.of(embedder.name, embedder.dimension, words.name)
    try:
        made = Generations(store, wanted, await store.prepare(wanted))
        await made.look()
    except (Unavailable, Misconfigured):
        await store.close()
        raise
    return made
