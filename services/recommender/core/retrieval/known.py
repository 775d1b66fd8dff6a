"""What was looked up for one person before the index is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from schemas.course import Course
from schemas.recommendation import ImaginedCourse
from services.recommender.core.values import Terms, Vector


@dataclass(frozen=True, slots=True)
class Known:
    """What queries are made of, beside the person.

    Attributes:
        courses: the catalogue's, by id.
        words: text and language to the terms to search with.
        imagined: the course a model imagined; None where none did.
        embedded: the vectors of the texts that retrievers asked for; empty where the embedder is away.
        stored: the vectors of the courses the person took, as far as they are in the index.
        mean: what is taken off each vector of a learner's query; None for leads: in a thin catalogue the ordinary
            courses are the ones wanted.
        topic_means: the mean vector of each topic's courses.
    """

    courses: Mapping[str, Course]
    words: Callable[[str, str], Terms]
    imagined: ImaginedCourse | None = None
    embedded: Mapping[str, Vector] = field(default_factory=dict)
    stored: Mapping[str, Vector] = field(default_factory=dict)
    mean: Vector | None = None
    topic_means: Mapping[str, Vector] = field(default_factory=dict)
