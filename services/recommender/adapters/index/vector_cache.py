"""The vectors of catalog.vectors in memory, for one embedder: fed record by record, and what is made here published."""

from collections.abc import Sequence
from typing import Protocol

from schemas.topics import CATALOG_VECTORS, Topic
from schemas.vector import CourseVector, packed, unpacked, vector_key
from services.recommender.core.retrieval.vectors import is_direction
from services.recommender.core.values import Stored, Vector
from services.runtime.outcome import Message, Send

TOPICS = (CATALOG_VECTORS,)


class Publisher(Protocol):
    """What puts records on topics and waits for the broker's word."""

    async def send(self, sends: Sequence[Send]) -> None:
        """Put every event on its topic. Raises `Unavailable`."""
        ...

    async def send_raw(self, topic: Topic, key: bytes | None, value: bytes | None) -> None:
        """Put bytes on a topic; a value of None is a tombstone. Raises `Unavailable`."""
        ...


class VectorShelf:
    """One embedder's vectors, 4 bytes a value; of other embedders only the keys, to tombstone them one day.

    Without a publisher the topic is only read: what is made and dropped here is of this process alone.
    """

    def __init__(self, embedder: str, dimension: int, publisher: Publisher | None = None) -> None:
        self._embedder = embedder
        self._dimension = dimension
        self._publisher = publisher
        self._held: dict[str, CourseVector] = {}
        self._others: set[bytes] = set()
        self._unsent: list[CourseVector] = []
        self._undropped: list[bytes] = []

    def apply(self, message: Message) -> None:
        """Take one record of the topic."""
        event: CourseVector | None = message.event
        key = message.key or b""
        if event is None:
            self._others.discard(key)
            self._forget(key.decode("utf-8", "replace"))
        elif (event.embedder, event.dimension) == (self._embedder, self._dimension):
            self._held[event.course_id] = event
        else:
            self._others.add(key)

    def get(self, course_id: str, text_hash: str) -> Vector | None:
        """The vector of the course's text; what cannot be indexed is not there, and is made anew."""
        held = self._held.get(course_id)
        if held is None or held.text_hash != text_hash:
            return None
        vector = unpacked(held.vector, self._dimension)
        return vector if vector is not None and is_direction(vector, self._dimension) else None

    async def put(self, made: Sequence[Stored]) -> None:
        """Keep and publish."""
        events = [self._event(each) for each in made]
        self._held |= {each.course_id: each for each in events}
        self._unsent += events
        await self.flush()

    async def flush(self) -> None:
        """Publish what only this process knows: what was dropped, then what was made."""
        if self._publisher is None:
            self._undropped.clear()
            self._unsent.clear()
            return
        while self._undropped:
            await self._publisher.send_raw(CATALOG_VECTORS, self._undropped[0], None)
            del self._undropped[0]
        if self._unsent:
            await self._publisher.send([Send(CATALOG_VECTORS, each) for each in self._unsent])
            self._unsent.clear()

    async def drop(self, course_ids: Sequence[str]) -> None:
        """Tombstone the courses' vectors; of those that are not there nothing is said."""
        gone = [self._held.pop(each) for each in course_ids if each in self._held]
        self._unsent = [each for each in self._unsent if each not in gone]
        self._undropped += [vector_key(each).encode() for each in gone]
        await self.flush()

    async def drop_others(self) -> int:
        """Tombstone the vectors of every other embedder; how many there were."""
        if self._publisher is None:
            return 0
        others = sorted(self._others)
        for each in others:
            await self._publisher.send_raw(CATALOG_VECTORS, each, None)
            self._others.discard(each)
        return len(others)

    def _event(self, made: Stored) -> CourseVector:
        return CourseVector(
            course_id=made.course_id,
            embedder=self._embedder,
            dimension=self._dimension,
            text_hash=made.text_hash,
            vector=packed(made.vector),
        )

    def _forget(self, key: str) -> None:
        course_id = key.partition("|")[0]
        held = self._held.get(course_id)
        if held is not None and vector_key(held) == key:
            del self._held[course_id]
