"""By the words the person said, read or took, each by where it comes from."""

from services.recommender.core.person import Person
from services.recommender.core.retrieval.known import Known
from services.recommender.core.retrieval.retriever import Searching
from services.recommender.core.retrieval.stop_words import content
from services.recommender.core.retrieval.terms import heaviest
from services.recommender.core.values import Terms


def query(person: Person, known: Known) -> Terms:
    """The terms of all sayings that may name a subject."""
    language = person.language
    return heaviest((each.weight, known.words(content(each.text, language), language)) for each in person.sayings)


SAID = Searching("said", "words", query)
