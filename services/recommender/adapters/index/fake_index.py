"""An index in memory, exact, and a store of such: for tests, and the measure of the real ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.recommender.core.ranking.fusion import in_order
from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.values import Entry, Filter, Hit, Search, Terms, Vector
from services.runtime.outcome import Unavailable


@dataclass(slots=True)
class FakeIndex:
    """A verified fake of the index; `is_away` makes every call raise."""

    generation: str = "fake"
    is_away: bool = False
    entries: dict[str, Entry] = field(default_factory=dict)

    async def hashes(self) -> dict[str, str]:
        """Course id → content hash of every entry."""
        self._answer()
        return {each.course_id: each.content_hash for each in self.entries.values()}

    async def write(self, entries: Sequence[Entry]) -> None:
        """Put the entries in."""
        self._answer()
        self.entries |= {each.course_id: each for each in entries}

    async def remove(self, course_ids: Sequence[str]) -> None:
        """Take the courses out."""
        self._answer()
        for each in course_ids:
            self.entries.pop(each, None)

    async def search(self, searches: Sequence[Search]) -> tuple[tuple[Hit, ...], ...]:
        """The hits of each search."""
        self._answer()
        return tuple(in_order(self._hits(each), each.limit) for each in searches)

    async def vectors(self, course_ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors."""
        self._answer()
        found = ((each, self.entries[each].vector) for each in course_ids if each in self.entries)
        return {course_id: vector for course_id, vector in found if vector is not None}

    async def close(self) -> None:
        """Nothing is held."""

    def _hits(self, search: Search) -> list[Hit]:
        admitted = [each for each in self.entries.values() if _admits(search.where, each)]
        if isinstance(search.near, Terms):
            idf = self._inverse_frequencies(search.near)
            scored = [Hit(each.course_id, _product(search.near, each.terms, idf)) for each in admitted]
            return [hit for hit in scored if hit.score > 0]
        held = ((each.course_id, each.vector) for each in admitted)
        fitting = ((each, vector) for each, vector in held if vector is not None and len(vector) == len(search.near))
        return [Hit(course_id, _cosine(search.near, vector)) for course_id, vector in fitting]

    def _inverse_frequencies(self, terms: Terms) -> dict[int, float]:
        """ln((N - n + 0.5) / (n + 0.5) + 1), as the engine's modifier has it."""
        count = len(self.entries)
        holding = {term: sum(term in each.terms.ids for each in self.entries.values()) for term in terms.ids}
        return {term: math.log((count - n + 0.5) / (n + 0.5) + 1) for term, n in holding.items()}

    def _answer(self) -> None:
        if self.is_away:
            raise Unavailable("the index is away")


@dataclass(slots=True)
class FakeStore:
    """A verified fake of the store; `is_away` makes every call raise."""

    is_away: bool = False
    indexes: dict[Generation, FakeIndex] = field(default_factory=dict)
    in_force: Generation | None = None
    is_shared: bool = False

    async def prepare(self, generation: Generation) -> FakeIndex:
        """The generation's index, made where it is missing."""
        self._answer()
        return self.indexes.setdefault(generation, FakeIndex(generation.label))

    async def existing(self, generation: Generation) -> FakeIndex | None:
        """The generation's index as it is there."""
        self._answer()
        return self.indexes.get(generation)

    async def current(self) -> Generation | None:
        """The generation in force."""
        self._answer()
        return self.in_force

    async def point(self, generation: Generation) -> None:
        """Put the generation in force."""
        self._answer()
        self.in_force = generation

    async def kept(self) -> tuple[Generation, ...]:
        """Every generation."""
        self._answer()
        return tuple(sorted(self.indexes, key=lambda each: each.label))

    async def drop(self, generation: Generation) -> None:
        """Take the generation away."""
        self._answer()
        self.indexes.pop(generation, None)

    async def close(self) -> None:
        """Nothing is held."""

    def _answer(self) -> None:
        if self.is_away:
            raise Unavailable("the store is away")


def _admits(where: Filter, entry: Entry) -> bool:
    is_of_topic = not where.topics or bool(set(where.topics) & set(entry.topics))
    return is_of_topic and entry.language in where.languages and entry.course_id not in where.without


def _cosine(left: Vector, right: Vector) -> float:
    lengths = math.sqrt(sum(value * value for value in left) * sum(value * value for value in right))
    return sum(a * b for a, b in zip(left, right, strict=True)) / lengths if lengths else 0.0


def _product(query: Terms, document: Terms, idf: dict[int, float]) -> float:
    held = dict(zip(document.ids, document.weights, strict=True))
    return sum(weight * idf[term] * held.get(term, 0.0) for term, weight in zip(query.ids, query.weights, strict=True))
