"""The catalogue of the whole topic in memory: fed record by record, asked per decision."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from schemas.course import Course
from schemas.errors import DecodeError
from schemas.topics import CATALOG_COURSES
from services.recommender.core.retrieval.documents import content_hash, fingerprint
from services.recommender.core.retrieval.series import Series
from services.recommender.core.values import Vector
from services.recommender.metrics import CATALOGUE_COURSES
from services.runtime.outcome import Message

log = logging.getLogger(__name__)

TOPICS = (CATALOG_COURSES,)
MODULUS = 2**128


class ViewedCatalogue:
    """Every course by id; `changed` is set whenever the index may be behind."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.mean: Vector | None = None
        self.topic_means: Mapping[str, Vector] = {}
        self.series = Series()
        self._courses: dict[str, Course] = {}
        self._hashes: dict[str, str] = {}
        self._topics: dict[str, tuple[str, ...]] = {}
        self._sum = 0

    @property
    def courses(self) -> Mapping[str, Course]:
        """By course id, withdrawn ones included."""
        return self._courses

    @property
    def open_hashes(self) -> Mapping[str, str]:
        """Course id → content hash of every open course: what the index ought to hold."""
        return self._hashes

    @property
    def courses_topics(self) -> Mapping[str, tuple[str, ...]]:
        """Course id → its topics."""
        return self._topics

    @property
    def version(self) -> str:
        """The sum of the courses' fingerprints."""
        return f"{self._sum % MODULUS:032x}"

    def apply(self, message: Message) -> None:
        """Take one record; a tombstone, or the status withdrawn, takes the course out of the index's view."""
        course: Course | None = message.event
        self._put(course.id if course is not None else _id_in(message.key), course)

    def undecodable(self, record: Any, error: DecodeError) -> None:
        """Take the course of a record that cannot be read out of sight: it may have been withdrawn, or be another."""
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.error("course_unreadable", extra={**where, "reason": str(error)})
        self._put(_id_in(record.key), None)

    def _put(self, course_id: str, course: Course | None) -> None:
        former = self._courses.pop(course_id, None)
        self._topics.pop(course_id, None)
        if former is not None:
            self._sum -= fingerprint(former)
            self.series.drop(former)
        if course is not None:
            self._courses[course_id] = course
            self._topics[course_id] = course.topics
            self._sum += fingerprint(course)
            self.series.put(course)
        if course is not None and course.status == "open":
            self._hashes[course_id] = content_hash(course)
        else:
            self._hashes.pop(course_id, None)
        CATALOGUE_COURSES.set(len(self._courses))
        self.changed.set()


def _id_in(key: bytes | None) -> str:
    return (key or b"").decode("utf-8", "replace")
