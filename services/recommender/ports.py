"""What the recommender asks the world for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from schemas.course import Course
from schemas.llm import Ask, Reply
from services.recommender.core.values import Entry, Hit, Search, Terms, Vector


class Model(Protocol):
    """The LLM; every trouble is a reply, none is raised."""

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The answer, or why there is none, within so many seconds from when the call has its slot."""
        ...


class Embedder(Protocol):
    """Text to vectors of unit length; `name` changes whenever the vectors would."""

    @property
    def name(self) -> str:
        """The model with its version, as part of the index generation's name."""
        ...

    @property
    def dimension(self) -> int:
        """The length of every vector."""
        ...

    async def query(self, text: str) -> Vector:
        """The vector to search with. Raises `Unavailable`."""
        ...

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """The vectors to be found by, one for each text. Raises `Unavailable`."""
        ...


class Words(Protocol):
    """Text to sparse vectors whose product, with the index's inverse document frequency, is BM25."""

    @property
    def name(self) -> str:
        """The tokenizer with its version and constants, as part of the index generation's name."""
        ...

    def document(self, text: str, language: str) -> Terms:
        """The terms of a course, by how often they occur."""
        ...

    def query(self, text: str, language: str) -> Terms:
        """The terms to search with, each of weight 1."""
        ...


class Index(Protocol):
    """The open courses by vector and words: a cache of the catalogue. Every method raises `Unavailable`."""

    @property
    def generation(self) -> str:
        """Embedding model, version and tokenizer: entries of two generations never meet."""
        ...

    async def hashes(self) -> dict[str, str]:
        """Course id → content hash of every entry."""
        ...

    async def write(self, entries: Sequence[Entry]) -> None:
        """Put the entries in, in place of what their courses had."""
        ...

    async def remove(self, course_ids: Sequence[str]) -> None:
        """Take the courses out; those that are not there are no matter."""
        ...

    async def search(self, searches: Sequence[Search]) -> tuple[tuple[Hit, ...], ...]:
        """The hits of each search, best first, ties by course id."""
        ...

    async def vectors(self, course_ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors of those courses that are there."""
        ...

    async def close(self) -> None:
        """Let go of what is held."""
        ...


class Catalogue(Protocol):
    """Every course, held in memory."""

    @property
    def courses(self) -> Mapping[str, Course]:
        """By course id, withdrawn ones included."""
        ...

    @property
    def mean(self) -> Vector | None:
        """The mean of the indexed vectors; None while there is none."""
        ...


class Clock(Protocol):
    """The time of day, and time that only goes forward."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def seconds(self) -> float:
        """Seconds since some instant: only differences mean anything."""
        ...
