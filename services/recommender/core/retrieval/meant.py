"""By what the person's own words mean: the sum of their vectors, each weighed as its words are.

Each text is embedded by itself, so that the title of a page that many read is embedded once for all of them.
"""

from collections.abc import Sequence

from schemas.recommendation import ImaginedCourse
from services.recommender.core.hearing import Saying
from services.recommender.core.person import Person
from services.recommender.core.retrieval.known import Known
from services.recommender.core.retrieval.retriever import Searching
from services.recommender.core.retrieval.vectors import direction
from services.recommender.core.values import Vector


def texts(person: Person, imagined: ImaginedCourse | None) -> Sequence[str]:  # noqa: ARG001 the signature of all
    """What the person said; the titles of their topics only where they said nothing."""
    return [each.text for each in _sayings(person)]


def query(person: Person, known: Known) -> Vector | None:
    """The direction of all of it; None where nothing was said, or not all of it is embedded."""
    sayings = _sayings(person)
    if not all(each.text in known.embedded for each in sayings):
        return None
    return direction(((each.weight, known.embedded[each.text]) for each in sayings), known.mean)


def _sayings(person: Person) -> Sequence[Saying]:
    return [each for each in person.sayings if each.source != "topic"] or person.sayings


MEANT = Searching("meant", "near", query, texts)
