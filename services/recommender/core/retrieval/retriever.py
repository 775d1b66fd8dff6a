"""A retriever: one ranked list of a decision. Each is one object in one file: its name, its query, its scores.

What it counts and how many courses it finds stand by its name in `weights.RETRIEVERS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from schemas.recommendation import ImaginedCourse
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.retrieval.known import Known
from services.recommender.core.rounding import to_five
from services.recommender.core.values import Filter, Hit, Scores, Search, Terms, Vector
from services.recommender.core.weights import RETRIEVERS

Query: TypeAlias = Callable[[Person, Known], Vector | Terms | None]
Texts: TypeAlias = Callable[[Person, ImaginedCourse | None], Sequence[str]]


def no_texts(person: Person, imagined: ImaginedCourse | None) -> Sequence[str]:  # noqa: ARG001 the signature of all
    """Nothing has to be embedded for it."""
    return ()


def everywhere(person: Person, where: Filter) -> Filter:  # noqa: ARG001 the signature of all
    """It looks among all courses that the person may get."""
    return where


@dataclass(frozen=True, slots=True)
class Searching:
    """One that asks the index. `kind` says what its hits' scores are: cosines, or BM25.

    Attributes:
        name: as decisions and pages show it.
        kind: `near` or `words`.
        query: what it asks by; None, or no terms: it has nothing to ask by.
        texts: what has to be embedded for its query.
        within: among which courses it looks.
    """

    name: str
    kind: Literal["near", "words"]
    query: Query
    texts: Texts = no_texts
    within: Callable[[Person, Filter], Filter] = everywhere

    def search(self, person: Person, known: Known, where: Filter) -> Search | None:
        """What it asks of the index; None where it is not asked of this person, or has nothing to ask by."""
        if not weight_of(self.name, person, is_advised=known.imagined is not None):
            return None
        near = self.query(person, known)
        if near is None or (isinstance(near, Terms) and not near.ids):
            return None
        weights = RETRIEVERS[self.name]
        return Search(near, self.within(person, where), weights.hits if person.history else weights.lead_hits)

    def scores(self, hits: Sequence[Hit], offset: float = 0.0) -> dict[str, float]:
        """What its hits are worth; what is not similar at all is left out.

        `offset` is what every similarity has too much: the query is without the mean, the stored vectors are with it.
        """
        return {each: worth for each, score in hits if (worth := to_five(score - offset)) > 0}


@dataclass(frozen=True, slots=True)
class Counting:
    """One that reads what everybody's behaviour says, and asks no index."""

    name: str
    scores: Callable[[Person, Market], Scores]


def weight_of(name: str, person: Person, *, is_advised: bool) -> float:
    """What a retriever counts for this person; `is_advised`: a model imagined a course."""
    weights = RETRIEVERS[name]
    if person.history:
        return weights.learner
    return weights.advised if is_advised else weights.lead


def offset_of(search: Search, mean: Vector | None) -> float:
    """The part of the mean in every similarity of this search: 0 for words, and where no mean was taken off."""
    if mean is None or isinstance(search.near, Terms) or len(mean) != len(search.near):
        return 0.0
    return sum(a * b for a, b in zip(search.near, mean, strict=True))


Lists: TypeAlias = Mapping[str, Scores]
"""Retriever → what it says of the courses it found."""
