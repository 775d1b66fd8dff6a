"""What the recommender asks the world for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from schemas.company import Company
from schemas.course import Course
from schemas.llm import Ask, Reply
from services.recommender.core.company.values import CompanyRead, NoPage, Page, Site
from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.retrieval.series import Series
from services.recommender.core.values import Entry, Hit, Search, Stored, Terms, Vector


class Model(Protocol):
    """The LLM; its troubles are replies. Raises `Unavailable` only where a paid answer could not be kept."""

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The answer, or why there is none, within so many seconds from when the call has its slot.

        With too few of them, or fewer than none, nothing is asked, and the reply says so.
        """
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
        """The vectors to be found by, one for each text, empty where there is none. Raises `Unavailable`."""
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
    """The open courses by vector and words: a cache of the catalogue. Every method raises `Unavailable`.

    An entry without a vector is found by words alone.
    """

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
        """The stored vectors of those courses that are there and have one."""
        ...

    async def close(self) -> None:
        """Let go of what is held."""
        ...


class Store(Protocol):
    """Where the generations of the index are kept, side by side, and which of them is in force."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes use it too."""
        ...

    async def prepare(self, generation: Generation) -> Index:
        """The generation's index, made where it is missing. Raises `Unavailable`, `Misconfigured`."""
        ...

    async def existing(self, generation: Generation) -> Index | None:
        """The generation's index as it is there; None where it is not, or does not open. Raises `Unavailable`."""
        ...

    async def current(self) -> Generation | None:
        """The generation in force: it was whole once. Raises `Unavailable`."""
        ...

    async def point(self, generation: Generation) -> None:
        """Put the generation in force, from one instant to the next. Raises `Unavailable`."""
        ...

    async def kept(self) -> tuple[Generation, ...]:
        """Every generation that is there, in order of their labels. Raises `Unavailable`."""
        ...

    async def drop(self, generation: Generation) -> None:
        """Take the generation away; one that is not there is no matter. Raises `Unavailable`."""
        ...

    async def close(self) -> None:
        """Let go of what is held, the indexes included."""
        ...


class Shelf(Protocol):
    """The courses' vectors of one embedder, made by whichever replica came first, kept for all of them."""

    def get(self, course_id: str, text_hash: str) -> Vector | None:
        """The vector of the course's text; None where this text was not embedded yet."""
        ...

    async def put(self, made: Sequence[Stored]) -> None:
        """Keep what was made, even where this raises. Raises `Unavailable`: the others do not have it yet."""
        ...

    async def flush(self) -> None:
        """Give the others what they do not have yet. Raises `Unavailable`."""
        ...

    async def drop(self, course_ids: Sequence[str]) -> None:
        """Forget courses that are gone for good. Raises `Unavailable`."""
        ...


class Catalogue(Protocol):
    """Every course, held in memory."""

    @property
    def courses(self) -> Mapping[str, Course]:
        """By course id, withdrawn ones included."""
        ...

    @property
    def series(self) -> Series:
        """Which courses build on others."""
        ...

    @property
    def mean(self) -> Vector | None:
        """The mean of the indexed vectors; None while there is none."""
        ...

    @property
    def topic_means(self) -> Mapping[str, Vector]:
        """The mean vector of each topic's courses."""
        ...

    @property
    def version(self) -> str:
        """32 hex digits: two catalogues of the same courses, withdrawn ones included, have the same."""
        ...


class PageReader(Protocol):
    """The front pages of other people's sites; every trouble is a reason, none is raised."""

    async def read(self, site: Site, *, within_s: float) -> Page | NoPage:
        """The text a reader sees, or why there is none, within so many seconds."""
        ...


class CompanyCache(Protocol):
    """What sites said, and why others said nothing, until a time. Every method but `close` raises `Unavailable`."""

    async def get(self, key: str, now: datetime) -> Company | None:
        """What is known under the key, if its time is not up."""
        ...

    async def put(self, key: str, company: Company, until: datetime) -> None:
        """Keep it until then, in place of what was there; a bounded number is kept."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


class Companies(Protocol):
    """Businesses by their sites; every trouble is a reason, none is raised."""

    async def about(self, site: Site, *, within_s: float) -> CompanyRead:
        """What the site says of its business, or why nothing, within so many seconds and the wait for a slot."""
        ...


class Clock(Protocol):
    """The time of day, and time that only goes forward."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def seconds(self) -> float:
        """Seconds since some instant: only differences mean anything."""
        ...
