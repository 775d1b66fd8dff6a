"""An embedder made of hashed words: texts that share words are near. Fast, exact, and the same everywhere."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.recommender.core.values import Vector


@dataclass(slots=True)
class FakeEmbedder:
    """A verified fake of the embedder; `embedded` are the passages it was asked for, in order."""

    dimension: int = 64
    name: str = "hashed-words-1"
    embedded: list[str] = field(default_factory=list)

    async def query(self, text: str) -> Vector:
        """The vector of the text's words."""
        return self._vector(text)

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """One vector for each text."""
        self.embedded.extend(texts)
        return tuple(self._vector(each) for each in texts)

    def _vector(self, text: str) -> Vector:
        values = [0.1] * self.dimension  # so that no text is nowhere, and scores crowd as real ones do
        for word in text.casefold().split():
            digest = hashlib.blake2b(word.strip(".,;:“”«»").encode("utf-8", "replace"), digest_size=4).digest()
            values[int.from_bytes(digest) % self.dimension] += 1.0
        length = math.sqrt(sum(value * value for value in values))
        return tuple(value / length for value in values)
