"""An embedder that embeds no short text twice: the titles that many leads read come back in every decision."""

import asyncio
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from weakref import WeakValueDictionary

from services.recommender.core.values import Vector
from services.recommender.ports import Embedder
from services.runtime.metrics import CACHE

QUERY_TEXTS = "query_texts"
KEPT = 4_096  # texts: about 13 MB of vectors of 384 numbers
LONGEST = 120  # characters of what is kept: titles are short, and what a person wrote freely does not come back


class RememberedEmbedder:
    """Asks the other what it has not asked before, once for all who wait; the least lately asked for is forgotten."""

    def __init__(self, embedder: Embedder, kept: int = KEPT) -> None:
        self.name = embedder.name
        self.dimension = embedder.dimension
        self._embedder = embedder
        self._kept = kept
        self._vectors: OrderedDict[str, array[float]] = OrderedDict()
        self._making: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def query(self, text: str) -> Vector:
        """The vector to search with. Raises `Unavailable`; what failed is not remembered."""
        if len(text) > LONGEST:
            CACHE.labels(QUERY_TEXTS, "miss").inc()
            return await self._embedder.query(text)
        async with self._making.setdefault(text, asyncio.Lock()):
            known = self._vectors.get(text)
            CACHE.labels(QUERY_TEXTS, "miss" if known is None else "hit").inc()
            if known is not None:
                self._vectors.move_to_end(text)
                return tuple(known)
            return await self._made(text)

    async def _made(self, text: str) -> Vector:
        vector = await self._embedder.query(text)
        self._vectors[text] = array("d", vector)
        if len(self._vectors) > self._kept:
            self._vectors.popitem(last=False)
        return vector

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """The vectors to be found by, each made anew: courses are kept elsewhere. Raises `Unavailable`."""
        return await self._embedder.passages(texts)
